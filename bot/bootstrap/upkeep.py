"""Looking after the database on the command line, by the settings of `shipmate run`."""

from pathlib import Path

from bot.settings import Settings
from bot.store import upkeep


def current(settings: Settings) -> str:
    """Say which tables the database has. Raises UserError."""
    found = upkeep.tables(settings.store_url)
    if not found.there:
        return (
            f"The database has no tables yet; this Shipmate makes those of version {found.known}."
        )
    if found.there == found.known:
        return f"The tables are of version {found.there}: up to date."
    if found.there < found.known:
        return (
            f"The tables are of version {found.there} and this Shipmate's of {found.known}: "
            "`shipmate db upgrade` or the next `shipmate run` brings them up to date."
        )
    return f"The tables are of version {found.there}, of a newer Shipmate; this one knows {found.known}."


def upgrade(settings: Settings) -> str:
    """Bring the tables up to date and say so. Raises UserError."""
    before = upkeep.upgrade(settings.store_url)
    if before.there == before.known:
        return f"The tables are of version {before.known} already."
    return f"The tables are of version {before.known} now; they were of {before.there or 'none'}."


def backup(settings: Settings, file: Path) -> str:
    """Copy the database and say how to put the copy back. Raises UserError."""
    upkeep.backup(settings.store_url, file)
    size = file.stat().st_size
    if settings.store_url.startswith("sqlite"):
        how = "To go back to it, stop Shipmate, put it in the place of the database and take its -wal and -shm away."
    else:
        how = f"To go back to it, stop every replica and run: pg_restore --clean --if-exists --dbname=… {file}"
    return f"{file} has everything, {size / 1e6:.1f} MB. {how}"
