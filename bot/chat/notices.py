"""The `Notices` of steps: what a notification step says, once, and what others were told for it."""

from collections.abc import Sequence
from typing import Protocol

from bot.chat.delivery import Delivery
from bot.chat.places import SLACK, place_in
from bot.chat.ports import Kind, Ledger, Shown, State
from bot.errors import Permanent
from bot.run.model import Run


class Speaks(Protocol):
    """What says a notice."""

    async def post(self, run: Run, key: str, text: str, *, channel: str = "") -> None:
        """Say it once and wait until it stands there. Raises Permanent when the chat refuses it."""
        ...


class Everywhere:
    """Several chats: what is said of a run is said in each in which the run is told."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        """The first one in which a run is told is the one that is waited for."""
        self._deliveries = deliveries

    async def post(self, run: Run, key: str, text: str, *, channel: str = "") -> None:
        """Say it once and wait until it stands there: in a `channel` of Slack, or where the run is told.

        Raises Permanent when that is nowhere, or when the chat refuses it.
        """
        told = [
            each
            for each in self._deliveries
            if (each.chat == SLACK if channel else place_in(run, each.chat))
        ]
        if not told:
            where = f"#{channel}" if channel else "nowhere: its environment names no conversation"
            raise Permanent(f"Slack is not connected: {where}", code="not_connected")
        for each in told[1:]:
            await each.say(run, key, text)
        await told[0].post(run, key, text, channel=channel)


class RunNotices:
    """Speaks by `delivery` and remembers in its ledger."""

    def __init__(self, delivery: Speaks, ledger: Ledger, chat: str) -> None:
        self._delivery = delivery
        self._ledger = ledger
        self._chat = chat

    async def post(self, run: Run, key: str, text: str, *, channel: str = "") -> None:
        """Say what a notification step says, once, and wait until it stands there.

        Raises Permanent when the chat refuses it.
        """
        await self._delivery.post(run, key, text, channel=channel)

    async def became(self, run: Run, key: str) -> str | None:
        """Answer what became of a notice: empty: delivered, or why it was refused; None: not known."""
        found = await self._ledger.get(notice_key(run, key))
        if found is None or found.state not in {State.SHOWN, State.FAILED}:
            return None
        return found.error if found.state is State.FAILED else ""

    async def remember(self, run: Run, key: str, refused: str = "") -> None:
        """Remember that a notice was taken, or why not, so that it is not sent again."""
        await self._ledger.add(
            Shown(
                key=notice_key(run, key),
                run=run.id,
                kind=Kind.NOTICE,
                chat=self._chat,
                channel="",
                in_thread=False,
                state=State.FAILED if refused else State.SHOWN,
                error=refused,
            )
        )


def notice_key(run: Run, key: str) -> str:
    """Answer the key of a notice in the ledger."""
    return f"{run.id}/notice/{key}"
