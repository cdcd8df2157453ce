"""Files that are read once, and looked at for changes."""

from pathlib import Path

from bot.errors import Permanent

Stamp = tuple[int, int, int] | None


class Files:
    """Files as they were when they were read."""

    def __init__(self) -> None:
        self._stamps: dict[Path, Stamp] = {}

    def content(self, path: Path) -> bytes:
        """Answer a file's content. Raises Permanent when it cannot be read."""
        self._stamps[path] = _stamp(
            path
        )  # before it is read: what is written meanwhile is a change
        try:
            return path.read_bytes()
        except OSError as error:
            raise Permanent(f"{path} cannot be read: {error.strerror}") from error

    def has(self, path: Path) -> bool:
        """Say whether a file is there."""
        self._stamps.setdefault(path, _stamp(path))
        return path.exists()

    def changed(self) -> bool:
        """Say whether one of them is another one now, has come or has gone."""
        return any(_stamp(path) != stamp for path, stamp in self._stamps.items())


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
