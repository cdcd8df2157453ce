"""The secrets that workflow files only name: in the environment, or in a folder with a file for each.

The folder is one as Kubernetes mounts a Secret. A file is read each time its secret is used, so that one that is rotated
counts at once; what was read is known as secret from then on. A name is never made a path: it is looked for among the files
that there are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from typing_extensions import override

from bot.errors import Permanent
from bot.secrecy import Secrecy, Secret

LARGEST = 1024 * 1024
"""Bytes of a secret: what Kubernetes allows a whole Secret."""
PLAIN = re.compile(r"[A-Za-z0-9][-._A-Za-z0-9]{0,252}")
"""A key of a Secret. What begins with a dot is Kubernetes' own (`..data`), or nobody's business."""


class Keyring(Mapping[str, Secret]):
    """The secrets by their names. What the environment has wins over a file."""

    def __init__(self, given: Mapping[str, Secret], folder: Path | None, secrecy: Secrecy) -> None:
        """`secrecy` is told each value: those in the environment and in files now, and a file's whenever it is read."""
        self._given = given
        self._folder = folder
        self._secrecy = secrecy
        secrecy.learn(*(each.reveal() for each in given.values()), lasting=True)
        for path in self._files():
            with suppress(Permanent):
                self._read(path)

    @override
    def __getitem__(self, name: str) -> Secret:
        """Answer a secret. Raises Permanent when its file cannot be read, or two files are of that name."""
        if name in self._given:
            return self._given[name]
        found = [each for each in self._files() if _setting(each.name) == _setting(name)]
        if not found:
            raise KeyError(name)
        if len(found) > 1:
            said = " and ".join(each.name for each in found)
            raise Permanent(f"SHIPMATE_SECRETS has two files for {name}: {said}")
        return self._read(found[0])

    @override
    def __iter__(self) -> Iterator[str]:
        files = (_setting(each.name) for each in self._files())
        return iter(dict.fromkeys((*self._given, *files)))

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _files(self) -> list[Path]:
        if self._folder is None:
            return []
        try:
            there = sorted(self._folder.iterdir())
        except OSError as error:
            raise Permanent(f"SHIPMATE_SECRETS cannot be read: {error.strerror}") from error
        # What a Secret mounts are links to files below `..data`: a link is followed, a folder is none of ours.
        return [each for each in there if PLAIN.fullmatch(each.name) and each.is_file()]

    def _read(self, path: Path) -> Secret:
        text = read_secret(path, f"the file {path.name} of SHIPMATE_SECRETS")
        self._secrecy.learn(text)
        return Secret(text)


def several(text: str) -> list[str]:
    """Split a setting that may hold several, with commas, spaces or lines' ends between them."""
    return [each for each in re.split(r"[\s,]+", text) if each]


def with_files(
    given: Mapping[str, str], names: Iterable[str], problems: list[str]
) -> Mapping[str, str]:
    """Answer settings with what stands in the files that `NAME_FILE` names, where it names some for one of `names`."""
    found: dict[str, str] = {}
    for name in names:
        path = given.get(f"{name}_FILE", "")
        if not path:
            continue
        if given.get(name):
            problems.append(f"{name} and {name}_FILE are both set; set one of them")
            continue
        try:
            found[name] = read_secret(Path(path), f"{name}_FILE ({path})").strip()
        except Permanent as error:
            problems.append(str(error))
    return {**given, **found} if found else given


def read_secret(path: Path, called: str) -> str:
    """Read a file that holds a secret, without the line's end that editors and `echo` add. Raises Permanent."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise Permanent(f"{called} cannot be read: {error.strerror}") from error
    if len(raw) > LARGEST:
        raise Permanent(f"{called} is larger than {LARGEST // 1024} KiB")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Permanent(f"{called} holds no text") from None
    return text.removesuffix("\n").removesuffix("\r")


def _setting(name: str) -> str:
    """Answer what a file, or what names one, is called as a setting: `db-password` is `DB_PASSWORD`."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper())
