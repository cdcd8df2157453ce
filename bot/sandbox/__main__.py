"""Starts the sandbox alone, without a bot: `python -m bot.sandbox --port 8484 --state DIR`."""

import argparse
import asyncio
from pathlib import Path

from bot.sandbox.server import Sandbox


async def run(port: int, state: Path, manifest: Path, speed: float) -> None:
    """Serve until cancelled."""
    sandbox = Sandbox(state=state, port=port, manifest=manifest, speed=speed)
    await sandbox.start()
    print(f"The sandbox is at {sandbox.url}", flush=True)  # noqa: T201 - this is a command
    try:
        await asyncio.Event().wait()
    finally:
        await sandbox.stop()


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description="The sandbox without the bot.")
    parser.add_argument("--port", type=int, default=8484)
    parser.add_argument("--state", type=Path, default=Path(".shipmate"))
    parser.add_argument("--manifest", type=Path, default=Path("manifest.yml"))
    parser.add_argument("--speed", type=float, default=1.0, help="how fast pods get ready")
    given = parser.parse_args()
    try:
        asyncio.run(run(given.port, given.state, given.manifest, given.speed))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
