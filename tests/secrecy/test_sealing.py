"""Sealing: what is in the store opens with a key that is elsewhere, also after a rotation, and with no other."""

import base64
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.errors import Permanent, UserError
from bot.run.sealed import Sealed
from bot.sealing import Seals
from bot.secrecy import Secret
from bot.workflow.expressions import ExpressionError

ONE, TWO = base64.b64encode(b"1" * 32).decode(), base64.urlsafe_b64encode(b"\xff" * 32).decode()
VALUE = {"password": "cänary", "port": 5432, "none": None}


def seals(*keys: str) -> Seals:
    return Seals([Secret(each) for each in keys])


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    sealed = seals(ONE).seal(VALUE)
    assert "nary" not in sealed
    assert seals(ONE).open(sealed) == VALUE


def test_a_key_in_front_seals_from_now_on_and_the_others_still_open() -> None:
    before = seals(ONE).seal(VALUE)
    after = seals(TWO, ONE).seal(VALUE)
    assert seals(TWO, ONE).open(before) == VALUE
    assert seals(TWO).open(after) == VALUE
    with pytest.raises(Permanent, match="no key that there is opens it: SHIPMATE_STORE_KEY"):
        seals(TWO).open(before)


def test_without_a_key_it_is_said_what_to_set() -> None:
    with pytest.raises(Permanent, match=r"set SHIPMATE_STORE_KEY to 32 random bytes in base64"):
        Seals().check()
    with pytest.raises(Permanent, match="set SHIPMATE_STORE_KEY"):
        Seals().seal("x")
    with pytest.raises(Permanent, match="there is no key to open it"):
        Seals().open(seals(ONE).seal("x"))


@pytest.mark.parametrize("key", ["canary", base64.b64encode(b"canary").decode(), "ü" * 32])
def test_a_key_that_is_none_is_refused_without_being_said(key: str) -> None:
    with pytest.raises(UserError, match="key 2 of SHIPMATE_STORE_KEY is none") as told:
        seals(ONE, key)
    assert key not in str(told.value)


def test_a_key_is_made_in_a_file_that_nobody_else_reads_when_it_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "shipmate.db.key"
    made = Seals(file=file)
    made.check()
    assert not file.exists()
    sealed = made.seal(VALUE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Seals(file=file).open(sealed) == VALUE
    assert Seals(file=file).open(Seals(file=file).seal(VALUE)) == VALUE
    # A setting wins, and what the file's key has sealed stays open.
    both = Seals([Secret(ONE)], file)
    assert both.open(sealed) == VALUE
    assert seals(ONE).open(both.seal(VALUE)) == VALUE


def test_a_file_with_something_else_in_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "shipmate.db.key"
    file.write_text("canary", encoding="ascii")
    with pytest.raises(UserError, match=r"the key in .*shipmate.db.key is none"):
        Seals(file=file).seal("x")
    with pytest.raises(Permanent, match="no key can be kept"):
        Seals(file=tmp_path / "nowhere" / "key").seal("x")


def test_a_sealed_value_shows_itself_nowhere() -> None:
    sealed = Sealed.opened(Fernet.generate_key().decode(), "canary")
    assert "canary" not in f"{sealed} {sealed!r} {[sealed]}"
    assert sealed.reveal() == "canary"
    assert sealed == Sealed.opened("another token", "canary")
    assert sealed != Sealed("another token")
    assert sealed != "canary"
    with pytest.raises(ExpressionError, match="cannot be read: its key is gone"):
        Sealed("token", locked="its key is gone").reveal()
