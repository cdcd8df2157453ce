"""Mail servers for tests: aiosmtpd's, over loopback, with TLS or STARTTLS by a certificate made on the fly, and with passwords."""

import asyncio
import email
import email.policy
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.steps.contract import Tls

PASSWORD = "p4ss w0rd/é"


@dataclass(slots=True)
class PostOffice:
    """One server: what it got, and whom it refuses."""

    authority: trustme.CA
    tls: Tls
    name: str = "localhost"
    """Of its certificate."""
    passwords: bool = True
    port: int = 0
    got: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    answer: str = "250 OK"
    logins: list[str] = field(default_factory=list)
    login_fails: str = ""
    """What is answered to every login."""
    hangs_up: bool = False
    """Whether it ends the connection after it has taken a message, in place of an answer."""
    _server: asyncio.Server | None = None
    _transports: list[Any] = field(default_factory=list)

    async def open(self) -> None:
        """Listen on some port."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert(self.name).configure_cert(context)
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            starttls = self.tls is Tls.STARTTLS
            return SMTP(
                self,
                hostname="mail.shop.example",
                tls_context=context if starttls else None,
                require_starttls=starttls,
                authenticator=self._authenticate if self.passwords else None,
                auth_require_tls=self.tls is not Tls.TLS,  # it does not see that it is encrypted
                loop=loop,
            )

        self._server = await loop.create_server(
            session, "127.0.0.1", self.port, ssl=context if self.tls is Tls.TLS else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._server.wait_closed()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's hook
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take a message, or not."""
        if not self.answer.startswith("250"):
            return self.answer
        content = envelope.original_content or b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append((list(envelope.rcpt_tos), message))
        if self.hangs_up:
            self.hangs_up = False
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.answer

    def _authenticate(
        self, _: SMTP, __: Session, ___: Envelope, ____: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        right = data.password == PASSWORD.encode()
        if self.login_fails:
            return AuthResult(success=False, handled=False, message=self.login_fails)
        return AuthResult(success=right, handled=False)
