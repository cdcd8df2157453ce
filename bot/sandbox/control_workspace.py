"""The part of the control API for what administrators of a Slack workspace and of an app set: groups, profiles, the request URL."""

from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from starlette.requests import Request

from bot.sandbox import company
from bot.sandbox.control_slack import ControlError, nearest, the_user
from bot.sandbox.slack.http_mode import HttpMode
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]


class WorkspaceControl:
    """An administrator's hands."""

    def __init__(self, workspace: Workspace, interactions: Interactions, http: HttpMode) -> None:
        self._workspace = workspace
        self._interactions = interactions
        self._http = http

    async def groups(self, _: Request) -> Json:
        """GET /control/slack/groups."""
        return {
            "groups": [
                {
                    "id": each.id,
                    "handle": each.handle,
                    "name": each.name,
                    "users": [
                        found.name
                        for found in company.USERS
                        if found.id in self._workspace.groups.members(each.id)
                    ],
                }
                for each in company.GROUPS
            ]
        }

    async def group(self, _: Request, body: Json) -> Json:
        """POST /control/slack/group: says who is in a group from now on, and the app is told."""
        name, users = str(body.get("group", "")), body.get("users")
        group = company.group(name)
        if group is None:
            known = [each.handle for each in company.GROUPS]
            raise ControlError(f"there is no group {name!r}{nearest(name, known)}")
        if not isinstance(users, list):
            raise ControlError("users is a list of names")
        members = [the_user({"user": each}).id for each in users]
        await self._interactions.tell(*self._workspace.groups.change(group, members))
        return {"ok": True}

    async def profile(self, _: Request, body: Json) -> Json:
        """POST /control/slack/profile: changes a person's time zone or language."""
        user = the_user(body)
        changes = {key: str(body[key]) for key in ("tz", "locale") if body.get(key)}
        if not changes:
            raise ControlError("tz or locale is required")
        try:
            company.zone_at(changes.get("tz", user.zone), self._workspace.clock())
        except (KeyError, ValueError, ZoneInfoNotFoundError) as error:
            known = ", ".join(company.ZONES)
            raise ControlError(
                f"nobody here lives in {changes['tz']!r} (there is: {known})"
            ) from error
        self._workspace.set_profile(user, changes)
        return {"ok": True}

    async def request_url(self, _: Request, body: Json) -> Json:
        """POST /control/slack/request-url: delivers by HTTP to a URL from now on; the empty one ends that."""
        wrong = await self._http.set_url(str(body.get("url", "")))
        if wrong:
            raise ControlError(wrong)
        return {"ok": True}
