"""What may be called: how the setting is read, and how an address is judged."""

import pytest

from bot.addresses import EVERYWHERE, Addresses, read_addresses
from bot.errors import SettingsError
from bot.settings import read


def allowed(text: str, host: str, address: str = "203.0.113.7", port: int = 443) -> bool:
    addresses, problems = read_addresses(text)
    assert problems == []
    return not addresses.refusal(host, address, port)


GUARDED = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "::",
    "::1",
    "169.254.169.254",
    "169.254.170.2",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "::ffff:169.254.169.254",
    "::ffff:127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "64:ff9b:1:fffe::a9fe:a9fe",
    "::ffff:0:a9fe:a9fe",
    "2002:a9fe:a9fe::1",
]
"""This machine, its link and where clouds hand out credentials, in each spelling of them."""


@pytest.mark.parametrize("address", GUARDED)
@pytest.mark.parametrize(
    "setting", ["", "*", "0.0.0.0/0, ::/0", "hook.example.com", "100.64.0.0/10, fc00::/7"]
)
def test_neither_a_name_nor_a_wide_network_opens_what_is_guarded(
    setting: str, address: str
) -> None:
    addresses, _ = read_addresses(setting)
    assert "SHIPMATE_ALLOWED_ADDRESSES" in addresses.refusal("hook.example.com", address, 443)


@pytest.mark.parametrize("address", GUARDED)
def test_everywhere_is_everywhere(address: str) -> None:
    assert not EVERYWHERE.refusal("hook.example.com", address, 443)


@pytest.mark.parametrize(
    ("setting", "host", "address", "port", "may"),
    [
        ("", "hook.example.com", "203.0.113.7", 443, True),
        ("", "inside", "10.0.0.7", 80, True),
        ("169.254.169.254", "meta", "169.254.169.254", 80, True),
        ("169.254.169.254", "meta", "169.254.170.2", 80, False),
        ("127.0.0.1:9000", "localhost", "127.0.0.1", 9000, True),
        ("127.0.0.1:9000", "localhost", "127.0.0.1", 9001, False),
        ("100.100.100.200", "meta", "100.100.100.200", 80, True),
        ("hook.example.com", "Hook.Example.com.", "203.0.113.7", 443, True),
        ("hook.example.com", "other.example.com", "203.0.113.7", 443, False),
        ("hook.example.com:443", "hook.example.com", "203.0.113.7", 80, False),
        ("*.example.com", "a.b.example.com", "203.0.113.7", 443, True),
        ("*.example.com", "example.com", "203.0.113.7", 443, False),
        ("*.example.com", "badexample.com", "203.0.113.7", 443, False),
        ("10.0.0.0/8", "inside", "10.9.9.9", 443, True),
        ("10.0.0.0/8", "outside", "11.0.0.1", 443, False),
        ("10.0.0.0/8", "inside", "::ffff:10.9.9.9", 443, True),
        ("[fd12::/16]:443", "inside", "fd12::1", 443, True),
        ("[fd12::/16]:443", "inside", "fd12::1", 80, False),
        ("fd12::1", "inside", "fd12::1", 80, True),
        ("a.example, *:8443", "b.example", "203.0.113.7", 8443, True),
    ],
)
def test_what_is_listed_may_be_called_and_nothing_else(
    setting: str, host: str, address: str, port: int, *, may: bool
) -> None:
    assert allowed(setting, host, address, port) is may


@pytest.mark.parametrize(
    ("setting", "host", "may"),
    [
        ("", "hook.example.com", True),
        ("", "169.254.169.254", False),
        ("", "127.1", False),
        ("*", "2130706433", False),
        ("", "0x7f.1", False),
        ("", "0177.0.0.1", False),
        ("", "0xA9FEA9FE", False),
        ("", "0.", False),
        ("", "cafe.fade", True),
        ("", "010.0.0.1", True),
        ("8.0.0.1", "010.0.0.1", True),
        ("10.0.0.1", "010.0.0.1", False),
        ("", "localhost", False),
        ("", "a.localhost", False),
        ("hook.example.com", "hook.example.com", True),
        ("hook.example.com", "other.example.com", False),
        ("10.0.0.0/8", "10.1.2.3", True),
    ],
)
def test_by_way_of_a_proxy_names_are_judged(setting: str, host: str, *, may: bool) -> None:
    addresses, _ = read_addresses(setting)
    assert (not addresses.refusal_unresolved(host, 443)) is may


def test_everything_that_is_wrong_with_the_setting_is_told_together() -> None:
    text = (
        "10.0.0.1/8, hook.example.com:99999, https://x.example/y, 1.2.3, a b, fine.example, [::1]x"
    )
    with pytest.raises(SettingsError) as raised:
        read({"SHIPMATE_ALLOWED_ADDRESSES": text, "PORT": "no"})
    said = str(raised.value)
    for each in (
        "'10.0.0.1/8' is no address",
        "'hook.example.com:99999' has no port",
        "PORT is 'no'",
    ):
        assert each in said
    for each in ("https://x.example/y", "1.2.3", "a b", "[::1]x"):
        assert repr(each) in said
    assert "fine.example" not in said


def test_a_setting_that_names_nothing_does_not_allow_everything() -> None:
    with pytest.raises(SettingsError, match="SHIPMATE_ALLOWED_ADDRESSES names nothing"):
        read({"SHIPMATE_ALLOWED_ADDRESSES": " , "})


def test_the_sandbox_is_on_this_machine() -> None:
    assert Addresses().refusal("127.0.0.1", "127.0.0.1", 80)
    assert not Addresses().with_this_machine().refusal("127.0.0.1", "127.0.0.1", 80)
    assert not Addresses().with_this_machine().refusal("x.example", "203.0.113.7", 80)
    assert Addresses().with_this_machine().refusal("x.example", "169.254.169.254", 80)
