"""Filling in a modal: values by label or block id become the state that an app gets, checked as Slack checks. Pure."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

REQUIRED = "Please complete this required field."


class Mistake(Exception):  # noqa: N818 - whoever fills it in has made it
    """A value fits no field or no choice; the text says which there are."""


def filled(view: Json, given: Json) -> tuple[Json, Json]:
    """Answer the state of a modal and, by label, what is wrong with it. Raises Mistake."""
    values: Json = {}
    errors: Json = {}
    rest = dict(given)
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        label, block_id = block["label"]["text"], block.get("block_id") or block["label"]["text"]
        element = block["element"]
        value = rest.pop(label, rest.pop(block_id, None))
        if value in (None, "", []):
            value = _initial(element)
        problem = _problem(block, value)
        if problem:
            errors[label] = problem
        values[block_id] = {element["action_id"]: _state(element, value)}
    if rest:
        raise Mistake(f"the form has no field {next(iter(rest))!r}")
    return values, errors


def _initial(element: Json) -> Any:
    if "initial_option" in element:
        return element["initial_option"]["value"]
    if "initial_options" in element:
        return [each["value"] for each in element["initial_options"]]
    found = [value for key, value in element.items() if key.startswith("initial_")]
    return found[0] if found else None


def _problem(block: Json, value: Any) -> str:
    """Say what Slack says before it asks the app."""
    if value in (None, "", []):
        return "" if block.get("optional") else REQUIRED
    element = block["element"]
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if isinstance(value, str) and element["type"] == "plain_text_input":
        if len(value) < least:
            return f"Please write at least {least} characters."
        if len(value) > most:
            return f"Please write at most {most} characters."
    return ""


def _state(element: Json, value: Any) -> Json:
    """Answer what an element holds, as `view.state.values` has it."""
    kind = element["type"]
    if "options" in element and kind in {"checkboxes", "multi_static_select"}:
        wanted = value if isinstance(value, list) else [] if value is None else [value]
        return {"type": kind, "selected_options": [_option(element, each) for each in wanted]}
    if "options" in element:
        return {
            "type": kind,
            "selected_option": None if value is None else _option(element, value),
        }
    key, made = HELD.get(kind, ("value", _as_text))
    return {"type": kind, key: None if value in (None, "") else made(value)}


def _option(element: Json, wanted: Any) -> Json:
    for each in element["options"]:
        if wanted in {each["value"], each["text"]["text"]}:
            found: Json = each
            return found
    known = ", ".join(each["value"] for each in element["options"])
    raise Mistake(f"there is no choice {wanted!r} (there is: {known})")


def _as_text(value: Any) -> str:
    return str(value)


def _as_list(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


HELD: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "users_select": ("selected_user", _as_text),
    "multi_users_select": ("selected_users", _as_list),
    "conversations_select": ("selected_conversation", _as_text),
    "datepicker": ("selected_date", _as_text),
    "timepicker": ("selected_time", _as_text),
    "datetimepicker": ("selected_date_time", int),
}
"""Where each element that has no options keeps what was chosen; all others in `value`."""
