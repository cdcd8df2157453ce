"""What people do in modals: press, send, close; and what an app may answer to a form.

Source: docs.slack.dev, surfaces/modals (response_action), reference/interaction-payloads/view-interactions-payload.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import company
from bot.sandbox.slack import payloads, views
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]
Deliver = Callable[[str, Json], Awaitable[Json | None]]

NO_ANSWER = "We had some trouble connecting. Try again?"
"""What Slack says below a form whose app does not answer, or answers what it cannot use."""


class Modals:
    """The open modals of all people."""

    def __init__(self, workspace: Workspace, deliver: Deliver) -> None:
        self._workspace = workspace
        self._deliver = deliver

    async def click(self, user: company.User, view: Json, action: Json, block_id: str) -> bool:
        """Press a button of a modal; answer whether the app acknowledged it."""
        payload = {
            **payloads.who(self._workspace, user, view["id"]),
            "type": "block_actions",
            "container": {"type": "view", "view_id": view["id"]},
            "view": views.shown(view),
            "actions": [payloads.pressed(self._workspace, action, block_id)],
        }
        return await self._deliver("interactive", payload) is not None

    async def submit(self, user: company.User, view: Json, values: Json) -> Json:
        """Send a filled-in modal; answer `{ok}`, with `errors` by block when the app has complaints.

        `response_action` says what the app made of the modal, and `view` what stands there now.
        """
        payload = {
            **payloads.who(self._workspace, user, view["id"]),
            "type": "view_submission",
            "view": {**views.shown(view), "state": {"values": values}},
            "response_urls": [],
        }
        answer = await self._deliver("interactive", payload)
        if answer is None:
            return {"ok": False, "error": NO_ANSWER}
        try:
            return self._answered(user, view, answer)
        except SlackRefusal:
            return {"ok": False, "error": NO_ANSWER}

    async def close(self, user: company.User, view: Json) -> None:
        """Close a modal without sending it: the whole of it when the app wants that, the topmost view otherwise."""
        cleared = bool(view.get("clear_on_close"))
        if cleared:
            self._workspace.clear_views(view)
        else:
            self._workspace.close_view(view)
        if view.get("notify_on_close"):
            payload = {
                **payloads.who(self._workspace, user),
                "type": "view_closed",
                "view": views.shown(view),
                "is_cleared": cleared,
            }
            await self._deliver("interactive", payload)

    def _answered(self, user: company.User, view: Json, answer: Json) -> Json:
        action = answer.get("response_action")
        if action == "errors":
            return {"ok": False, "errors": _complaints(view, answer.get("errors"))}
        if action == "update":
            fresh = views.checked(answer.get("view"), "modal")
            return {"ok": True, "view": self._workspace.update_view(view, fresh)}
        if action == "push":
            fresh = views.checked(answer.get("view"), "modal")
            made = views.push(self._workspace, user.id, view["id"], fresh)
            return {"ok": True, "response_action": "push", "view": made}
        if action == "clear":
            self._workspace.clear_views(view)
            return {"ok": True, "response_action": "clear"}
        if action is not None:
            raise SlackRefusal("invalid_response_action")
        self._workspace.close_view(view)
        return {"ok": True}


def _complaints(view: Json, errors: Any) -> Json:
    """Answer an app's complaints, each about an input that there is. Raises SlackRefusal."""
    inputs = {each.get("block_id") for each in view["blocks"] if each["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise SlackRefusal("invalid_errors")
    return errors
