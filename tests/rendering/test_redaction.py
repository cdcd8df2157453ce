"""Secrets in log lines: hidden, and everything around them left as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.redaction import redact


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("DB_PASSWORD=hunter2 host=db", "DB_PASSWORD=••• host=db"),
        ('{"apiKey": "abc def", "port": 1}', '{"apiKey": •••, "port": 1}'),
        ("client_secret: s3cr3t, retry", "client_secret: •••, retry"),
        ("postgres://shop:pa55@db:5432/shop", "postgres://shop:•••@db:5432/shop"),
        ("Authorization: Bearer abc.def", "Authorization: •••"),
        ("sent bearer abc.def twice", "sent bearer ••• twice"),
        ("token xoxb-1234-abcdef is bad", "token ••• is bad"),
        ("pushed with ghp_0123456789abcdefghijABCDEFGHIJ012345", "pushed with •••"),
        ("AKIAIOSFODNN7EXAMPLE was refused", "••• was refused"),
        ("migrate --db-password hunter2 --fast", "migrate --db-password ••• --fast"),
        ("curl -u dev:hunter2 https://x", "curl -u dev:••• https://x"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "jwt •••"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(line: str, shown: str) -> None:
    assert redact(line) == shown


@pytest.mark.parametrize(
    "line",
    [
        "GET /healthz 200 in 3 ms",
        "listening on http://0.0.0.0:8080",
        "panic: runtime error: index out of range [3] with length 3",
        "author: dev, authority unknown",
        "0/3 nodes are available: 3 Insufficient cpu.",
        "",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert redact(line) == line


@given(st.text(max_size=200), st.text("abcdefABCDEF0123456789", min_size=8, max_size=30))
def test_a_named_secret_never_shows_whatever_stands_before_it(before: str, secret: str) -> None:
    assert secret not in redact(f"{before.replace(secret, '')} password={secret}")
