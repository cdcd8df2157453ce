"""Seals values that are secret before they are stored, by Fernet (AES-128 in CBC mode with an HMAC): with keys that are elsewhere.

The first key seals and any of them opens, so that keys are rotated by putting a new one in front. On a SQLite file a key is
made beside the database when the first value is sealed; a server is no place for the key of what is on it, so there it is
a setting.
"""

import base64
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import Permanent, UserError
from bot.secrecy import Secret

SETTING: Final = "SHIPMATE_STORE_KEY"
SIZE: Final = 32
"""Bytes of a key: https://github.com/fernet/spec/blob/master/Spec.md"""
SET_A_KEY: Final = f"set {SETTING} to {SIZE} random bytes in base64 (`openssl rand -base64 {SIZE}`), the same for all replicas"
NO_KEY: Final = f"it leaves a secret, and there is no key to seal it with: {SET_A_KEY}"


class Seals:
    """Seals and opens. Raises UserError at construction for a key that is none."""

    def __init__(self, keys: Sequence[Secret] = (), file: Path | None = None) -> None:
        """`file` has a key besides, and gets one where there are no `keys`."""
        self._keys = [
            _fernet(each.reveal(), f"key {at} of {SETTING}") for at, each in enumerate(keys, 1)
        ]
        self._file = file
        self._of_file: Fernet | None = None

    def check(self) -> None:
        """Raise Permanent, saying what to set, when nothing can be sealed."""
        if not self._keys and self._file is None:
            raise Permanent(NO_KEY)

    def seal(self, value: Any) -> str:
        """Answer a JSON value as a text that only a key opens. Raises Permanent without one."""
        self.check()
        sealing = self._keys[0] if self._keys else self._kept(make=True)
        assert sealing is not None, "it was made"
        return sealing.encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()

    def open(self, sealed: str) -> Any:
        """Answer the value that was sealed. Raises Permanent when none of the keys opens it."""
        kept = self._kept(make=False)
        keys = [*self._keys, *([kept] if kept is not None else [])]
        if not keys:
            raise Permanent(f"it is sealed, and there is no key to open it: set {SETTING}")
        try:
            return json.loads(MultiFernet(keys).decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            raise Permanent(
                f"it is sealed, and no key that there is opens it: {SETTING} has to have the one it was sealed with, too"
            ) from None

    def _kept(self, *, make: bool) -> Fernet | None:
        """Answer the key of the file; None where there is none, and none is to be made."""
        if self._of_file is None and self._file is not None:
            if make:
                _make(self._file)
            try:
                text = self._file.read_text(encoding="ascii").strip()
            except FileNotFoundError:
                return None
            except (OSError, UnicodeDecodeError) as error:
                raise Permanent(f"the key in {self._file.name} cannot be read: {error}") from error
            self._of_file = _fernet(text, f"the key in {self._file}")
        return self._of_file


def _make(path: Path) -> None:
    """Make a key that nobody else can read, unless there is one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise Permanent(f"no key can be kept in {path}: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(handle)


def _fernet(text: str, called: str) -> Fernet:
    """Read a key, in either alphabet of base64. Raises UserError."""
    try:
        raw = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        raw = b""
    if len(raw) != SIZE:
        raise UserError(
            f"{called} is none: it has to be {SIZE} bytes in base64 (`openssl rand -base64 32`)"
        )
    return Fernet(base64.urlsafe_b64encode(raw))
