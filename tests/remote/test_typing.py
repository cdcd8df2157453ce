"""What a shell keeps together is one word, whatever is in it; a mistake is told with the right form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command.requests import (
    Approve,
    Deploy,
    Lock,
    Misunderstood,
    Promote,
    Reject,
    Request,
    Rollback,
    RunName,
    Skip,
)
from bot.remote.typing import explained, read_words
from tests.command.test_round_trip import commits, images, names, numbers, texts, versions

RUN = RunName(application="shop", environment="prod", number=17)


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        (
            ["deploy", "shop", "prod", "v1", "--note", "a b"],
            Deploy(application="shop", environment="prod", version="v1", note="a b"),
        ),
        (
            ["deploy", "shop", "prod", "web=r.example/web:v1", "--at", "in 2h"],
            Deploy(
                application="shop",
                environment="prod",
                images={"web": "r.example/web:v1"},
                at="in 2h",
            ),
        ),
        (
            ["deploy", "shop", "prod", '--message=Fix: the "basket"'],
            Deploy(application="shop", environment="prod", message='Fix: the "basket"'),
        ),
        (["approve", "shop/prod#17"], Approve(run=RUN)),
        (["reject", "shop/prod#17", "not", "now"], Reject(run=RUN, reason="not now")),
        (["reject", "shop/prod#17", "it isn't done"], Reject(run=RUN, reason="it isn't done")),
        (
            ["skip", "shop/prod#17", "notes", "no calendar"],
            Skip(run=RUN, step="notes", reason="no calendar"),
        ),
        (
            ["rollback", "shop", "prod", "v3"],
            Rollback(application="shop", environment="prod", revision=3),
        ),
        (
            ["promote", "shop", "dev", "prod"],
            Promote(application="shop", origin="dev", environment="prod"),
        ),
        (
            ["lock", "prod", "the database moves", "--for", "2h", "--version", "v2"],
            Lock(environment="prod", reason="the database moves", lasting="2h", version="v2"),
        ),
    ],
)
def test_words_of_a_shell(typed: list[str], request_: Request) -> None:
    assert read_words(typed[0], typed[1:]) == request_


@given(
    application=names,
    environment=names,
    version=st.just("") | versions,
    built=st.dictionaries(names, images, max_size=3),
    commit=st.just("") | commits,
    message=texts,
)
def test_any_delivery_can_be_typed(
    application: str,
    environment: str,
    version: str,
    built: dict[str, str],
    commit: str,
    message: str,
) -> None:
    words = [application, environment, *filter(None, [version])]
    words += [f"{name}={image}" for name, image in built.items()]
    words += ["--commit", commit] if commit else []
    words += [f"--message={message}"] if message else []
    assert read_words("deploy", words) == Deploy(
        application=application,
        environment=environment,
        version=version,
        images=built,
        commit=commit,
        message=message,
    )


@given(number=numbers, reason=texts.filter(lambda text: text.strip() and not text.startswith("-")))
def test_any_reason_can_be_typed(number: int, reason: str) -> None:
    run = RunName(application="shop", environment="prod", number=number)
    assert read_words("reject", [f"shop/prod#{number}", reason]) == Reject(run=run, reason=reason)


@given(
    st.sampled_from(["deploy", "approve", "rollback", "lock"]),
    st.lists(st.text(max_size=20), max_size=5),
)
def test_any_words_are_understood_or_not(verb: str, words: list[str]) -> None:
    found = read_words(verb, words)
    if isinstance(found, Misunderstood):
        assert explained(found)


def test_a_mistake_is_told_with_the_right_form() -> None:
    found = read_words("deploy", ["shop", "prod", "--comit", "4be1c0a"])
    assert isinstance(found, Misunderstood)
    said = explained(found)
    assert "has no option “--comit”" in said
    assert "Did you mean: shipmate deploy shop prod --commit 4be1c0a" in said
    assert "The form is: shipmate deploy APP ENV" in said
