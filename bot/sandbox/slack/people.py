"""The Web API methods about people and their groups."""

from collections.abc import Callable
from typing import Any

from bot.sandbox import company
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]
Method = Callable[[Workspace, Json], Json]


def truth(given: Json, name: str) -> bool:
    """Read an argument that is a boolean, which a form sends as a word."""
    return str(given.get(name, "")).lower() in {"true", "1"}


def user_info(workspace: Workspace, given: Json) -> Json:
    """users.info."""
    user = company.user(str(given.get("user", "")))
    if user is None:
        raise SlackRefusal("user_not_found")
    return {"user": _shown(workspace, user, given)}


def list_users(workspace: Workspace, given: Json) -> Json:
    """users.list."""
    return {"members": [_shown(workspace, each, given) for each in company.USERS]}


def lookup_by_email(workspace: Workspace, given: Json) -> Json:
    """users.lookupByEmail."""
    wanted = str(given.get("email", "")).lower()
    user = next((each for each in company.USERS if each.email == wanted), None)
    if user is None:
        raise SlackRefusal("users_not_found")
    return {"user": _shown(workspace, user, {})}


def list_groups(workspace: Workspace, given: Json) -> Json:
    """usergroups.list: without who is in them, and without counting, unless that is asked for."""
    hidden = set() if truth(given, "include_users") else {"users"}
    hidden |= set() if truth(given, "include_count") else {"user_count"}
    shown = [workspace.groups.shown(each) for each in company.GROUPS]
    return {
        "usergroups": [
            {key: value for key, value in each.items() if key not in hidden} for each in shown
        ]
    }


def group_members(workspace: Workspace, given: Json) -> Json:
    """usergroups.users.list."""
    wanted = str(given.get("usergroup", ""))
    if wanted not in {each.id for each in company.GROUPS}:
        raise SlackRefusal("no_such_subteam")
    return {"users": list(workspace.groups.members(wanted))}


METHODS: dict[str, tuple[Method, str]] = {
    "users.info": (user_info, "users:read"),
    "users.list": (list_users, "users:read"),
    "users.lookupByEmail": (lookup_by_email, "users:read.email"),
    "usergroups.list": (list_groups, "usergroups:read"),
    "usergroups.users.list": (group_members, "usergroups:read"),
}
"""Each method with the scope that it needs."""


def _shown(workspace: Workspace, user: company.User, given: Json) -> Json:
    """Answer a user object: `tz_offset` in seconds, the locale only for who asks for it."""
    zone, locale = workspace.profile(user)
    label, offset = company.zone_at(zone, workspace.clock())
    shown = {
        "id": user.id,
        "team_id": company.TEAM,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": False,
        "tz": zone,
        "tz_label": label,
        "tz_offset": offset,
        "is_bot": False,
        "profile": {"email": user.email, "real_name": user.real_name, "display_name": user.name},
    }
    return {**shown, "locale": locale} if truth(given, "include_locale") else shown
