"""Writes the conversation down as text: what a person reads on the page, on a terminal."""

import re
from collections.abc import Mapping
from typing import Any

TOKEN = re.compile(r"<([^<>]+)>")
HIDDEN = "\u200b"
"""What keeps signs in DingTalk from meaning something."""
ICONS = {
    "white_check_mark": "✓",
    "x": "✗",
    "hourglass_flowing_sand": "…",
    "white_circle": "○",
    "double_vertical_bar": "‖",
    "raised_hand": "‖",
    "fast_forward": "»",
    "ship": "⛴",
    "rewind": "«",
    "warning": "!",
    "no_entry": "⊘",
    "octagonal_sign": "■",
}


class Transcript:
    """Prints messages, each state of an edited one once."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` are the people's names by their ids."""
        self._names = names
        self._printed: dict[tuple[str, str], str] = {}

    def heading(self, text: str) -> None:
        """Begin a part."""
        print(f"\n── {text} " + "─" * max(3, 76 - len(text)))

    def said(self, user: str, channel: str, text: str) -> None:
        """Write down what a person typed or pressed."""
        print(f"\n@{user} in #{channel}:  {text}")

    def private(self, user: str, messages: list[dict[str, Any]]) -> None:
        """Write down what only one person sees."""
        for message in messages:
            self._print(f"shipmate to @{user} alone", message, "    ")

    def shared(self, channel: str, messages: list[dict[str, Any]]) -> None:
        """Write down what is new or has changed in a channel or thread."""
        for message in messages:
            if message["user"] != "shipmate":
                continue
            text = self.text_of(message)
            key = (channel, message["ts"])
            if self._printed.get(key) == text:
                continue
            again = " (edited)" if key in self._printed else ""
            self._printed[key] = text
            in_thread = message.get("thread_ts") not in {None, "", message["ts"]}
            place = "in the thread" if in_thread else f"in #{channel}"
            self._print(f"shipmate {place}{again}", message, "        " if in_thread else "    ")

    def in_dingtalk(self, conversation: str, message: Mapping[str, Any]) -> None:
        """Write down a card in DingTalk, with its buttons."""
        print(f"    shipmate in {conversation} in DingTalk:")
        for line in str(message["text"]).replace("**", "").replace(HIDDEN, "").split("\n"):
            print(f"      {line.rstrip()}")
        print("      " + " ".join(f"[{each}]" for each in message["buttons"]))

    def plain(self, text: str) -> None:
        """Write a line of our own."""
        print(text)

    def text_of(self, message: Mapping[str, Any]) -> str:
        """Answer a message as lines of plain text, its buttons in brackets, of its files the names and lengths."""
        lines = [line for block in message.get("blocks") or [] for line in self._block(block)]
        if not lines and message["text"]:
            lines = [self._plain(str(message["text"]))]
        for each in message.get("files") or []:
            lines.append(f"≡ {each['name']} ({len(each['text'].splitlines())} lines)")
        return "\n".join(lines)

    def _print(self, who: str, message: Mapping[str, Any], indent: str) -> None:
        print(f"{indent}{who}:")
        for line in self.text_of(message).split("\n"):
            print(f"{indent}  {line}")

    def _block(self, block: Mapping[str, Any]) -> list[str]:
        kind = block["type"]
        if kind == "actions":
            return [" ".join(f"[{each['text']['text']}]" for each in block["elements"])]
        if kind == "divider":
            return ["─" * 20]
        if kind == "rich_text":
            return self._rich(block).split("\n")
        texts = [block[key]["text"] for key in ("text",) if key in block]
        texts += [each["text"] for each in block.get("fields", ())]
        texts += [each["text"] for each in block.get("elements", ()) if "text" in each]
        return [line for text in texts for line in self._plain(text).split("\n")]

    def _rich(self, element: Mapping[str, Any]) -> str:
        if "elements" in element:
            text = "".join(self._rich(each) for each in element["elements"])
            return text + ("\n" if element["type"] == "rich_text_preformatted" else "")
        if element["type"] == "user":
            return f"@{self._names.get(element['user_id'], element['user_id'])}"
        if element["type"] == "emoji":
            return ICONS.get(element["name"], f":{element['name']}:")
        return str(element.get("text") or element.get("fallback") or element.get("url") or "")

    def _plain(self, text: str) -> str:
        text = TOKEN.sub(self._token, text)
        for name, sign in ICONS.items():
            text = text.replace(f":{name}:", sign)
        for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            text = text.replace(entity, sign)
        return text.replace("*", "").replace("```", "")

    def _token(self, match: re.Match[str]) -> str:
        inner = match.group(1)
        target, _, label = inner.partition("|")
        if target.startswith("@"):
            return "@" + self._names.get(target[1:], label or target[1:])
        if target.startswith("#"):
            return "#" + (label or target[1:])
        return label or target
