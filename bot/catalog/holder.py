"""Keeps the catalog in force: the last good one, read again when a file of the folder has changed.

A folder with a mistake changes nothing: the complaints are logged once and the last good version stays.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from bot.catalog.documents import yaml_files
from bot.catalog.model import Catalog
from bot.errors import CatalogError

log = logging.getLogger(__name__)

Load = Callable[[Path], Catalog]
Signature = tuple[tuple[str, int, int], ...]


class CatalogHolder:
    """Answers the catalog in force. Raises CatalogError at construction when there is no good one yet."""

    def __init__(self, folder: Path, load: Load) -> None:
        self._folder = folder
        self._load = load
        self._seen = _signature(folder)
        self._catalog = load(folder)

    def __call__(self) -> Catalog:
        """Answer the catalog, after a look whether its files have changed (a stat a file)."""
        found = _signature(self._folder)
        if found != self._seen:
            self._seen = found
            self._reload()
        return self._catalog

    def _reload(self) -> None:
        try:
            self._catalog = self._load(self._folder)
        except CatalogError as error:
            # The mistake is its author's: what is wrong stands in the text, a traceback would say nothing.
            log.warning(
                "the files of %s are wrong; the last good ones stay in force:\n%s",
                self._folder,
                error,
            )
        else:
            log.info("the files of %s changed and were read again", self._folder)


def _signature(folder: Path) -> Signature:
    """Answer what tells one state of the folder from another: names, times and sizes of its YAML files."""
    found = []
    for path in yaml_files(folder):
        try:
            stat = path.stat()
        except OSError:
            continue  # it was there a moment ago; the next look finds the folder as it is then
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)
