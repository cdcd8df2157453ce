"""A request written as text is read back as the same request, whatever people have put into it."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.command.grammar import parse, unparse
from bot.command.requests import (
    Approve,
    Apps,
    Audit,
    Deploy,
    Diff,
    Envs,
    Help,
    Lock,
    Logs,
    Misunderstood,
    Reject,
    Request,
    Retry,
    Revisions,
    Rollback,
    RunName,
    Runs,
    Show,
    Skip,
    Status,
    Stop,
    Unlock,
    WhoAmI,
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
tricky = st.text(alphabet=st.sampled_from(list("\"'“”‘’«»„\\`&<>|@#!-—–= .,;ax")), max_size=30)
reasons = texts | tricky
steps = reasons.filter(bool)
digests = st.from_regex(r"[0-9a-f]{8,64}", fullmatch=True)
commits = st.from_regex(r"[0-9a-f]{7,40}", fullmatch=True)
spans = st.sampled_from(["", "30m", "2h", "1d12h", "3d"])
runs = st.builds(RunName, id=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)) | st.builds(
    RunName, application=names, environment=names, number=numbers
)
places = {"application": names, "environment": names}
gates = {"step": st.just("") | steps, "attempt": st.just(0) | numbers}

requests: st.SearchStrategy[Request] = st.one_of(
    st.builds(
        Deploy,
        **places,
        version=st.just("") | versions,
        images=st.dictionaries(names, images, max_size=4),
        commit=st.just("") | commits,
        note=reasons,
    ),
    st.builds(Deploy, **places, note=reasons, plan=st.just(value=True), show=st.just("") | names),
    st.builds(
        Rollback,
        **places,
        revision=st.none() | numbers,
        confirmed=st.just("") | digests,
        note=reasons,
        show=st.just("") | names,
    ),
    st.builds(Revisions, **places),
    st.builds(Diff, **places),
    st.builds(Diff, **places, older=numbers, newer=st.none() | numbers, show=st.just("") | names),
    st.builds(Diff, **places, live=st.booleans(), show=st.just("") | names),
    st.just(Status()),
    st.builds(Status, application=names, environment=st.just("") | names),
    st.builds(Runs, **places),
    st.builds(Show, run=runs),
    st.builds(Logs, run=runs, step=st.just("") | steps),
    st.builds(Skip, run=runs, step=steps, reason=reasons),
    st.builds(Approve, run=runs, reason=reasons, **gates),
    st.builds(Reject, run=runs, reason=reasons, **gates),
    st.builds(Stop, run=runs, reason=reasons),
    st.builds(Retry, run=runs, step=st.just("") | steps),
    st.builds(
        Lock,
        environment=names,
        reason=reasons.filter(str.strip),
        application=st.just("") | names,
        lasting=spans,
        version=st.just("") | versions,
    ),
    st.builds(Unlock, environment=names, application=st.just("") | names),
    st.builds(Audit, person=st.just("") | names, since=spans | st.just("2026-11-20")),
    st.builds(Audit, application=names, environment=st.just("") | names, person=names, since=spans),
    st.sampled_from([Apps(), Envs(), WhoAmI()]),
    st.builds(Help, verb=st.sampled_from(["", *(each.name for each in VERBS)])),
)


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
