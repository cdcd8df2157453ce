"""A process that has loaded everything and forks a replica at each line of JSON: its environment.

Says `born PID`, and `ended PID` when one has ended, however that was. Forking saves the seconds that importing takes.
"""

import json
import os
import signal
import sys
import threading
from typing import Any

import bot.serving  # noqa: F401 - `main` loads it only for a bot that runs: once here, and not in each replica
from bot.cli import main


def live(environment: dict[str, Any]) -> None:
    """Be a replica until the end."""
    os.environ.update(environment)  # noqa: TID251 - a fork has no other way to get one of its own
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.argv = ["shipmate", "run"]
    main()


def say(text: str) -> None:
    """Tell the test, in one piece."""
    os.write(1, f"{text}\n".encode())


def wait_for(child: int) -> None:
    """Say when a replica has ended."""
    os.waitpid(child, 0)
    say(f"ended {child}")


if __name__ == "__main__":
    for line in sys.stdin:
        born = os.fork()
        if born == 0:
            try:
                live(json.loads(line))
            finally:
                os._exit(0)
        say(f"born {born}")
        threading.Thread(target=wait_for, args=(born,), daemon=True).start()
