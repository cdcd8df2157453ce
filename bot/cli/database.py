"""`shipmate db`: looks after the database, without a bot that runs."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.ending import configured, telling

db = typer.Typer(
    help="Looks after the database that DATABASE_URL or SHIPMATE_STATE names.", no_args_is_help=True
)


@db.command()
def current() -> None:
    """Say which version the tables are of."""
    from bot.bootstrap import upkeep  # noqa: PLC0415 - the store takes a moment to load

    with telling():
        print(upkeep.current(configured("warning")))


@db.command()
def upgrade() -> None:
    """Bring the tables up to date, as the next `shipmate run` would."""
    from bot.bootstrap import upkeep  # noqa: PLC0415 - as in `current`

    with telling():
        print(upkeep.upgrade(configured("warning")))


@db.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to: a file that is not there yet.")],
) -> None:
    """Copy all of it into a file, also while the bot runs."""
    from bot.bootstrap import upkeep  # noqa: PLC0415 - as in `current`

    with telling():
        print(upkeep.backup(configured("warning"), file))
