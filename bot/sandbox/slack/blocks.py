"""Checks blocks as Slack does before it takes them: types, required fields, lengths, counts, unique ids. Pure.

Limits: docs.slack.dev, reference/block-kit; the 13,000 characters over all blocks are observed
(slackapi/bolt-js#2509).
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

MOST_TEXT = 13_000
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}

MOST_OPTIONS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}
"""Options of an element; 100 of all others."""
ELEMENTS = frozenset(
    {
        "button",
        "static_select",
        "multi_static_select",
        "users_select",
        "multi_users_select",
        "conversations_select",
        "overflow",
        "datepicker",
        "timepicker",
        "datetimepicker",
        "checkboxes",
        "radio_buttons",
        "plain_text_input",
        "image",
    }
)
IN_RICH_TEXT = frozenset(
    {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
)


def problems(blocks: Any, surface: str) -> list[str]:
    """List what Slack would complain about, as `response_metadata.messages` does."""
    if not isinstance(blocks, list):
        return ["[ERROR] must be an array [json-pointer:/blocks]"]
    found = list(_all(blocks, surface))
    if len(blocks) > MOST_BLOCKS[surface]:
        found.append(
            f"[ERROR] no more than {MOST_BLOCKS[surface]} items allowed [json-pointer:/blocks]"
        )
    return found


def text_length(blocks: Any) -> int:
    """Count the characters of all texts in blocks."""
    if isinstance(blocks, dict):
        own = len(blocks["text"]) if isinstance(blocks.get("text"), str) else 0
        return own + sum(
            text_length(each) for key, each in blocks.items() if key != "text" or not own
        )
    if isinstance(blocks, list):
        return sum(text_length(each) for each in blocks)
    return 0


def _all(blocks: list[Any], surface: str) -> Iterator[str]:
    ids: set[str] = set()
    actions: set[str] = set()
    for at, block in enumerate(blocks):
        path = f"/blocks/{at}"
        if not isinstance(block, dict) or block.get("type") not in CHECKS:
            kind = block.get("type") if isinstance(block, dict) else block
            yield f"[ERROR] unsupported type: {kind} [json-pointer:{path}/type]"
            continue
        if block["type"] == "input" and surface == "message":
            yield f"[ERROR] unsupported type: input [json-pointer:{path}/type]"
        block_id = block.get("block_id")
        if block_id in ids:
            yield f"[ERROR] block_id {block_id} already exists [json-pointer:{path}/block_id]"
        if block_id:
            ids.add(block_id)
            yield from _short(block, "block_id", 255, path)
        yield from CHECKS[block["type"]](block, path)
        for element in block.get("elements", []) if block["type"] == "actions" else []:
            action = element.get("action_id")
            if action in actions:
                yield f"[ERROR] `action_id` {action} already exists [json-pointer:{path}]"
            if action:
                actions.add(action)


def _text(value: Any, path: str, longest: int, kinds: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        yield f"[ERROR] must be a {' or '.join(kinds)} object [json-pointer:{path}]"
        return
    text = value.get("text")
    if not isinstance(text, str) or not text:
        yield f"[ERROR] must be more than 0 characters [json-pointer:{path}/text]"
    elif len(text) > longest:
        yield f"[ERROR] must be less than {longest + 1} characters [json-pointer:{path}/text]"


PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")


def _header(block: Json, path: str) -> Iterator[str]:
    yield from _text(block.get("text"), f"{path}/text", 150, PLAIN)


def _section(block: Json, path: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"[ERROR] missing required field: text or fields [json-pointer:{path}]"
    if "text" in block:
        yield from _text(block["text"], f"{path}/text", 3000, ANY_TEXT)
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield f"[ERROR] no more than 10 items allowed [json-pointer:{path}/fields]"
    for at, each in enumerate(fields):
        yield from _text(each, f"{path}/fields/{at}", 2000, ANY_TEXT)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{path}/accessory")


def _context(block: Json, path: str) -> Iterator[str]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= 10:
        yield f"[ERROR] must have 1 to 10 items [json-pointer:{path}/elements]"
    for at, each in enumerate(elements):
        if each.get("type") != "image":
            yield from _text(each, f"{path}/elements/{at}", 3000, ANY_TEXT)


def _actions(block: Json, path: str) -> Iterator[str]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= 25:
        yield f"[ERROR] must have 1 to 25 items [json-pointer:{path}/elements]"
    for at, each in enumerate(elements):
        yield from _element(each, f"{path}/elements/{at}")


def _input(block: Json, path: str) -> Iterator[str]:
    yield from _text(block.get("label"), f"{path}/label", 2000, PLAIN)
    if "hint" in block:
        yield from _text(block["hint"], f"{path}/hint", 2000, PLAIN)
    if block.get("element", {}).get("type") in {"button", "overflow", "image"}:
        yield f"[ERROR] unsupported type: {block['element']['type']} [json-pointer:{path}/element/type]"
    yield from _element(block.get("element", {}), f"{path}/element")


def _rich_text(block: Json, path: str) -> Iterator[str]:
    for at, each in enumerate(block.get("elements") or []):
        if each.get("type") not in IN_RICH_TEXT:
            yield f"[ERROR] unsupported type: {each.get('type')} [json-pointer:{path}/elements/{at}]"
        for index, part in enumerate(each.get("elements") or []):
            if part.get("type") == "text" and not part.get("text"):
                here = f"{path}/elements/{at}/elements/{index}/text"
                yield f"[ERROR] must be more than 0 characters [json-pointer:{here}]"


def _image(block: Json, path: str) -> Iterator[str]:
    for key, longest in (("image_url", 3000), ("alt_text", 2000)):
        if not block.get(key):
            yield f"[ERROR] missing required field: {key} [json-pointer:{path}]"
        yield from _short(block, key, longest, path)


def _markdown(block: Json, path: str) -> Iterator[str]:
    if not block.get("text"):
        yield f"[ERROR] must be more than 0 characters [json-pointer:{path}/text]"
    yield from _short(block, "text", 12_000, path)


def _table(block: Json, path: str) -> Iterator[str]:
    rows = block.get("rows") or []
    if not 1 <= len(rows) <= 100:
        yield f"[ERROR] must have 1 to 100 items [json-pointer:{path}/rows]"
    for at, row in enumerate(rows):
        if len(row) > 20:
            yield f"[ERROR] no more than 20 items allowed [json-pointer:{path}/rows/{at}]"


def _nothing(block: Json, path: str) -> Iterator[str]:
    _ = block, path
    yield from ()


def _element(element: Json, path: str) -> Iterator[str]:
    kind = element.get("type")
    if kind not in ELEMENTS:
        yield f"[ERROR] unsupported type: {kind} [json-pointer:{path}/type]"
        return
    yield from _short(element, "action_id", 255, path)
    if kind == "button":
        yield from _button(element, path)
    if "placeholder" in element:
        yield from _text(element["placeholder"], f"{path}/placeholder", 150, PLAIN)
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{path}/confirm")
    if "options" in element:
        yield from _options(element, path)
    if kind == "plain_text_input":
        yield from _written(element, path)


def _confirm(confirm: Json, path: str) -> Iterator[str]:
    for key, longest in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        yield from _text(confirm.get(key), f"{path}/{key}", longest, ANY_TEXT)


def _options(element: Json, path: str) -> Iterator[str]:
    options, most = element["options"], MOST_OPTIONS.get(element["type"], 100)
    if not 1 <= len(options) <= most:
        yield f"[ERROR] must have 1 to {most} items [json-pointer:{path}/options]"
    for at, each in enumerate(options):
        yield from _text(each.get("text"), f"{path}/options/{at}/text", 75, ANY_TEXT)
        yield from _short(each, "value", 150, f"{path}/options/{at}")
        if "description" in each:
            yield from _text(each["description"], f"{path}/options/{at}/description", 75, ANY_TEXT)
    values = [each.get("value") for each in options]
    initial = [element["initial_option"]] if "initial_option" in element else []
    for each in [*initial, *element.get("initial_options", [])]:
        if each.get("value") not in values:
            yield f"[ERROR] must be one of the provided options [json-pointer:{path}/initial_option]"


def _written(element: Json, path: str) -> Iterator[str]:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if not 0 <= least <= 3000:
        yield f"[ERROR] must be from 0 to 3000 [json-pointer:{path}/min_length]"
    if not 1 <= most <= 3000 or most < least:
        yield f"[ERROR] must be from 1 to 3000 [json-pointer:{path}/max_length]"
    if len(element.get("initial_value", "")) > most:
        yield f"[ERROR] must be less than {most + 1} characters [json-pointer:{path}/initial_value]"


def _short(part: Json, key: str, longest: int, path: str) -> Iterator[str]:
    if len(part.get(key) or "") > longest:
        yield f"[ERROR] must be less than {longest + 1} characters [json-pointer:{path}/{key}]"


def _button(element: Json, path: str) -> Iterator[str]:
    yield from _text(element.get("text"), f"{path}/text", 75, PLAIN)
    for key, longest in (("value", 2000), ("accessibility_label", 75), ("url", 3000)):
        yield from _short(element, key, longest, path)
    if element.get("style") not in {None, "primary", "danger"}:
        yield f"[ERROR] must be one of: primary, danger [json-pointer:{path}/style]"


CHECKS = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "rich_text": _rich_text,
    "image": _image,
    "divider": _nothing,
    "markdown": _markdown,
    "table": _table,
}
