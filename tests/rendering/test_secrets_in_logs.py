"""Known shapes of secrets never survive, wherever they stand in a log and wherever the log was cut."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.redaction import redact, redact_lines

SAFE = string.ascii_letters + string.digits
WORDS = st.sampled_from(
    ["GET /healthz 200", "connected to db", "", "at main.go:12", "{", "- retry"]
)
SECRET = st.text(SAFE, min_size=12, max_size=30).filter(lambda each: not each.isdigit())
NAMES = st.sampled_from(
    [
        "password",
        "DB_PASSWORD",
        "api-key",
        "apiKey",
        "client_secret",
        "accessKey",
        "token",
        "spring.pwd",
    ]
)


def token(prefix: str, alphabet: str = SAFE, least: int = 36) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=least + 20).map(lambda each: prefix + each)


TOKENS = st.one_of(
    token("ghp_"),
    token("github_pat_"),
    token("glpat-"),
    token("xoxb-"),
    token("sk_live_"),
    token("AIza"),
    token("npm_"),
    token("hvs."),
    token("ya29."),
    st.text(string.ascii_uppercase + string.digits, min_size=16, max_size=16).map("AKIA".__add__),
    st.tuples(SECRET, SECRET, SECRET).map(lambda each: f"eyJ{each[0]}.eyJ{each[1]}.{each[2]}"),
)
FORMS = st.sampled_from(
    [
        "{name}={secret}",
        "{name}: {secret}",
        "{name} => {secret}",
        '"{name}": "{secret}"',
        "'{name}': '{secret}',",
        "--{name} {secret}",
        "--{name}={secret} --verbose",
        'export {name}="{secret}"',
        "postgres://shop:{secret}@db:5432/shop?{name}=x",
        "redis://:{secret}@cache",
        "GET /x?{name}={secret}&page=2",
        "Authorization: Bearer {secret}",
        '{{"authorization":"Bearer {secret}"}}',
        "Cookie: session={secret}; theme=dark",
        "https://hooks.slack.com/services/T000/B000/{secret}",
        "https://bucket.example/x?X-Amz-Signature={secret}",
        "curl -u ann:{secret} https://x",
    ]
)


@given(st.lists(WORDS, max_size=4), FORMS, NAMES, SECRET, st.lists(WORDS, max_size=4))
def test_what_stands_like_a_secret_never_shows(
    before: list[str], form: str, name: str, secret: str, after: list[str]
) -> None:
    line = form.format(name=name, secret=secret)

    shown = redact_lines([*before, f"2026-11-23 INFO {line}", *after])

    assert secret not in "\n".join(shown)


@given(WORDS, TOKENS, WORDS)
def test_tokens_are_known_by_their_form(before: str, secret: str, after: str) -> None:
    for text in (f"{before} {secret} {after}", f"{before} '{secret}',{after}", f"({secret})"):
        assert secret[8:] not in redact(text)


@given(SECRET, SECRET)
def test_a_quoted_secret_may_hold_anything(first: str, second: str) -> None:
    secret = f'{first}", \\ {second}'
    for text in (json.dumps({"password": secret}), json.dumps({"a": {"token": secret}}, indent=1)):
        assert first not in redact(text)
        assert second not in redact(text)
        assert second not in redact(json.dumps({"log": text}))  # a log of a log


def key(kind: str, body: list[str]) -> list[str]:
    return [f"-----BEGIN {kind}-----", *body, f"-----END {kind}-----"]


BODIES = st.lists(
    st.text(SAFE + "+/", min_size=64, max_size=64).filter(
        lambda each: any(map(str.islower, each)) and any(map(str.isupper, each))
    ),
    min_size=2,
    max_size=30,
)
KINDS = st.sampled_from(
    [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
    ]
)


@given(
    KINDS,
    BODIES,
    st.sampled_from(["", "  ", "2026-11-23T12:00:00Z web ", '\t"']),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_a_private_key_never_shows_wherever_the_log_was_cut(
    kind: str, body: list[str], prefix: str, begin: int, end: int
) -> None:
    short = "Ab3="
    lines = ["begin", *(prefix + each for each in key(kind, [*body, short])), "end"]
    begin, end = min(begin, len(body)), min(end, len(body))
    for part in (lines, lines[begin:], lines[: len(lines) - end]):
        shown = "\n".join(redact_lines(part))
        assert not any(each in shown for each in body)
    assert redact_lines(lines)[-1] == "end"
    assert redact_lines(lines)[0] == "begin"


@given(BODIES)
def test_lines_of_a_key_without_its_borders_are_known(body: list[str]) -> None:
    shown = "\n".join(redact_lines(["a", *body, "b"]))

    assert not any(each in shown for each in body)
    assert shown.startswith("a\n")
    assert shown.endswith("\nb")


@given(KINDS, BODIES)
def test_a_key_in_one_line_is_hidden_too(kind: str, body: list[str]) -> None:
    shown = redact(json.dumps({"tls": "\n".join(key(kind, body)), "port": 1}))

    assert not any(each in shown for each in body)
    assert '"port": 1' in shown


@given(NAMES, st.lists(SECRET, min_size=1, max_size=4), st.sampled_from(["|", ">-", "|2"]))
def test_a_secret_of_several_lines_in_yaml_is_hidden(
    name: str, lines: list[str], mark: str
) -> None:
    text = "\n".join(
        ["data:", f"  {name}: {mark}", *(f"    {each}" for each in lines), "  port: 1"]
    )

    shown = redact(text)

    assert not any(each in shown for each in lines)
    assert shown.endswith("\n  port: 1")


@pytest.mark.parametrize(
    "text",
    [
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "basic understanding of tokens",
        "commit 1f7d169 by dev",
        "-----BEGIN CERTIFICATE-----",
        "expected a PRIVATE KEY, found a CERTIFICATE",
    ],
)
def test_what_only_looks_alike_stays(text: str) -> None:
    assert redact(text) == text


def test_a_border_in_a_message_hides_no_whole_log() -> None:
    lines = ['found no "-----BEGIN PRIVATE KEY-----"', *(f"line {number}" for number in range(500))]

    assert redact_lines(lines)[-300:] == lines[-300:]
