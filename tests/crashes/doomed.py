"""A process that starts the bot as `shipmate run` does, again and again, and lets it die at a certain commit.

Reads a line of JSON for each life: `environment`, `commit` (1 is the first of this life, 0 is never) and
`moment`: `before` a commit everything that led to it has happened and none of it is stored; `after` it is
stored and nobody has been told. Answers each life's lines of output, and `ended` when it is over. Forking
saves the two seconds that importing everything would cost each time.
"""

import itertools
import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

import bot.serving  # noqa: F401 - `main` loads it only for a bot that runs: once here, and not in each life
from bot.cli import main


def die() -> None:
    """End without a chance to tidy up anything."""
    os.kill(os.getpid(), signal.SIGKILL)


def doom(commit: int, moment: str) -> None:
    """Arrange for the end."""
    commits = itertools.count(1)
    reached: list[int] = []

    def on_commit(_: object) -> None:
        if next(commits) == commit:
            if moment == "before":
                die()
            reached.append(commit)

    def on_checkin(*_: object) -> None:
        if reached:
            die()

    event.listen(Engine, "commit", on_commit)
    event.listen(Pool, "checkin", on_checkin)


def live(wish: dict[str, Any]) -> None:
    """Be the bot until the end."""
    os.environ.update(wish["environment"])  # noqa: TID251 - a fork has no other way to get one of its own
    doom(wish["commit"], wish["moment"])
    sys.argv = ["shipmate", "run"]
    main()


def say(text: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            live(json.loads(line))
        say(f"born {child}")
        os.waitpid(child, 0)
        say("ended")
