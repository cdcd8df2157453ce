"""The notices of a step, as a file has them: each channel's one or its list. Pure."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from bot.catalog.complaints import nearest
from bot.steps.channels.dingding import DingNotice
from bot.steps.channels.email import EmailNotice
from bot.steps.channels.lark import LarkNotice
from bot.steps.channels.sending import ChannelNotice
from bot.steps.channels.slack import SlackNotice
from bot.steps.contract import PropertyError

Place = tuple[str | int, ...]

CHANNELS: Mapping[str, type[ChannelNotice]] = {
    "slack": SlackNotice,
    "dingding": DingNotice,
    "lark": LarkNotice,
    "email": EmailNotice,
}
POLICY = "failurePolicy"
ALSO = {"dingtalk": "dingding", "feishu": "lark", "mail": "email"}
"""What else people call them."""


class Given(NamedTuple):
    """A notice in a file: its place in the properties, what is read as it, and what stands there."""

    place: Place
    model: type[ChannelNotice]
    said: Mapping[str, Any]


def given_in(properties: Mapping[str, Any]) -> list[Given]:
    """List the notices, each with its place in the properties. Raises PropertyError when there is none."""
    found: list[Given] = []
    for kind, model in CHANNELS.items():
        given = properties.get(kind)
        if given is None:
            continue
        several = given if isinstance(given, list) else None
        if several == []:
            raise PropertyError((kind,), "expected at least one notice")
        for at, each in enumerate(several if several is not None else [given]):
            place: Place = (kind, at) if several is not None else (kind,)
            if not isinstance(each, Mapping):
                raise PropertyError(place, f"expected a map, found {each!r}")
            found.append(Given(place, model, each))
    if not found:
        raise PropertyError((), f"expected at least one of {', '.join(CHANNELS)}")
    return found


def beside(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Answer what is said beside the notices. Raises PropertyError for what nobody knows."""
    for name in properties:
        if name not in (*CHANNELS, POLICY):
            meant = ALSO.get(name, name)
            hint = nearest(meant, (*CHANNELS, POLICY))
            raise PropertyError((name,), f"there is no property {name}{hint}")
    return {name: value for name, value in properties.items() if name not in CHANNELS}


@contextmanager
def inside(place: Place) -> Iterator[None]:
    """Say of what is wrong in a notice where the notice is."""
    try:
        yield
    except PropertyError as error:
        raise type(error)((*place, *error.path), str(error)) from error
