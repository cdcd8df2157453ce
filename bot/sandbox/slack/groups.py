"""The user groups of the workspace: who is in each, over restarts, and what an app is told when that changes.

Source: docs.slack.dev, usergroups.list, subteam_updated, subteam_members_changed.
"""

from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox import company
from bot.sandbox.shelf import Shelf

Json = dict[str, Any]
MOST_NAMED = 500
"""Members that an event or a list names; `user_count` counts all."""


class UserGroups:
    """All groups."""

    def __init__(self, shelf: Shelf, clock: Callable[[], float]) -> None:
        self._shelf = shelf
        self._clock = clock
        begun = int(clock())
        self._groups: dict[str, Json] = {
            each.id: {"users": list(each.members), "date_create": begun, "date_update": begun}
            for each in company.GROUPS
        }
        self._groups |= dict(shelf.items("slack/groups"))

    def members(self, group: str) -> tuple[str, ...]:
        """Answer the ids of those in a group. Raises KeyError when there is none."""
        return tuple(self._groups[group]["users"])

    def shown(self, group: company.Group) -> Json:
        """Answer a group as the Web API and the events show it."""
        kept = self._groups[group.id]
        return {
            "id": group.id,
            "team_id": company.TEAM,
            "is_usergroup": True,
            "is_subteam": True,
            "name": group.name,
            "description": group.description,
            "handle": group.handle,
            "is_external": False,
            "date_create": kept["date_create"],
            "date_update": kept["date_update"],
            "date_delete": 0,
            "auto_type": None,
            "created_by": company.USERS[-2].id,
            "updated_by": company.USERS[-2].id,
            "deleted_by": None,
            "prefs": {"channels": [], "groups": []},
            "users": kept["users"][:MOST_NAMED],
            "user_count": len(kept["users"]),
        }

    def change(self, group: company.Group, members: Sequence[str]) -> list[Json]:
        """Put others into a group; answer the events that tell of it, none when nothing has changed."""
        kept = self._groups[group.id]
        before, after = list(kept["users"]), list(dict.fromkeys(members))
        added = [each for each in after if each not in before]
        removed = [each for each in before if each not in after]
        if not added and not removed:
            return []
        previous, now = kept["date_update"], int(self._clock())
        self._groups[group.id] = {**kept, "users": after, "date_update": now}
        self._shelf.put("slack/groups", group.id, self._groups[group.id])
        changed = {
            "type": "subteam_members_changed",
            "subteam_id": group.id,
            "team_id": company.TEAM,
            "date_previous_update": previous,
            "date_update": now,
            "added_users": added,
            "added_users_count": str(len(added)),
            "removed_users": removed,
            "removed_users_count": str(len(removed)),
        }
        return [{"type": "subteam_updated", "subteam": self.shown(group)}, changed]
