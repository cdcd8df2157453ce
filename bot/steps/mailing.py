"""The `Mail` capability: messages handed to a mail server by SMTP, bounded in time, its certificate checked.

What is wrong with the server or with who we are to it becomes Temporary or Permanent, with what to do. A password is
never sent over a connection that is not encrypted.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPTimeoutError,
)

from bot.errors import Permanent, ShipmateError, Temporary
from bot.steps.calls import cut
from bot.steps.contract import MailServer, Tls
from bot.steps.egress import Egress

TIMEOUT = 30.0
"""Seconds for all of it."""
WANTS_LOGIN = 530
"""The code of a server that takes mail only from those who log in: RFC 4954."""


class SmtpMail:
    """Sends by aiosmtplib, a connection each time."""

    def __init__(self, egress: Egress, authorities: ssl.SSLContext | None = None) -> None:
        """`authorities` say which certificates are believed; without them those of the system, or of `SSL_CERT_FILE`."""
        self._egress = egress
        self._authorities = authorities

    async def send(
        self, server: MailServer, message: EmailMessage, recipients: Sequence[str]
    ) -> Mapping[str, ShipmateError]:
        """Hand a message over; answer the recipients that were refused, when others were taken."""
        async with self._connected(server) as client:
            try:
                refused, _ = await client.send_message(
                    message, sender=message["From"].addresses[0].addr_spec, recipients=recipients
                )
            except SMTPRecipientsRefused as error:
                first = error.recipients[0]
                raise _judged(first.code, f"{first.recipient}: {first.message}", server) from error
        return {
            address: _judged(answer.code, answer.message, server)
            for address, answer in refused.items()
        }

    async def try_out(self, server: MailServer) -> str:
        """Connect and log in as for a message, send none, and answer what the server calls itself."""
        async with self._connected(server) as client:
            answer = await client.ehlo()
            return _cut(answer.message.splitlines()[0]) if answer.message else server.host

    @asynccontextmanager
    async def _connected(self, server: MailServer) -> AsyncIterator[SMTP]:
        """Give a connection on which somebody is logged in, and turn what goes wrong there into our errors."""
        if server.password and server.tls is Tls.NONE:
            raise Permanent(
                f"the password for {server.host} would be sent unencrypted: use tls or starttls"
            )
        client = SMTP(
            hostname=server.host,
            use_tls=server.tls is Tls.TLS,
            start_tls=server.tls is Tls.STARTTLS,
            tls_context=self._context() if server.tls is not Tls.NONE else None,
            timeout=TIMEOUT,
        )
        try:
            async with asyncio.timeout(TIMEOUT):
                # Who it is stays the host's name: TLS checks that, and the address was judged.
                await client.connect(sock=await self._egress.connect(server.host, server.port))
                await client.ehlo()
                if server.password:
                    await client.login(server.username, server.password)
                yield client
        except (SMTPException, OSError) as error:
            raise _error(error, server) from error
        except ValueError as error:
            raise Permanent(f"{server.host} cannot be sent this: {error}") from error
        finally:
            # What was accepted is accepted, however the goodbye ends.
            if client.is_connected:
                with suppress(SMTPException, OSError):
                    await client.quit(timeout=1.0)
            client.close()

    def _context(self) -> ssl.SSLContext:
        return self._authorities or ssl.create_default_context()


def _error(error: Exception, server: MailServer) -> ShipmateError:
    """Answer our error for one of the library's or the system's."""
    where = f"{server.host}:{server.port}"
    broken = _certificate(error)
    if broken is not None:
        why = broken.verify_message or "it is not to be trusted"
        return Permanent(
            f"the certificate of {where} is refused ({why}): the host must be the name in it, and whoever "
            "signed it be known to this machine (SSL_CERT_FILE names a file of authorities)"
        )
    match error:
        case SMTPResponseException():
            return _replied(error, server)
        case SMTPNotSupported():
            return Permanent(f"{where} cannot take it: {error}")
        case SMTPTimeoutError() | TimeoutError():
            return Temporary(f"{where} did not answer in time")
        case ssl.SSLError():
            return Permanent(_no_tls(server))
        case SMTPException() if "STARTTLS" in str(error):
            return Permanent(f"{where} offers no STARTTLS: use tls, which is usually on port 465")
        case SMTPException() if "AUTH" in str(error) or "auth" in str(error):
            return Permanent(f"{where} takes no password: leave it out, or use another port")
        case _:
            if isinstance(error.__cause__, ssl.SSLError):
                return Permanent(_no_tls(server))
            return Temporary(_cut(f"{where} cannot be reached: {error}"))


def _replied(error: SMTPResponseException, server: MailServer) -> ShipmateError:
    """Answer our error for what a server replied."""
    where, told = f"{server.host}:{server.port}", _cut(f"{error.code} {error.message}")
    if isinstance(error, SMTPAuthenticationError) and error.code >= 500:
        return Permanent(
            f"{where} does not take the user name and password ({told}): look at both; many providers want "
            "a password that is made for applications"
        )
    if error.code == WANTS_LOGIN:
        return Permanent(f"{where} asks for a login ({told}): give it a password")
    if isinstance(error, SMTPSenderRefused):
        return _judged(error.code, f"the sender {error.sender}: {error.message}", server)
    return _judged(error.code, error.message, server)


def _judged(code: int, said: str, server: MailServer) -> ShipmateError:
    """Answer the error for a reply: 4xx may pass, 5xx does not."""
    told = _cut(f"{server.host} refused it ({code} {said})")
    return Temporary(told) if 400 <= code < 500 else Permanent(told)


def _certificate(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """Find the complaint about a certificate among the causes of an error."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, ssl.SSLCertVerificationError):
        found = found.__cause__
    return found


def _no_tls(server: MailServer) -> str:
    other = "starttls, usually on port 587" if server.tls is Tls.TLS else "tls, usually on port 465"
    return f"{server.host}:{server.port} does not speak TLS as it was asked to: try {other}"


def _cut(text: str) -> str:
    return cut(" ".join(text.split()))
