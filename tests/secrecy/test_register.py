"""The register of what is secret: values in all the forms in which others repeat them, and nothing else."""

import base64
import html
import json
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.run.model import Progress
from bot.secrecy import MASK, MOST, MOST_TOKENS, Secrecy, Secret, keeping, kept_here, leaves

VALUE = 'p@ss "wörd"/+&%'


def knowing(*values: str) -> Secrecy:
    made = Secrecy()
    made.learn(*values, lasting=True)
    return made


@pytest.mark.parametrize(
    "form",
    [
        VALUE,
        json.dumps(VALUE)[1:-1],
        json.dumps(VALUE, ensure_ascii=False)[1:-1],
        quote(VALUE, safe=""),
        quote(VALUE),
        quote_plus(VALUE),
        quote(VALUE, safe="")
        .replace("%2F", "%2f")
        .replace("%2B", "%2b")
        .lower()
        .replace("p%40", "p%40"),
        html.escape(VALUE),
        repr(VALUE)[1:-1],
    ],
)
def test_a_value_is_masked_in_every_form(form: str) -> None:
    assert knowing(VALUE).clean(f"before {form} after") == f"before {MASK} after"


@given(st.binary(max_size=9), st.text(min_size=6, max_size=40), st.binary(max_size=9))
def test_nothing_of_a_value_is_left_in_base64(before: bytes, value: str, after: bytes) -> None:
    if len(value.strip()) < 6:
        return
    value = value.strip()
    raw = before + value.encode() + after
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        said = knowing(value).clean(encode(raw).decode())
        assert MASK in said
        # What stands around it is left, and at most two characters that it shares with that.
        assert (
            len(said) <= len(encode(before).decode()) + len(MASK) + len(encode(after).decode()) + 4
        )


def test_the_longest_is_masked_first() -> None:
    assert knowing("abcdef", "abcdefghi").clean("abcdefghi abcdef") == f"{MASK} {MASK}"


def test_what_is_short_is_no_secret() -> None:
    assert knowing("short", "", " \n").clean("this is short") == "this is short"


def test_half_a_secret_at_the_end_of_what_was_cut_is_masked() -> None:
    known = knowing("canary-of-a-setting")
    assert known.clean("it said canary-of-…") == f"it said {MASK}"
    assert known.clean("it said canary-o…") == "it said canary-o…", "that is less than half"
    assert known.clean("x" * 9000 + "canary-of-…").endswith(f"x{MASK}")
    assert knowing("https://hooks.example/x").clean("see https://hooks.exam…").startswith("see h")


def test_the_beginning_of_a_secret_in_what_is_whole_is_none() -> None:
    known = knowing("apiVersion: v1\nclusters: []", "checkout-service-8f3kd9s0", "apiVersion-1234")
    assert known.clean("deploy checkout-service") == "deploy checkout-service"
    assert not known.holds({"apiVersion": "v1", "apiVersion-…": "checkout-service"})
    assert known.cleaned({"apiVersion-1234": 1}) == {MASK: 1}


def test_a_spared_name_is_no_half_of_a_secret() -> None:
    known = knowing("production-eu")
    known.spare({"production-eu"})
    assert known.clean("it is in production-…") == "it is in production-…"


def test_a_password_in_the_parameters_of_a_url_is_known_however_short() -> None:
    assert knowing("postgresql://db/x?password=hunter2").clean("no hunter2") == f"no {MASK}"


def test_each_of_several_secrets_to_sign_with_is_known() -> None:
    known = knowing("whsec_MfKQ9r8GKYqr whsec_TwjUPD8ILPZI")
    for each in ("whsec_MfKQ9r8GKYqr", "whsec_TwjUPD8ILPZI", "TwjUPD8ILPZI"):
        assert known.clean(f"not {each}") == f"not {MASK}"


def test_a_url_gives_its_password_and_its_tokens_away() -> None:
    known = knowing(
        "postgresql://shipmate:s3cr%40t-word@db.example/shop",
        "https://oapi.example/robot/send?access_token=0123456789abcdef&plain=no",
        "https://hooks.example/services/T0123/B0123/abcdEFGH0123",
    )
    for each in ("s3cr@t-word", "s3cr%40t-word", "0123456789abcdef", "abcdEFGH0123"):
        assert known.clean(f"refused: {each}!") == f"refused: {MASK}!"
    for each in ("shipmate", "db.example", "access_token", "/robot/send", "services"):
        assert known.clean(each) == each


def test_the_keys_in_a_document_are_masked_and_its_words_are_not() -> None:
    token = "eyJhbGciOiJSUzI1NiIsImtpZCI6Ik"
    document = f"apiVersion: v1\nclusters: [{{server: https://east.example.com:6443}}]\nusers: [{{token: {token}}}]\n"
    known = knowing(document)
    assert known.clean(f"Bearer {token}") == f"Bearer {MASK}"
    assert known.clean("https://east.example.com:6443 v1") == "https://east.example.com:6443 v1"


def test_what_is_a_name_in_the_files_is_spared_and_told() -> None:
    known = knowing("orders", "canary-1")
    assert known.spare({"orders", "shop-prod"}) == ("orders",)
    assert known.clean("orders canary-1") == f"orders {MASK}"
    below = known.below()
    below.learn("shop-prod")
    assert below.clean("shop-prod") == "shop-prod"
    apart = known.apart()
    apart.learn("shop-prod", "canary-2")
    assert apart.clean("shop-prod canary-1 canary-2") == f"shop-prod canary-1 {MASK}"


def test_what_is_learned_below_is_known_there_alone() -> None:
    above = knowing("canary-1")
    below = above.below()
    below.learn("canary-2")
    above.learn("canary-3")
    assert below.clean("canary-1 canary-2 canary-3") == f"{MASK} {MASK} {MASK}"
    assert above.clean("canary-2") == "canary-2"
    with keeping(below):
        assert kept_here("canary-2", above) == MASK
    assert kept_here("canary-2", above) == "canary-2"


def test_the_oldest_of_what_was_learned_in_passing_is_forgotten() -> None:
    known = knowing("canary-that-stays")
    known.learn(*(f"canary-{at:06}" for at in range(MOST + 1)))
    assert known.clean("canary-000000") == "canary-000000"
    assert (
        known.clean(f"canary-000001 canary-{MOST:06} canary-that-stays") == f"{MASK} {MASK} {MASK}"
    )


def test_a_document_of_many_tokens_pushes_out_no_value() -> None:
    known = Secrecy()
    known.learn("canary-that-stays")
    known.learn("\n".join(f"token-Number-{at:012}" for at in range(MOST_TOKENS + 1)))
    assert known.clean("canary-that-stays") == MASK
    assert known.clean(f"token-Number-{MOST_TOKENS:012}") == MASK
    assert known.clean(f"token-Number-{0:012}") == f"token-Number-{0:012}"


def test_a_certificate_is_public_and_the_key_beside_it_is_not() -> None:
    public, private = "MIIDdzCCAl+gAwIBAgIEAgAA", "MIIEvQIBADANBgkqhkiG9w0B"
    known = knowing(
        f"-----BEGIN CERTIFICATE-----\n{public}\n-----END CERTIFICATE-----\n"
        f"-----BEGIN PRIVATE KEY-----\n{private}\n-----END PRIVATE KEY-----\n"
    )
    assert known.clean(f"{public} {private}") == f"{public} {MASK}"


@dataclass(frozen=True)
class Said:
    """A value of our own."""

    text: str
    lines: tuple[str, ...] = ()
    more: Secret | None = None


def test_values_are_cleaned_whatever_they_are_made_of() -> None:
    known = knowing("canary-1")
    value = {"a": [1, "x canary-1"], "b": Said("canary-1", ("y", "canary-1"))}
    assert known.cleaned(value) == {"a": [1, f"x {MASK}"], "b": Said(MASK, ("y", MASK))}
    progress = (Progress("web", 1, 2, "canary-1"),)
    assert known.cleaned(progress) == (Progress("web", 1, 2, MASK),)
    assert known.holds(value)
    kept = known.cleaned(value, {Said: ("text",)})
    assert kept == {"a": [1, f"x {MASK}"], "b": Said("canary-1", ("y", MASK))}
    clean = {"a": [1, "x"], "b": Said("z")}
    assert known.cleaned(clean) is clean
    assert not known.holds(clean)


def test_of_a_secret_of_kubernetes_its_values_are_secret_and_its_names_are_not() -> None:
    made = {
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "shop-prod"},
        "data": {"password": base64.b64encode(b"canary-1").decode(), "port": "NTQzMg=="},
        "stringData": {"token": "canary-2"},
    }
    found = set(leaves({"value": made, "number": 1234567, "yes": True}))
    assert {"canary-1", "Y2FuYXJ5LTE=", "canary-2", "1234567"} <= found
    assert not {"db", "shop-prod", "Secret", "True"} & found


def test_what_holds_no_secret_holds_none_the_second_time_either() -> None:
    known = Secrecy()
    known.learn("t0ken-of-the-partner")
    answers = [json.loads('{"host": "api.partner.example", "port": 443}') for _ in range(2)]
    assert not any(known.holds(each) for each in answers)
    assert known.cleaned(answers[1]) is answers[1]
