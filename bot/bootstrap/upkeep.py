"""Looking after the database on the command line, by the settings of `shipmate run`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.clock import SystemClock
from bot.errors import UserError
from bot.retention import Keep, Retention, parse_keep
from bot.settings import Settings
from bot.store import tidying, upkeep
from bot.store.exporting import Export


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


def prune(settings: Settings, *, dry_run: bool, export: Path | None, older_than: str) -> str:
    """Remove what is kept no more, or with `dry_run` say what that would be. Raises UserError, Temporary.

    `older_than` takes the place of how long runs and revisions are kept.
    """
    rules = _rules(settings.keep, older_than)
    folder = export or settings.export
    counts = tidying.prune(
        settings.store_url,
        rules,
        SystemClock().now(),
        export=Export(folder) if folder is not None else None,
        dry_run=dry_run,
    )
    by = (
        f"runs are kept {_so(rules.runs)}, revisions {_so(rules.revisions)}, "
        f"the audit log {_so(rules.audit)}, requests {_so(rules.requests)}"
    )
    if not counts:
        return f"There is nothing to remove: {by}."
    where = f"\nThey are in {folder}." if folder is not None and not dry_run else ""
    return f"{'Would go' if dry_run else 'Gone'}, for {by}:\n{_table(counts)}{where}"


def vacuum(settings: Settings) -> str:
    """Give the free space of a SQLite file back and say how much that was. Raises UserError."""
    before, after = tidying.vacuum(settings.store_url)
    return f"The file has {after / 1e6:.1f} MB now; it had {before / 1e6:.1f} MB."


def _rules(rules: Retention, older_than: str) -> Retention:
    if not older_than:
        return rules
    try:
        age = parse_keep(older_than, counted=False).age
    except ValueError as error:
        raise UserError(f"--older-than is {older_than!r}; expected a time such as 90d") from error
    if age is None:
        raise UserError(f"--older-than is {older_than!r}; expected a time such as 90d")
    return replace(
        rules, runs=replace(rules.runs, age=age), revisions=replace(rules.revisions, age=age)
    )


def _so(rule: Keep) -> str:
    """Write a rule: `365d and the newest 50`."""
    if rule.forever:
        return "forever"
    age = f"{rule.age.days}d" if rule.age is not None else ""
    newest = f"the newest {rule.newest}" if rule.newest is not None else ""
    return " and ".join(each for each in (age, newest) if each)


def _table(counts: Mapping[str, int]) -> str:
    widest = max(len(each) for each in counts)
    return "\n".join(f"  {name:<{widest}} {count:>9,}" for name, count in counts.items())
