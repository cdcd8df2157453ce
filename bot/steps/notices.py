"""Several notices of one step: sent at the same time, each with its own result, and none of them stops another.

What was delivered is not sent again: neither because another notice of the step failed and it is tried again, by itself
or by a person, nor after a restart. One that was refused for good is left alone until a person tries again. Only a
process that dies between the answer of somebody's server and the note of it sends that one again: nobody can look for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.errors import Permanent, Temporary
from bot.run.model import Progress
from bot.steps.contract import Done, Failed, Notices, Outcome, StepContext, Waiting

SOON = 15.0
"""Seconds until a notice that failed is tried again while another one waits for its turn."""

Send = Callable[[Sequence[str]], Awaitable[Waiting | None]]
"""Sends one notice, or says why it is not its turn. It gets the notice's keys: this round's first, and those of earlier
rounds that were in vain. Raises Temporary or Permanent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice: whom it is for, as people say it, and how it is sent."""

    to: str
    send: Send
    suffix: str = ""
    """What tells its key from those of the step's other notices."""
    by_us: bool = False
    """Whether the bot posts it itself, and the chat knows what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a notice; without an `error` it was delivered, unless it is `waiting`."""

    to: str
    error: str = ""
    passing: bool = False
    """Whether another try may succeed."""
    waiting: Waiting | None = None

    @property
    def delivered(self) -> bool:
        """Whether it arrived."""
        return not self.error and self.waiting is None

    @property
    def said(self) -> str:
        """What became of it, in a few words."""
        if self.waiting is not None:
            return self.waiting.message
        return self.error or "delivered"


async def send_all(
    context: StepContext, notices: Sequence[Notice], *, must_arrive: bool
) -> Outcome:
    """Send them all and wait for all of them. Unless they `must_arrive`, the step is done when tries are used up."""
    keys = await _keys(context, notices)
    results = await asyncio.gather(
        *(_send(context, each, mine) for each, mine in zip(notices, keys, strict=True))
    )
    if len(results) > 1:
        await context.report([_progress(each) for each in results])
    waiting = [each.waiting for each in results if each.waiting is not None]
    if waiting:
        soonest = min(waiting, key=lambda each: each.after or 0.0)
        after = soonest.after or 1.0
        if any(each.passing for each in results):
            after = min(after, SOON)
        return Waiting(message=_waits(results, soonest), after=after)
    return _outcome(context, results, must_arrive=must_arrive)


def _outcome(context: StepContext, results: Sequence[Sent], *, must_arrive: bool) -> Outcome:
    several = len(results) > 1
    outputs = {
        "notices": [
            {"to": each.to, "delivered": each.delivered, "error": each.error} for each in results
        ]
    }
    failed = [each for each in results if each.error]
    if not failed:
        return Done(message=_delivered(results) if several else "", outputs=outputs)
    said = _said(results)
    details = tuple(f"{each.to}: {each.said}" for each in results) if several else ()
    passing = any(each.passing for each in failed)
    if must_arrive or (passing and _tries_left(context)):
        return Failed(message=said, retryable=passing, details=details, outputs=outputs)
    return Done(message=said, details=details, outputs=outputs)


async def _send(context: StepContext, notice: Notice, keys: Sequence[str]) -> Sent:
    if not keys:
        return Sent(to=notice.to)
    kept = _kept(context)
    if not notice.by_us:
        refused = await kept.became(context.run, keys[0])
        if refused:
            return Sent(to=notice.to, error=refused)
    try:
        waiting = await notice.send(keys)
    except Temporary as error:
        return Sent(to=notice.to, error=str(error), passing=True)
    except Permanent as error:
        if not notice.by_us:
            await kept.remember(context.run, keys[0], str(error))
        return Sent(to=notice.to, error=str(error))
    if waiting is None and await kept.became(context.run, keys[0]) != "":
        await kept.remember(context.run, keys[0])  # what the bot posts itself, its chat has noted
    return Sent(to=notice.to, waiting=waiting)


async def _keys(context: StepContext, notices: Sequence[Notice]) -> list[list[str]]:
    """Answer the keys of each notice, this round's first; none for one that was delivered.

    Rounds by the end of which all were delivered do not count: whoever has the step done again wants them said again.
    """
    state, kept = context.run.step(context.step), _kept(context)
    base, now = context.key.rpartition("/")[0], state.round if state is not None else 1
    keys: list[list[str]] = [[] for _ in notices]
    there: set[int] = set()
    for round_ in range(1, now + 1):
        if len(there) == len(notices):
            keys, there = [[] for _ in notices], set()
        found = [f"{base}/{round_}{each.suffix}" for each in notices]
        became = [await kept.became(context.run, each) for each in found]
        there |= {at for at, each in enumerate(became) if each == ""}
        for at, each in enumerate(found):
            keys[at].insert(0, each)
    return [[] if at in there else mine for at, mine in enumerate(keys)]


def _kept(context: StepContext) -> Notices:
    assert context.granted.notices is not None
    return context.granted.notices


def _progress(sent: Sent) -> Progress:
    return Progress(sent.to, int(sent.delivered), 1, "" if sent.delivered else sent.said)


def _delivered(results: Sequence[Sent]) -> str:
    return f"delivered: {', '.join(each.to for each in results)}"


def _waits(results: Sequence[Sent], soonest: Waiting) -> str:
    """Say what is waited for, and what has become of the others."""
    failed = [f"{each.to}: {each.error}" for each in results if each.error]
    return "; ".join((soonest.message, *failed))


def _said(results: Sequence[Sent]) -> str:
    failed = [each for each in results if each.error]
    if len(results) == 1:
        return failed[0].error
    said = "; ".join(f"{each.to}: {each.error}" for each in failed)
    return f"{len(failed)} of {len(results)} notices did not arrive: {said}"


def _tries_left(context: StepContext) -> bool:
    state = context.run.step(context.step)
    return state is not None and state.failures < context.spec.retries
