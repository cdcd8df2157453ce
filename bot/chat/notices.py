"""The `Notices` of steps: what a notification step says, once, and what others were told for it."""

from bot.chat.delivery import Delivery
from bot.chat.ports import Kind, Ledger, Shown, State
from bot.run.model import Run


class RunNotices:
    """Speaks by `delivery` and remembers in its ledger."""

    def __init__(self, delivery: Delivery, ledger: Ledger, chat: str) -> None:
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
