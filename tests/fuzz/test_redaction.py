"""What is looked through for secrets before somebody reads it: any log, however long, and a secret is gone from all of it."""

from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st

from bot.rendering.redaction import HIDDEN, redact, redact_lines
from tests.fuzz.anything import TEXT, bent, fuzzed

PLANTED: Final = (
    "password={}",
    '{{"apiKey": "{}", "port": 1}}',
    "Authorization: Bearer {}",
    'Authorization: Digest username="x", response="{}"',
    "Authorization: AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature={}",
    "postgres://shop:{}@db:5432/shop",
    "migrate --db-password {} --fast",
    "curl -u dev:{} https://x",
    "Cookie: session={}",
    "https://store.example/x?sig={}&a=1",
    "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "client_secret: |\n  {}\nnext: 1",
)
SECRET: Final = "S3cretS3cretS3cret0123456789"
LINES: Final = tuple(each.format(SECRET) for each in PLANTED)
LONG: Final = 20_000


@fuzzed
@given(st.one_of(TEXT, bent(*LINES), st.lists(st.sampled_from(LINES)).map("\n".join)))
@example("password" * (LONG // 8))
@example("password=" + " " * LONG)
@example("--token" + " " * LONG + "-")
@example("a://" * (LONG // 4))
@example("basic " * (LONG // 6))
@example('token="' + "\\" * LONG)
@example("-----BEGIN PRIVATE KEY-----" * 2000)
@example("a " * (LONG // 2))
@example(f"Authorization: Digest username=x, response={SECRET}")
def test_any_text_is_looked_through(text: str) -> None:
    assert len(redact_lines(text.split("\n"))) <= text.count("\n") + 1


@fuzzed
@given(st.lists(st.sampled_from(LINES), max_size=6).map("\n".join))
def test_a_second_look_changes_nothing(text: str) -> None:
    once = redact(text)
    assert SECRET not in once
    assert redact(once) == once


@fuzzed
@given(
    st.sampled_from(PLANTED),
    st.text("abcdefXYZ0123456789", min_size=10, max_size=40),
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_planted_secret_is_gone_whatever_stands_around_it(
    form: str, secret: str, around: str, end: str
) -> None:
    around = around.replace(secret, "")
    assert secret not in redact(f"{around}{end}{form.format(secret)}{end}{around}")
    assert HIDDEN in redact(form.format(secret))
