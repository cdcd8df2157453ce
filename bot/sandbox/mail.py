"""The mail server: takes every message on a loopback port and shows it, forwards none."""

import asyncio
import email
import email.policy
import time
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.sandbox.faults import Faults
from bot.sandbox.shelf import Shelf

Json = dict[str, Any]
SHELF = "mail"


class MailServer:
    """An SMTP server, and what it got, oldest first."""

    def __init__(self, shelf: Shelf, faults: Faults, changed: Callable[[], None]) -> None:
        self._shelf = shelf
        self._faults = faults
        self._changed = changed
        self._server: asyncio.Server | None = None
        self.received: list[Json] = [document for _, document in shelf.items(SHELF)]
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen on `port` of the loopback address, or on any when it is taken."""
        try:
            await self._listen(port)
        except OSError:
            await self._listen(0)

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's hook
        """Take a message (aiosmtpd calls this)."""
        if self._faults.take("mail", "refuse") is not None:
            return "451 Told to refuse"
        content = envelope.original_content or b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        text = message.get_body(("plain",))
        html = message.get_body(("html",))
        made = {
            "from": envelope.mail_from,
            "to": list(envelope.rcpt_tos),
            "subject": str(message.get("subject", "")),
            "text": text.get_content() if text else "",
            "html": html.get_content() if html else "",
            "received_at": time.time(),
        }
        self._shelf.put(SHELF, f"{len(self.received):06d}", made)
        self.received.append(made)
        self._changed()
        return "250 OK"

    async def _listen(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="127.0.0.1", auth_require_tls=False, loop=loop),
            host="127.0.0.1",
            port=port,
        )
        self.port = self._server.sockets[0].getsockname()[1]
