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


@db.command()
def prune(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", help="Write it to this folder first, in place of SHIPMATE_EXPORT."
        ),
    ] = None,
    older_than: Annotated[
        str,
        typer.Option(
            "--older-than", help="How long runs and revisions are kept this time, such as 90d."
        ),
    ] = "",
    vacuum: Annotated[
        bool,
        typer.Option(
            "--vacuum", help="Then give the free space of a SQLite file back; the bot must not run."
        ),
    ] = False,
) -> None:
    """Remove what is kept no more by SHIPMATE_KEEP_…, also while the bot runs (which does it by itself)."""
    from bot.bootstrap import upkeep  # noqa: PLC0415 - as in `current`

    with telling():
        settings = configured("warning")
        print(upkeep.prune(settings, dry_run=dry_run, export=export, older_than=older_than))
        if vacuum and not dry_run:
            print(upkeep.vacuum(settings))
