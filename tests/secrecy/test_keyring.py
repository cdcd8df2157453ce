"""Where secrets come from: the environment, and files as Kubernetes mounts them, read when they are used."""

from pathlib import Path

import pytest

from bot.bootstrap.equipment import revealing
from bot.errors import Permanent, SettingsError
from bot.settings import Settings, read, read_remote


def mounted(folder: Path, generation: str, **values: bytes) -> None:
    """Write a folder as the kubelet mounts a Secret: files behind links, which are exchanged all at once."""
    (folder / generation).mkdir(parents=True)
    for name, value in values.items():
        (folder / generation / name).write_bytes(value)
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    fresh = folder / "..data_tmp"
    fresh.symlink_to(generation)
    fresh.replace(folder / "..data")


def settings(folder: Path, **more: str) -> Settings:
    return read({"SHIPMATE_SECRETS": str(folder), **more})


def test_a_file_is_a_secret_of_its_name_without_the_lines_end(tmp_path: Path) -> None:
    mounted(
        tmp_path,
        "..1",
        **{"db-password": b"canary-1\n", "api.token": b"canary-2\r\n", "DB_URL": b"canary-3"},
    )
    found = settings(tmp_path)
    reveal = revealing(found.secrets)
    assert [reveal(each) for each in ("DB_PASSWORD", "db-password", "API_TOKEN", "DB_URL")] == [
        "canary-1",
        "canary-1",
        "canary-2",
        "canary-3",
    ]
    assert sorted(found.secrets) == ["API_TOKEN", "DB_PASSWORD", "DB_URL"]
    assert len(found.secrets) == 3
    assert reveal("..data") is None
    assert reveal("../../etc/passwd") is None
    assert found.secrecy.clean("canary-1 canary-2 canary-3") == "••• ••• •••"


def test_a_secret_that_is_rotated_counts_at_once_and_the_old_one_stays_secret(
    tmp_path: Path,
) -> None:
    mounted(tmp_path, "..1", token=b"canary-old")
    found = settings(tmp_path)
    reveal = revealing(found.secrets)
    assert reveal("TOKEN") == "canary-old"
    mounted(tmp_path, "..2", token=b"canary-new")
    assert reveal("TOKEN") == "canary-new"
    assert found.secrecy.clean("canary-old canary-new") == "••• •••"
    (tmp_path / "token").unlink()
    assert reveal("TOKEN") is None


def test_what_the_environment_has_wins(tmp_path: Path) -> None:
    mounted(tmp_path, "..1", token=b"canary-1")
    found = settings(tmp_path, SHIPMATE_SECRET_TOKEN="canary-2")
    assert revealing(found.secrets)("TOKEN") == "canary-2"


def test_what_can_be_no_secret_is_refused_when_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    (tmp_path / "two-names").write_text("canary-1", encoding="utf-8")
    (tmp_path / "two.names").write_text("canary-2", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / ".hidden").write_text("canary-3", encoding="utf-8")
    reveal = revealing(settings(tmp_path).secrets)
    for name, said in (
        ("BINARY", "the file binary of SHIPMATE_SECRETS holds no text"),
        ("LARGE", "larger than 1024 KiB"),
        ("TWO_NAMES", "two files for TWO_NAMES: two-names and two.names"),
    ):
        with pytest.raises(Permanent, match=said) as told:
            reveal(name)
        assert "canary" not in str(told.value)
    assert reveal("FOLDER") is None
    assert reveal("HIDDEN") is None


def test_a_folder_that_is_none_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"SHIPMATE_SECRETS is .* which is no folder"):
        settings(tmp_path / "nothing")


def test_tokens_of_our_own_come_from_files_too(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("xoxb-canary\n", encoding="utf-8")
    found = read({"SLACK_BOT_TOKEN_FILE": str(file), "SLACK_APP_TOKEN": "xapp-canary"})
    assert found.slack.bot_token.reveal() == "xoxb-canary"
    assert found.secrecy.clean("xoxb-canary xapp-canary") == "••• •••"
    file.write_text("postgresql://u:canary-1@db/shop\n", encoding="utf-8")
    found = read({"DATABASE_URL_FILE": str(file)})
    assert found.store_url == "postgresql://u:canary-1@db/shop"
    assert found.secrecy.clean("refused canary-1") == "refused •••"
    file.write_text("canary-2\n", encoding="utf-8")
    assert read_remote("", {"SHIPMATE_TOKEN_FILE": str(file)}).token.reveal() == "canary-2"


def test_a_file_that_cannot_be_read_or_is_one_too_many_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    given = {
        "SLACK_BOT_TOKEN_FILE": missing,
        "SLACK_APP_TOKEN": "xapp-canary",
        "SLACK_APP_TOKEN_FILE": missing,
    }
    with pytest.raises(SettingsError) as told:
        read(given)
    assert f"SLACK_BOT_TOKEN_FILE ({missing}) cannot be read: No such file" in str(told.value)
    assert "SLACK_APP_TOKEN and SLACK_APP_TOKEN_FILE are both set" in str(told.value)
    assert "canary" not in str(told.value)
