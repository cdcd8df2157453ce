"""Tries out the database and the export for `doctor`: whether they can be used, whose tables there are. Takes no lock, changes nothing."""

import os
import shutil
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bot.findings import Finding, fail, ok, warn
from bot.store.database import DRIVERS, MIGRATIONS
from bot.wording import N_, Sentence

DATABASE = N_("database")
LITTLE = 100_000_000
"""Bytes that are left on a disk which is soon full."""
GOOD_URL = N_("set DATABASE_URL to sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


def examine_database(url: str) -> Finding:
    """Connect, and look whether the tables are those that this Shipmate knows."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return fail(DATABASE, N_("DATABASE_URL is no database URL"), GOOD_URL)
    parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
    alone = parsed.get_backend_name() == "sqlite"
    if alone:
        path = Path(parsed.database or "").absolute()
        if not path.is_file():
            return _not_there(path)
        parsed = parsed.set(database=f"file:{path}").update_query_dict(
            {"mode": "ro", "uri": "true"}
        )
    try:
        engine = create_engine(parsed)
    except (ModuleNotFoundError, SQLAlchemyError):
        return fail(DATABASE, N_("this kind of database is not known here"), GOOD_URL)
    try:
        with engine.connect() as connection:
            there = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        said = " ".join(str(getattr(error, "orig", error)).split())[:200]
        return fail(DATABASE, said, N_("look at DATABASE_URL, and whether the server runs"))
    finally:
        engine.dispose()
    return _tables(there, "SQLite" if alone else parsed.get_backend_name())


def examine_export(folder: Path) -> Finding:
    """Look whether what is kept no more can be written to a folder; while it cannot, nothing is removed."""
    subject = N_("export")
    if not folder.is_dir():
        said = Sentence("there is no folder {folder}; nothing is removed meanwhile", folder=folder)
        mend = N_("make it, or mount it, or set SHIPMATE_EXPORT to another one")
        return fail(subject, said, mend)
    if not os.access(folder, os.W_OK | os.X_OK):
        said = Sentence("{folder} cannot be written; nothing is removed meanwhile", folder=folder)
        mend = N_("let Shipmate write there, or set SHIPMATE_EXPORT to another folder")
        return fail(subject, said, mend)
    free = shutil.disk_usage(folder).free
    if free < LITTLE:
        left = Sentence("{folder} has {n} MB left", folder=folder, n=f"{free / 1e6:.0f}")
        return warn(subject, left, N_("make room there"))
    return ok(subject, Sentence("{folder} can be written", folder=folder))


def _not_there(path: Path) -> Finding:
    """Say of a file that is to be made whether it can be."""
    folder = next(each for each in path.parents if each.exists())
    if folder.is_dir() and os.access(folder, os.W_OK):
        return ok(DATABASE, Sentence("{path} is made by the first start", path=path))
    mend = N_("set SHIPMATE_STATE to a folder that can be written")
    return fail(DATABASE, Sentence("{path} cannot be made", path=path), mend)


def _tables(there: str | None, kind: str) -> Finding:
    scripts = ScriptDirectory(str(MIGRATIONS))
    newest = scripts.get_current_head()
    if there == newest:
        return ok(DATABASE, Sentence("{kind}, tables {there}", kind=kind, there=there))
    known = {each.revision for each in scripts.walk_revisions()}
    if there is None or there in known:
        said = Sentence(
            "{kind}, tables {there}; the next start brings them up to {newest}",
            kind=kind,
            there=there or Sentence("none"),
            newest=newest,
        )
        return warn(DATABASE, said, N_("make a backup before you start this version"))
    said = Sentence(
        "{kind}, tables {there} of a newer Shipmate; this one knows {newest}",
        kind=kind,
        there=there,
        newest=newest,
    )
    mend = N_("start the newer Shipmate, or restore the backup from before it")
    return fail(DATABASE, said, mend)
