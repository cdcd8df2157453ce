"""Settings for the chats: tokens, and one way to be reached; every mistake is named."""

import pytest

from bot.bootstrap.chats import ends_of
from bot.chat.dingtalk.http import HttpRequests as DingTalkRequests
from bot.chat.dingtalk.stream import Streams
from bot.chat.slack.http import HttpRequests
from bot.chat.slack.sockets import Sockets
from bot.clock import SystemClock
from bot.errors import SettingsError
from bot.lease import always
from bot.secrecy import MASK
from bot.settings import read, require_chat

BOT = {"SLACK_BOT_TOKEN": "xoxb-1"}
APP = {"SLACK_APP_TOKEN": "xapp-1"}
SECRET = {"SLACK_SIGNING_SECRET": "shhh"}
DINGTALK = {"DINGTALK_CLIENT_ID": "ding1", "DINGTALK_CLIENT_SECRET": "hush"}


@pytest.mark.parametrize(("given", "way"), [(APP, Sockets), (SECRET, HttpRequests)])
def test_slack_reaches_us_over_sockets_or_by_http(given: dict[str, str], way: type) -> None:
    settings = read({**BOT, **given})
    require_chat(settings)
    ends = ends_of(settings, SystemClock(), always)
    assert ends.dingtalk is None
    assert ends.slack is not None
    assert isinstance(ends.slack.connection, way)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "SLACK_APP_TOKEN is not set"),
        ({}, "for DingTalk in place of Slack set DINGTALK_CLIENT_ID"),
        ({"DINGTALK_CLIENT_ID": "ding1"}, "DINGTALK_CLIENT_SECRET is not set"),
        ({**BOT, **APP, "DINGTALK_CLIENT_SECRET": "x"}, "DINGTALK_CLIENT_ID is not set"),
        ({**BOT, **DINGTALK}, "SLACK_APP_TOKEN is not set"),
        (SECRET, "SLACK_BOT_TOKEN is not set"),
        ({**BOT, "SLACK_APP_TOKEN": "xoxb-2"}, "SLACK_APP_TOKEN does not begin with xapp-"),
        ({**BOT, **APP, **SECRET}, "set one of them"),
    ],
)
def test_what_is_missing_or_too_much_is_named(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        require_chat(read(given))


@pytest.mark.parametrize("given", [{**BOT, **APP}, DINGTALK, {**BOT, **SECRET, **DINGTALK}])
def test_one_chat_is_enough_and_both_are_fine(given: dict[str, str]) -> None:
    require_chat(read(given))


@pytest.mark.parametrize(
    ("more", "way"),
    [({}, Streams), ({"DINGTALK_HTTP_LISTEN": "[::1]:3001"}, DingTalkRequests)],
)
def test_dingtalk_reaches_us_over_a_stream_or_by_http(more: dict[str, str], way: type) -> None:
    settings = read({**DINGTALK, **more})
    ends = ends_of(settings, SystemClock(), always)
    assert ends.slack is None
    assert ends.dingtalk is not None
    assert isinstance(ends.dingtalk.connection, way)
    assert settings.dingtalk.listen == (("::1", 3001) if more else None)
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_SOCKETS", "0"),
        ("SLACK_SOCKETS", "11"),
        ("SLACK_SOCKETS", "many"),
        ("SLACK_HTTP_LISTEN", "3000"),
        ("DINGTALK_HTTP_LISTEN", "3000"),
        ("SLACK_HTTP_LISTEN", "here:"),
        ("SLACK_HTTP_LISTEN", "here:99999"),
        ("SHIPMATE_HTTP_LISTEN", "8486"),
        ("SHIPMATE_LOG_FORMAT", "xml"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is '{value}'"):
        read({name: value})


def test_addresses_are_read_with_their_port() -> None:
    assert read({"SLACK_HTTP_LISTEN": "[::1]:8080"}).slack.listen == ("::1", 8080)
    assert read({"SLACK_SOCKETS": "10"}).slack.sockets == 10


def test_the_http_server_is_here_elsewhere_or_off() -> None:
    here, elsewhere = read({}).http, read({"SHIPMATE_HTTP_LISTEN": "0.0.0.0:80"}).http
    assert here is not None
    assert (here.host, here.port, here.given) == ("127.0.0.1", 8486, False)
    assert elsewhere is not None
    assert (elsewhere.host, elsewhere.port, elsewhere.given) == ("0.0.0.0", 80, True)
    assert read({"SHIPMATE_HTTP_LISTEN": "off"}).http is None


def test_the_signing_secret_does_not_show_itself() -> None:
    assert "shhh" not in repr(read({**BOT, **SECRET}))


@pytest.mark.parametrize(
    ("given", "secret"),
    [
        ({"SHIPMATE_STORE_KEY": "canary-1\ncanary-2 canary-3,canary-4"}, f"canary-{each}")
        for each in range(1, 5)
    ]
    + [({"DATABASE_URL": "postgresql://db/x?user=a&password=canary-5"}, "canary-5")],
)
def test_each_part_of_a_setting_that_is_secret_is_known(given: dict[str, str], secret: str) -> None:
    assert read(given).secrecy.clean(f"it is {secret}.") == f"it is {MASK}."
