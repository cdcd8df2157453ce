"""The Web API methods for modals and the App Home, with the checks that Slack makes before it shows a view.

Source: docs.slack.dev, reference/views, views.open, views.push, views.update, views.publish.
"""

import json
from collections.abc import Callable
from typing import Any

from bot.sandbox import company
from bot.sandbox.slack import blocks as kit
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]
Method = Callable[[Workspace, Json], Json]

LARGEST = 250_000
"""Bytes of a view."""
DEEPEST = 3
"""Views of one modal that lie above each other."""
LENGTHS = (("callback_id", 255), ("external_id", 255), ("private_metadata", 3000))


def open_view(workspace: Workspace, given: Json) -> Json:
    """views.open."""
    view = checked(given.get("view"), "modal")
    _own_id(workspace, view)
    user, _ = workspace.use_trigger(str(given.get("trigger_id", "")))
    return {"view": shown(workspace.open_view(user, view))}


def push_view(workspace: Workspace, given: Json) -> Json:
    """views.push: onto the modal in which the interaction took place that the trigger is of."""
    view = checked(given.get("view"), "modal")
    _own_id(workspace, view)
    user, below = workspace.use_trigger(str(given.get("trigger_id", "")))
    if below not in workspace.views:
        raise SlackRefusal("invalid_trigger_id")
    return {"view": shown(push(workspace, user, below, view))}


def update_view(workspace: Workspace, given: Json) -> Json:
    """views.update."""
    view = checked(given.get("view"), "modal")
    old = workspace.find_view(str(given.get("view_id", "")), str(given.get("external_id", "")))
    if old is None:
        raise SlackRefusal("not_found")
    if given.get("hash") and given["hash"] != old["hash"]:
        raise SlackRefusal("hash_conflict")
    return {"view": shown(workspace.update_view(old, view))}


def publish_view(workspace: Workspace, given: Json) -> Json:
    """views.publish."""
    view = checked(given.get("view"), "home")
    user = company.user(str(given.get("user_id", "")))
    if user is None:
        raise SlackRefusal("user_not_found")
    old = workspace.homes.get(user.id)
    if given.get("hash") and old is not None and given["hash"] != old["hash"]:
        raise SlackRefusal("hash_conflict")
    return {"view": workspace.publish_home(user.id, view)}


def push(workspace: Workspace, user: str, below: str, view: Json) -> Json:
    """Lay a view above another one. Raises SlackRefusal when there are too many."""
    if len(workspace.stack(below)) >= DEEPEST:
        raise SlackRefusal("push_limit_reached")
    return workspace.open_view(user, view, below=below)


def checked(view: Any, kind: str) -> Json:
    """Answer a view that Slack would show. Raises SlackRefusal that says what is wrong with it."""
    if not isinstance(view, dict):
        raise SlackRefusal("invalid_arguments")
    if len(json.dumps(view)) > LARGEST:
        raise SlackRefusal("view_too_large")
    wrong = kit.problems(view.get("blocks", []), kind)
    if view.get("type") != kind:
        wrong.append(f"[ERROR] must be {kind} [json-pointer:/view/type]")
    if kind == "modal":
        wrong += _titles(view)
    wrong += [
        f"[ERROR] must be less than {longest + 1} characters [json-pointer:/view/{key}]"
        for key, longest in LENGTHS
        if len(str(view.get(key) or "")) > longest
    ]
    if wrong:
        raise SlackRefusal("invalid_arguments", response_metadata={"messages": wrong})
    return view


def shown(view: Json) -> Json:
    """Answer a view as apps see it."""
    return {key: each for key, each in view.items() if key != "user"}


METHODS: dict[str, tuple[Method, str]] = {
    "views.open": (open_view, ""),
    "views.push": (push_view, ""),
    "views.update": (update_view, ""),
    "views.publish": (publish_view, ""),
}
"""Each method with the scope that it needs: none."""


def _titles(view: Json) -> list[str]:
    """Say what is wrong with the title and the buttons of a modal."""
    wrong = []
    for key in ("title", "submit", "close"):
        text = view.get(key)
        if text is None and key != "title":
            continue
        words = str(text.get("text", "")) if isinstance(text, dict) else ""
        if len(words) not in range(1, 25):
            wrong.append(f"[ERROR] must be 1 to 24 characters [json-pointer:/view/{key}/text]")
    asks = any(each.get("type") == "input" for each in view.get("blocks", []))
    if asks and not view.get("submit"):
        wrong.append("[ERROR] missing required field: submit [json-pointer:/view]")
    return wrong


def _own_id(workspace: Workspace, view: Json) -> None:
    name = view.get("external_id")
    if name and workspace.find_view("", name) is not None:
        raise SlackRefusal("duplicate_external_id")
