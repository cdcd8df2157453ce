"""The user groups of the workspace: `usergroups.list` and `usergroups.users.list`, as far as an app reads them."""

from typing import Any

from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]


def put(workspace: Workspace, group: str, handle: str, users: list[str]) -> None:
    """Make a group, or give it other members."""
    workspace.usergroups[group] = {"id": group, "handle": handle, "name": handle, "users": users}


def list_groups(workspace: Workspace, _: Json) -> Json:
    """usergroups.list."""
    found = workspace.usergroups.values()
    return {
        "usergroups": [
            {"id": each["id"], "handle": each["handle"], "name": each["name"], "date_delete": 0}
            for each in found
        ]
    }


def list_members(workspace: Workspace, given: Json) -> Json:
    """usergroups.users.list."""
    found = workspace.usergroups.get(str(given.get("usergroup", "")))
    if found is None:
        raise SlackRefusal("no_such_subteam")
    return {"users": list(found["users"])}
