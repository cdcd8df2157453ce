"""Several notices of one step: sent at the same time, each with its own result, and none of them stops another.

What was delivered is not sent again: neither because another notice of the step failed and it is tried again, nor
after a restart. Only a process that dies between the answer of an incoming webhook and the note of it sends that
one again: nobody can look for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.errors import Permanent, Temporary
from bot.run.model import Progress
from bot.steps.contract import Done, Failed, Outcome, StepContext

Send = Callable[[], Awaitable[None]]
"""Sends one notice. Raises Temporary or Permanent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice: whom it is for, as people say it, and how it is sent."""

    to: str
    send: Send


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a notice; without an `error` it was delivered."""

    to: str
    error: str = ""
    passing: bool = False
    """Whether another try may succeed."""


async def send_all(
    context: StepContext, notices: Sequence[Notice], *, must_arrive: bool
) -> Outcome:
    """Send them all and wait for all of them. Unless they `must_arrive`, the step is done when tries are used up."""
    results = await asyncio.gather(*(_send(each) for each in notices))
    failed = [each for each in results if each.error]
    if len(results) > 1:
        await context.report([Progress(each.to, int(not each.error), 1, "") for each in results])
    outputs = {
        "notices": [
            {"to": each.to, "delivered": not each.error, "error": each.error} for each in results
        ]
    }
    if not failed:
        return Done(outputs=outputs)
    said = _said(results)
    passing = any(each.passing for each in failed)
    if must_arrive or (passing and _tries_left(context)):
        details = tuple(f"{each.to}: {each.error or 'delivered'}" for each in results)
        return Failed(
            message=said,
            retryable=passing,
            details=details if len(results) > 1 else (),
            outputs=outputs,
        )
    return Done(message=said, outputs=outputs)


async def _send(notice: Notice) -> Sent:
    try:
        await notice.send()
    except Temporary as error:
        return Sent(to=notice.to, error=str(error), passing=True)
    except Permanent as error:
        return Sent(to=notice.to, error=str(error))
    return Sent(to=notice.to)


def _said(results: Sequence[Sent]) -> str:
    failed = [each for each in results if each.error]
    if len(results) == 1:
        return failed[0].error
    said = "; ".join(f"{each.to}: {each.error}" for each in failed)
    return f"{len(failed)} of {len(results)} notices did not arrive: {said}"


def _tries_left(context: StepContext) -> bool:
    state = context.run.step(context.step)
    return state is not None and state.failures < context.spec.retries
