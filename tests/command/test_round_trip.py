"""A request written as text is read back as the same request, whatever people have put into it."""

from typing import get_args

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.catalog.durations import write_duration
from bot.command.grammar import parse, unparse
from bot.command.requests import (
    Approve,
    Apps,
    Audit,
    Deploy,
    Diff,
    Doctor,
    Envs,
    Help,
    Lock,
    Logs,
    Misunderstood,
    Pause,
    Promote,
    Reject,
    Replicas,
    Request,
    Restart,
    Resume,
    Retry,
    Revisions,
    Rollback,
    RunName,
    Runs,
    Show,
    Sign,
    Skip,
    Status,
    Stop,
    Unlock,
    WhoAmI,
    Withdraw,
)
from bot.command.verbs import VERBS
from bot.command.words import INVISIBLE

names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
versions = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}", fullmatch=True)
images = st.from_regex(
    r"([a-z]+\.example(:[0-9]{2})?/)?[a-z0-9]+(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?", fullmatch=True
)
numbers = st.integers(1, 99_999)
texts = st.text(max_size=120).filter(lambda text: INVISIBLE.search(text) is None)
tricky = st.text(
    alphabet=st.sampled_from(list("\"'“”‘’«»„\\`&<>|@#!-—–= .,;ax，。：＝－＂「」『』ｄ９　")),
    max_size=30,
)
reasons = texts | tricky
steps = reasons.filter(bool)
digests = st.from_regex(r"[0-9a-f]{8,64}", fullmatch=True)
commits = st.from_regex(r"[0-9a-f]{7,40}", fullmatch=True)
spans = st.sampled_from(["", "30m", "2h", "1d12h", "3d"])
runs = st.builds(RunName, id=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)) | st.builds(
    RunName, application=names, environment=names, number=numbers
)
places = {"application": names, "environment": names}
moments = st.builds(
    lambda day, hour, minute, zone: f"{day}{hour:02}:{minute:02}{zone}",
    st.just("") | st.dates().map(lambda day: f"{day}T"),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(
        ["", "Z", "+01:00", "-0530", " UTC", " Europe/Berlin", " America/Port-au-Prince"]
    ),
) | st.integers(1, 300_000).map(lambda seconds: f"in {write_duration(seconds)}")
gates = {"step": st.just("") | steps, "attempt": st.just(0) | numbers}

by_type: dict[object, st.SearchStrategy[Request]] = {
    Deploy: st.builds(
        Deploy,
        **places,
        version=st.just("") | versions,
        images=st.dictionaries(names, images, max_size=4),
        commit=st.just("") | commits,
        note=reasons,
        at=st.just("") | moments,
        branch=reasons,
        author=reasons,
        message=reasons,
    )
    | st.builds(Deploy, **places, note=reasons, plan=st.just(value=True), show=st.just("") | names),
    Promote: st.builds(Promote, **places, origin=names, note=reasons)
    | st.builds(
        Promote, **places, origin=names, plan=st.just(value=True), show=st.just("") | names
    ),
    Rollback: st.builds(
        Rollback,
        **places,
        revision=st.none() | numbers,
        confirmed=st.just("") | digests,
        note=reasons,
        show=st.just("") | names,
    ),
    Revisions: st.builds(Revisions, **places),
    Diff: st.builds(Diff, **places)
    | st.builds(Diff, **places, older=numbers, newer=st.none() | numbers, show=st.just("") | names)
    | st.builds(Diff, **places, live=st.booleans(), show=st.just("") | names),
    Status: st.just(Status())
    | st.builds(Status, application=names, environment=st.just("") | names),
    Runs: st.builds(Runs, **places),
    Show: st.builds(Show, run=runs),
    Logs: st.builds(Logs, run=runs, step=st.just("") | steps),
    Approve: st.builds(Approve, run=runs, reason=reasons, **gates),
    Reject: st.builds(Reject, run=runs, reason=reasons, **gates),
    Stop: st.builds(Stop, run=runs, reason=reasons),
    Retry: st.builds(Retry, run=runs, step=st.just("") | steps),
    Restart: st.builds(Restart, run=runs),
    Skip: st.builds(Skip, run=runs, step=steps.filter(str.strip), reason=reasons),
    Pause: st.builds(Pause, run=runs, reason=reasons),
    Resume: st.builds(Resume, run=runs, step=st.just("") | steps),
    Lock: st.builds(
        Lock,
        environment=names,
        reason=reasons.filter(str.strip),
        application=st.just("") | names,
        lasting=spans,
        version=st.just("") | versions,
    ),
    Unlock: st.builds(Unlock, environment=names, application=st.just("") | names),
    Doctor: st.builds(Doctor),
    Audit: st.builds(Audit, person=st.just("") | names, since=spans | st.just("2026-11-20"))
    | st.builds(
        Audit, application=names, environment=st.just("") | names, person=names, since=spans
    ),
    Withdraw: st.builds(Withdraw, run=runs, step=st.just("") | steps),
    Sign: st.builds(Sign, run=runs, note=reasons),
    Apps: st.just(Apps()),
    Envs: st.just(Envs()),
    Replicas: st.just(Replicas()),
    WhoAmI: st.just(WhoAmI()),
    Help: st.builds(Help, verb=st.sampled_from(["", *(each.name for each in VERBS)])),
}
requests = st.one_of(*by_type.values())


def test_no_type_of_request_is_left_out() -> None:
    assert set(by_type) == set(get_args(Request))


@settings(max_examples=600, deadline=None)
@given(requests)
@example(Reject(run=RunName(id="a"), reason='"'))
@example(Reject(run=RunName(id="a"), reason="ends with \\"))
@example(Reject(run=RunName(id="a"), reason='a" --step b'))
@example(Reject(run=RunName(id="a"), reason="<!channel> *x* <@U1|x>"))
@example(Reject(run=RunName(id="a"), reason="&amp; `x` "))
@example(Approve(run=RunName(id="a"), reason="."))
@example(Stop(run=RunName(id="a"), reason="two\nlines"))
def test_every_request_survives_being_written_and_read(request: Request) -> None:
    assert parse(unparse(request)) == request


@settings(max_examples=600, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                *(each.name for each in VERBS),
                "shop",
                "prod",
                "run:1",
                "--note",
                "—step",
                "--plan",
                "--live",
                "--show",
                "--at",
                "in",
                "18:00",
                "－－at",
            ]
        )
        | tricky
        | versions,
        max_size=8,
    ).map(" ".join)
)
def test_no_text_makes_the_grammar_fail_and_what_it_reads_is_stable(text: str) -> None:
    found = parse(text)
    if not isinstance(found, Misunderstood):
        assert parse(unparse(found)) == found
