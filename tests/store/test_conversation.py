"""The inbox and the ledger of messages: nothing taken in is forgotten, no event is told twice."""

import asyncio
from dataclasses import replace

from bot.chat.ports import Kind, Received, Shown, State
from bot.command.requests import Asker
from bot.events import Event, RunId, RunStarted, StepStarted
from bot.operations.results import Audited
from bot.store.database import Store
from tests.builders import NOON, at
from tests.store.test_runs import added, next_of


def a_request(name: str = "envelope-1") -> Received:
    asker = Asker(
        chat="slack", identity="U03DEV", email="", channel="C01", via="command", request=name
    )
    return Received(asker=asker, text="deploy shop prod v1")


def a_card(run: str = "one") -> Shown:
    return Shown(
        key=f"{run}/card",
        run=RunId(run),
        kind=Kind.CARD,
        chat="slack",
        channel="C01",
        in_thread=False,
    )


def an_audit_line(request: str) -> Audited:
    return Audited(
        at=NOON,
        person="dev",
        chat="slack",
        channel="C01",
        via="command",
        request=request,
        outcome="allowed",
    )


async def test_a_request_is_taken_in_once(store: Store) -> None:
    taken = await asyncio.gather(*(store.inbox.receive(a_request()) for _ in range(5)))

    assert sorted(taken) == [False, False, False, False, True]
    (left,) = await store.inbox.unanswered()
    assert left.received == a_request()


async def test_an_answered_request_is_not_left_and_not_taken_in_again(store: Store) -> None:
    await store.inbox.receive(a_request())
    await store.inbox.done("envelope-1", an_audit_line("deploy shop prod v1"))

    assert await store.inbox.unanswered() == []
    assert await store.inbox.receive(a_request()) is False
    assert await store.audit.lines() == [an_audit_line("deploy shop prod v1")]


async def test_the_audit_log_is_read_from_its_end(store: Store) -> None:
    for name in ("one", "two", "three"):
        await store.inbox.receive(a_request(name))
        await store.inbox.done(name, an_audit_line(name))

    assert [each.request for each in await store.audit.lines(2)] == ["three", "two"]


async def test_events_are_announced_once_and_in_order(store: Store) -> None:
    run = await added(store)
    happened: list[Event] = [
        RunStarted(at=at(1)),
        StepStarted(at=at(1), step="approval", attempt=1),
    ]
    await store.runs.save(next_of(run, *happened), happened)

    waiting = await store.ledger.unannounced()
    assert waiting == await store.runs.events(run.id)
    assert await store.ledger.unannounced(1) == waiting[:1]

    await store.ledger.announce(waiting[0].sequence, [a_card()])
    assert await store.ledger.unannounced() == waiting[1:]
    await store.ledger.announce(waiting[-1].sequence, [])
    assert await store.ledger.unannounced() == []


async def test_a_message_that_is_shown_waits_again_when_it_is_woken(store: Store) -> None:
    await store.ledger.announce(0, [a_card()])
    await store.ledger.update(replace(a_card(), state=State.SHOWN, ts="1.1", digest="d"))
    assert await store.ledger.pending() == []

    await store.ledger.announce(0, [a_card()])

    assert await store.ledger.pending() == [
        replace(a_card(), state=State.WAITING, ts="1.1", digest="d", wanted=1)
    ]


async def test_what_was_shown_of_an_older_wish_is_not_the_whole_truth(store: Store) -> None:
    await store.ledger.announce(0, [a_card()])
    loaded = await store.ledger.get("one/card")
    assert loaded is not None
    await store.ledger.announce(0, [a_card()])  # while the loaded one is on its way

    await store.ledger.update(replace(loaded, state=State.SHOWN, ts="1.1"))

    assert [each.state for each in await store.ledger.pending()] == [State.WAITING]


async def test_a_message_that_is_being_posted_is_not_posted_anew(store: Store) -> None:
    await store.ledger.announce(0, [a_card()])
    await store.ledger.update(replace(a_card(), state=State.POSTING, posted_at=12.5))
    await store.ledger.announce(0, [a_card()])

    assert [(each.state, each.posted_at) for each in await store.ledger.pending()] == [
        (State.POSTING, 12.5)
    ]


async def test_what_the_chat_refused_for_good_is_left_alone(store: Store) -> None:
    await store.ledger.announce(0, [a_card()])
    await store.ledger.update(replace(a_card(), state=State.FAILED, error="is_archived"))
    await store.ledger.announce(0, [a_card()])

    assert await store.ledger.pending() == []


async def test_a_message_is_added_once(store: Store) -> None:
    notice = replace(a_card(), key="one/notice/tell", kind=Kind.NOTICE, text="first")

    assert await store.ledger.add(notice) == notice
    assert await store.ledger.add(replace(notice, text="second")) == notice
    assert await store.ledger.of_run(RunId("one")) == [notice]
    assert await store.ledger.get("one/notice/other") is None


async def test_a_message_is_found_by_where_it_stands(store: Store) -> None:
    for name, channel, ts in (
        ("one", "C01", "1.1"),
        ("two", "C02", "1.1"),
        ("three", "C01", "11.1"),
    ):
        await store.ledger.add(replace(a_card(name), channel=channel))
        posted = replace(a_card(name), channel=channel, ts=ts, state=State.SHOWN)
        await store.ledger.update(posted)

    async def run_at(channel: str, ts: str, chat: str = "slack") -> str:
        found = await store.ledger.at(chat, channel, ts)
        return found.run if found else ""

    assert [await run_at("C01", "1.1"), await run_at("C02", "1.1")] == ["one", "two"]
    assert await run_at("C01", "11.1") == "three"
    for place in (("C01", "2.2"), ("C03", "1.1"), ("C01", "%"), ("C01", ""), ("C01", "1.1", "irc")):
        assert await run_at(*place) == ""


async def test_news_wakes_a_card_that_was_refused_and_nothing_else_that_was(store: Store) -> None:
    told = replace(a_card(), key="one/event/1", kind=Kind.EVENT, in_thread=True)
    for each in (a_card(), told):
        await store.ledger.add(each)
        await store.ledger.update(replace(each, state=State.FAILED, error="not_in_channel"))
    assert await store.ledger.pending() == []

    await store.ledger.announce(0, [a_card(), told])

    (card,) = await store.ledger.pending()
    assert (card.key, card.state, card.error) == ("one/card", State.WAITING, "not_in_channel")


async def test_a_request_is_known_by_its_delivery_too(store: Store) -> None:
    asked = replace(a_request("message-1"), delivery="delivery-1")
    assert await store.inbox.receive(asked)

    assert not await store.inbox.receive(replace(asked, delivery="delivery-2"))
    assert not await store.inbox.receive(replace(a_request("message-2"), delivery="delivery-1"))
    assert await store.inbox.receive(replace(a_request("message-2"), delivery="delivery-3"))
    assert [each.received.asker.request for each in await store.inbox.unanswered()] == [
        "message-1",
        "message-2",
    ]
