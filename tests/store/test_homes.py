"""Who looks at their home is remembered, the newest first, on both databases."""

from bot.chat.ports import OpenHome
from bot.clock import SystemClock
from bot.store.database import open_store


def home(identity: str, opened: float, email: str = "") -> OpenHome:
    return OpenHome(chat="slack", identity=identity, email=email, opened=opened)


async def test_a_home_is_remembered_once_with_its_last_look(url: str) -> None:
    store = open_store(url, SystemClock())
    for each in (home("U1", 1.0), home("U2", 2.0), home("U1", 3.0, "dev@shop.example")):
        await store.homes.opened(each)

    assert await store.homes.lately("slack", 0.0, 9) == [
        home("U1", 3.0, "dev@shop.example"),
        home("U2", 2.0),
    ]
    assert await store.homes.lately("slack", 2.0, 9) == [home("U1", 3.0, "dev@shop.example")]
    assert [each.identity for each in await store.homes.lately("slack", 0.0, 1)] == ["U1"]
    assert await store.homes.lately("dingtalk", 0.0, 9) == []
    await store.close()
