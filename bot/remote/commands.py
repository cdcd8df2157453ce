"""What a command of the shell does against a server, and its exit code."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from importlib.metadata import version
from typing import Any

from bot.command.requests import Misunderstood, Request, Rollback
from bot.errors import Permanent, Temporary
from bot.remote.client import Client, Refused
from bot.remote.telling import event_line, told
from bot.remote.typing import explained, read_words
from bot.settings import RemoteSettings

Json = dict[str, Any]


class Exit(IntEnum):
    """What a shell can tell one outcome from another by."""

    DONE = 0
    FAILED = 1
    """It was refused, or the run that was waited for did not succeed."""
    WRONG = 2
    """It was asked for wrongly."""
    AWAY = 3
    """The server cannot be reached, or the run is not over in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a command is done, beside what is asked."""

    wait: bool = False
    seconds: float | None = None
    """For how long it waits at most."""
    as_json: bool = False
    yes: bool = False
    """Whether a rollback is confirmed at once."""


class OutOfTimeError(Exception):
    """The run is not over in time."""


def perform(
    settings: RemoteSettings,
    verb: str,
    words: Sequence[str],
    how: How,
    say: Callable[[str], None] = print,
) -> Exit:
    """Ask what was typed, and say what is answered; what goes wrong is said on standard error."""
    request = read_words(verb, words)
    if isinstance(request, Misunderstood):
        return _wrong(explained(request), Exit.WRONG)
    client = Client(settings.server, settings.token.reveal(), f"shipmate/{version('shipmate')}")
    try:
        return _ask(client, request, how, say)
    except Refused as error:
        if how.as_json:
            say(json.dumps({"error": error.error}, ensure_ascii=False, indent=2))
        else:
            print(str(error), file=sys.stderr)
        return Exit.WRONG if error.status == 400 else Exit.FAILED
    except Permanent as error:
        return _wrong(str(error), Exit.FAILED)
    except (Temporary, OutOfTimeError) as error:
        return _wrong(str(error), Exit.AWAY)
    finally:
        client.close()


def _wrong(said: str, code: Exit) -> Exit:
    print(said, file=sys.stderr)
    return code


def _ask(client: Client, request: Request, how: How, say: Callable[[str], None]) -> Exit:
    answer = client.ask(request)
    if how.yes and isinstance(request, Rollback) and answer.get("confirmed"):
        confirmed = replace(
            request, revision=answer["older"], confirmed=answer["confirmed"], show=""
        )
        answer = client.ask(confirmed)
    if not (how.wait and "run" in answer):
        _show(answer, how, say)
        return Exit.DONE
    if not how.as_json:
        _show(answer, how, say)
    run = _followed(client, answer["run"], how, say)
    _show({**answer, "run": run, "waits": ""}, how, say)
    return Exit.DONE if run["phase"] == "succeeded" else Exit.FAILED


def _followed(client: Client, run: Json, how: How, say: Callable[[str], None]) -> Json:
    """Say what happens in a run until it is over; answer it. Raises OutOfTimeError."""
    until = None if how.seconds is None else time.monotonic() + how.seconds
    if not run["ended"]:
        for event in client.events(run["id"], until):
            if not how.as_json:
                say(event_line(event))
    after = client.run(run["id"])
    if not after["ended"]:
        raise OutOfTimeError(f"{after['name']} is {after['phase']}, and the time is over")
    return after


def _show(answer: Json, how: How, say: Callable[[str], None]) -> None:
    if how.as_json:
        say(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        say("\n".join(told(answer)))
