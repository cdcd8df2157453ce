"""A request on a replica that does not lead: left, waited for, taken back where nobody has begun it, and never done twice."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.errors import Temporary
from bot.store.database import Store, open_store
from bot.web.elsewhere import Answer, Elsewhere
from bot.web.hatch import Hatch
from bot.web.once import Audit, Once
from bot.web.ports import Incoming, Known
from bot.web.problems import Problem
from tests.builders import NOON
from tests.patience import PATIENCE
from tests.web.shaky import Shaky
from tests.web.still import Still


def incoming(**more: Any) -> Incoming:
    return Incoming(**{"key": "api:dev:1", "digest": "d1", "lasting": 60.0, "body": "{}", **more})


class Work:
    """What is done, and how often."""

    def __init__(
        self, *, fails: int = 0, breaks: bool = False, lasts: bool = False, unread: str = ""
    ) -> None:
        self.done: list[str] = []
        self._unread = unread
        self._fails, self._breaks, self._lasts = fails, breaks, lasts

    def lasts(self, known: Known) -> bool:
        if self._unread and self._unread in known.body:
            raise KeyError(self._unread)
        return self._lasts

    def is_named(self, known: Known) -> bool:  # noqa: ARG002 - as above
        return True

    async def do_again(self, known: Known, request: str, audited: Audit) -> Answer:  # noqa: ARG002 - as above
        if self._fails:
            self._fails -= 1
            raise Temporary("away")
        if self._breaks or (self._unread and self._unread in known.body):
            raise ValueError("broken")
        self.done.append(request)
        return Answer(status=202, body={"done": len(self.done)})


def hatch(store: Store, work: Work, clock: Still | SystemClock) -> Hatch:
    once = Once(store.requests, Elsewhere(store.requests))
    return Hatch(requests=store.requests, once=once, doers={"api": work}, clock=clock, shared=True)


async def all_is_done(store: Store, opened: Hatch) -> None:
    """Wait until nothing is left that somebody who leads has to do."""
    opened.open()
    async with asyncio.timeout(PATIENCE):
        while await store.requests.unanswered():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    await opened.close()


async def answered_by(store: Store, work: Work, *asked: Incoming) -> list[Answer]:
    """Leave requests, all at once, while somebody leads who does them."""
    open_hatch = hatch(store, work, SystemClock())
    waiting = Elsewhere(store.requests, begun=PATIENCE)
    answers = [asyncio.create_task(waiting.ask(each)) for each in asked]
    open_hatch.open()
    try:
        return await asyncio.gather(*answers)
    finally:
        await open_hatch.close()


async def test_what_is_left_is_done_once_and_everyone_who_waits_has_the_answer(
    store: Store,
) -> None:
    work = Work()
    answers = await answered_by(store, work, *[incoming()] * 3)
    assert [(each.status, each.body) for each in answers] == [(202, {"done": 1})] * 3
    assert sorted(each.replayed for each in answers) == [False, True, True]
    assert len(work.done) == 1


async def test_what_fails_in_a_way_that_may_pass_is_done_a_moment_later(store: Store) -> None:
    work = Work(fails=1)
    [answer] = await answered_by(store, work, incoming())
    assert (answer.status, len(work.done)) == (202, 1)


async def test_what_breaks_is_answered_so_and_does_not_come_again(store: Store) -> None:
    [answer] = await answered_by(store, Work(breaks=True), incoming())
    assert (answer.status, answer.body["error"]["code"]) == (500, "broken")
    assert await store.requests.unanswered() == []


async def test_what_another_version_has_left_does_not_stop_what_comes_after_it(
    store: Store,
) -> None:
    work = Work(unread="of another version")
    strange = incoming(key="api:dev:0", body="of another version")
    left = [await store.requests.leave(each) for each in (strange, incoming())]
    await all_is_done(store, hatch(store, work, SystemClock()))
    unread, read = [await store.requests.look(each) for each in left]
    assert (unread.status, json.loads(unread.answer)["error"]["code"]) == (500, "broken")
    assert (read.status, work.done) == (202, [read.request])


async def test_what_nobody_begins_is_taken_back_and_asked_anew_under_its_key(store: Store) -> None:
    waiting = Elsewhere(store.requests, begun=0.0)
    with pytest.raises(Problem) as refused:
        await waiting.ask(incoming())
    assert (refused.value.status, refused.value.error.code) == (503, "no_leader")
    assert await store.requests.unanswered() == []
    work = Work()
    [answer] = await answered_by(store, work, incoming())
    assert (answer.status, len(work.done)) == (202, 1)


async def test_what_somebody_has_begun_is_not_taken_back(store: Store) -> None:
    waiting = Elsewhere(store.requests, begun=0.0, done=0.0)
    [known] = [await store.requests.leave(incoming())]
    assert await store.requests.claim(known)
    with pytest.raises(Problem) as refused:
        await waiting.ask(incoming())
    assert (refused.value.status, refused.value.error.code) == (503, "unanswered")
    work = Work()
    [answer] = await answered_by(store, work, incoming())
    assert (answer.replayed, work.done) == (True, [known.request]), "under the id that it has"


@pytest.mark.parametrize("away", ["look", "take_back"])
async def test_what_was_left_before_the_store_went_away_may_have_been_done(
    store: Store, away: str
) -> None:
    shaky = Shaky(store)
    shaky.away = {away}
    with pytest.raises(Problem) as refused:
        await Elsewhere(shaky, begun=0.0, done=0.0).ask(incoming())
    assert (refused.value.status, refused.value.error.code) == (503, "unanswered")
    again = await store.requests.leave(incoming())
    assert not again.fresh, "under its key it is the same request"


async def test_a_delivery_that_was_left_before_the_store_went_away_is_accepted(
    store: Store,
) -> None:
    shaky = Shaky(store)
    shaky.away = {"look"}
    answer = await Elsewhere(shaky).ask(incoming(durable=True))
    [known] = await store.requests.unanswered()
    assert (answer.status, answer.body["request"]) == (202, known.request)


async def test_a_delivery_is_accepted_while_nobody_leads(store: Store) -> None:
    waiting = Elsewhere(store.requests, soon=0.0)
    answer = await waiting.ask(incoming(durable=True))
    assert (answer.status, answer.body["state"]) == (202, "accepted")
    [known] = await store.requests.unanswered()
    assert answer.body["request"] == known.request


async def test_another_request_under_a_key_is_refused(store: Store) -> None:
    waiting = Elsewhere(store.requests, soon=0.0)
    await waiting.ask(incoming(durable=True))
    with pytest.raises(Problem) as refused:
        await waiting.ask(incoming(digest="d2"))
    assert refused.value.error.code == "key_reused"


@pytest.mark.parametrize(("lasts", "done"), [(False, 0), (True, 1)], ids=["asked", "delivery"])
async def test_what_nobody_waits_for_any_more_is_only_done_when_it_is_a_delivery(
    url: str, *, lasts: bool, done: int
) -> None:
    clock = Still(NOON)
    store = open_store(url, clock)
    await store.requests.leave(incoming(durable=lasts))
    clock.passes(timedelta(minutes=2))
    work = Work(lasts=lasts)
    late = hatch(store, work, clock)
    await all_is_done(store, late)
    await store.close()
    assert len(work.done) == done
