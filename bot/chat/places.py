"""Where a run is told: in each chat the conversation that its environment names there, or where it was asked for. Pure."""

from collections.abc import Iterable
from typing import Final

from bot.catalog.model import Environment
from bot.run.model import Run

SLACK: Final = "slack"
DINGTALK: Final = "dingtalk"

WITH_THREADS: Final = frozenset({SLACK})
"""Chats in which something can stand below a card, and be missed in the channel."""
WITH_FILES: Final = frozenset({SLACK})
"""Chats in which the log of a step stands as a file below its message."""


def named_in(environment: Environment, chat: str) -> str:
    """Answer the conversation that an environment names in a chat; empty: none."""
    return {SLACK: environment.slack_channel, DINGTALK: environment.dingtalk_group}.get(chat, "")


def spoken_in(environment: Environment, chat: str) -> str:
    """Answer the language that an environment names for its conversation in a chat; empty: none."""
    named = {SLACK: environment.slack_language, DINGTALK: environment.dingtalk_language}
    return named.get(chat, "")


def place_in(run: Run, chat: str) -> str:
    """Answer where in a chat a run is told; empty: nowhere there."""
    asked = run.origin.channel if run.origin.chat == chat else ""
    return named_in(run.plan.environment, chat) or asked


def chats_of(run: Run, chats: Iterable[str]) -> tuple[str, ...]:
    """Answer in which of the chats a run is told."""
    return tuple(each for each in chats if place_in(run, each))


def keyed(key: str, chat: str) -> str:
    """Answer the key of a message in the ledger, which is like no other chat's."""
    return key if chat == SLACK else f"{chat}:{key}"


def card_key(run: str, chat: str) -> str:
    """Answer the key of the card of a run, by the run's id."""
    return keyed(f"{run}/card", chat)


def run_of(key: str) -> str:
    """Answer the id of the run that a message is about, by the key of the message; empty: it is about none."""
    whose, _, about = key.rpartition(":")[2].partition("/")
    return whose if about and whose != "lock" else ""
