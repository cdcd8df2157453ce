"""Stream mode: who gets a connection, what is pushed over it, and what an acknowledgement does."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.sandbox.dingtalk.conftest import TOPICS, Listening, OpenApi, People, until


async def test_a_ticket_opens_one_connection(sandbox: Sandbox, api: OpenApi) -> None:
    opened = await api.open_connection()
    address = f"{opened['endpoint']}?ticket={opened['ticket']}"
    async with connect(address):
        with pytest.raises(InvalidStatus):
            await connect(address)

    await until(lambda: not sandbox.dingtalk.stream.open)


async def test_a_ticket_expires(sandbox: Sandbox, api: OpenApi, people: People) -> None:
    await people.do("faults", target="dingtalk", fault="expired-ticket")

    with pytest.raises(InvalidStatus):
        await api.connect()
    await (await api.connect()).close()


async def test_wrong_credentials_get_no_ticket(api: OpenApi) -> None:
    path = "/v1.0/gateway/connections/open"
    status, found = await api.call(
        "POST", path, clientId="x", clientSecret="y", subscriptions=TOPICS
    )

    assert (status, found["code"]) == (401, "authFailed")


async def test_the_robot_hears_what_mentions_it_in_a_group(
    people: People, listening: Listening
) -> None:
    assert (await people.say("dev", "shop-prod", "good morning"))["heard"] is None
    assert (await people.say("dev", "shop-prod", "@shipmate status"))["heard"] is True

    heard = await listening.next()
    assert heard["text"] == {"content": " status"}
    assert (heard["conversationType"], heard["conversationTitle"]) == ("2", "shop-prod")
    assert heard["isInAtList"] is True
    assert (heard["senderStaffId"], heard["senderNick"]) == ("010001dev", "Dana Developer")
    assert heard["sessionWebhookExpiredTime"] - heard["createAt"] >= 89 * 60 * 1000
    assert listening.heard.empty()


async def test_alone_with_the_robot_nobody_mentions_it(
    people: People, listening: Listening
) -> None:
    await people.say("admin", "shipmate", "help")

    heard = await listening.next()
    assert heard["text"] == {"content": "help"}
    assert heard["conversationType"] == "1"
    assert heard["isAdmin"] is True
    assert "atUsers" not in heard


async def test_someone_from_outside_has_no_staff_id(people: People, listening: Listening) -> None:
    await people.say("partner", "shop-prod", "@shipmate deploy shop prod v1")

    assert "senderStaffId" not in await listening.next()


async def test_what_is_pushed_goes_to_one_of_several_connections(
    api: OpenApi, people: People, listening: Listening
) -> None:
    other = Listening(await api.connect())
    for number in range(12):
        await people.say("dev", "shop-prod", f"@shipmate {number}")

    counts = (listening.heard.qsize(), other.heard.qsize())
    await other.close()
    assert sum(counts) == 12
    assert all(counts), "at random, all twelve to the same one is once in two thousand times"


async def test_a_message_that_nobody_is_there_for_is_lost(people: People) -> None:
    assert (await people.say("dev", "shop-prod", "@shipmate status"))["heard"] is False


@pytest.mark.parametrize("fresh", [False, True])
async def test_a_message_is_pushed_twice(
    people: People, listening: Listening, *, fresh: bool
) -> None:
    await people.do("faults", target="dingtalk", fault="duplicate", fresh=fresh)
    await people.say("dev", "shop-prod", "@shipmate status")

    first, second = await listening.next(), await listening.next()
    assert first["msgId"] == second["msgId"]
    same = first["headers"]["messageId"] == second["headers"]["messageId"]
    assert same is not fresh


async def test_a_connection_that_is_to_end_gets_nothing_more(
    sandbox: Sandbox, api: OpenApi, people: People, listening: Listening
) -> None:
    await people.do("faults", target="dingtalk", fault="refresh", seconds=0.2)
    word = await listening.next()
    new = Listening(await api.connect())
    assert word["headers"]["topic"] == "disconnect"
    assert word["reason"] == "connection is expired"

    await people.say("dev", "shop-prod", "@shipmate status")

    assert (await new.next())["text"] == {"content": " status"}
    await until(lambda: sandbox.dingtalk.stream.connections == 1)
    await new.close()


async def test_a_silent_connection_stays_open_and_says_nothing(
    sandbox: Sandbox, people: People, listening: Listening
) -> None:
    await people.do("faults", target="dingtalk", fault="silence", seconds=60)

    assert (await people.say("dev", "shop-prod", "@shipmate status"))["heard"] is False
    assert listening.heard.empty()
    assert sandbox.dingtalk.stream.open


async def test_a_connection_breaks_without_a_word(api: OpenApi, people: People) -> None:
    socket = await api.connect()
    await people.do("faults", target="dingtalk", fault="disconnect")

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ConnectionClosed):
            await socket.recv()


async def test_an_event_is_pushed_until_it_is_taken(people: People, listening: Listening) -> None:
    listening.answers["*"] = {"status": "LATER"}
    asked = asyncio.create_task(
        people.do("dingtalk/event", event_type="user_leave_org", data={"userId": ["010006guest"]})
    )
    first = await listening.next()
    listening.answers["*"] = {"status": "SUCCESS"}
    second = await listening.next()

    assert (await asked)["ok"] is True
    assert first["userId"] == second["userId"] == ["010006guest"]
    assert first["headers"]["eventId"] == second["headers"]["eventId"]
    assert first["headers"]["eventType"] == "user_leave_org"


async def test_what_is_no_acknowledgement_is_passed_over(
    people: People, listening: Listening
) -> None:
    for text in ("{", "[]", json.dumps({"headers": {"messageId": "unknown"}})):
        await listening.socket.send(text)

    assert (await people.say("dev", "shop-prod", "@shipmate status"))["heard"] is True
