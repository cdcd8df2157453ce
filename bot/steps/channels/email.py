"""Notices by e-mail: KubeVela's `email`, and besides TLS from the first byte, plain text, copies and a server in a setting.

The Message-ID is made of the notice's key, so that one that is sent again after a crash is known as the same to mail
servers and readers. Of several recipients each is sent it once: who was refused is tried again alone.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import Field, field_validator
from typing_extensions import override

from bot.errors import Permanent, ShipmateError, Temporary
from bot.steps.channels.sending import ChannelNotice, Sending
from bot.steps.concealed import Concealed, Hidden, Vault, cleaned
from bot.steps.contract import MailServer, PropertyError, Tls
from bot.steps.parameters import Parameters, is_expression

ADDRESS = re.compile(r"[^@\s<>,;\"()]+@[^@\s<>,;\"()]+")
STARTTLS_PORT, TLS_PORT = 587, 465
NONE: Literal["none"] = "none"
TLS: Literal["tls"] = "tls"
SCHEMES = {"smtp": STARTTLS_PORT, "smtps": TLS_PORT}


class Sender(Parameters):
    """From whom, and the server that takes it: `host` and what belongs to it, or `url`."""

    address: str
    alias: str = ""
    host: str = ""
    port: int | None = Field(default=None, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] | None = None
    username: str = ""
    password: Hidden | None = None
    url: Concealed | None = None

    def check(self) -> None:
        """Raise PropertyError for what cannot be meant."""
        _check_address(("address",), self.address)
        if bool(self.host) == (self.url is not None):
            raise PropertyError((), "expected a host, or a url in place of it")
        if self.url is not None:
            for name in ("port", "tls", "username", "password"):
                if getattr(self, name):
                    raise PropertyError((name,), "the url says it; leave it out")
            if self.url.value is not None and not is_expression(self.url.value):
                try:
                    server_of(self.url.value)
                except ValueError as error:
                    raise PropertyError(("url", "value"), str(error)) from error
        if self.tls == NONE and self.password is not None:
            said = (
                "a password is not sent unencrypted: use tls or starttls, or leave the password out"
            )
            raise PropertyError(("tls",), said)

    async def server(self, vault: Vault) -> MailServer:
        """Answer the server, with the password. Raises Permanent or Temporary when a secret cannot be read."""
        if self.url is not None:
            try:
                found = server_of(await vault.text(self.url))
            except ValueError as error:
                raise Permanent(f"the mail server's url: {error}") from error
            return found
        port = self.port or (TLS_PORT if self.tls == TLS else STARTTLS_PORT)
        tls = Tls(self.tls or (Tls.TLS if port == TLS_PORT else Tls.STARTTLS))
        password = await vault.text(self.password) if self.password is not None else ""
        username = self.username or self.address
        return MailServer(host=self.host, port=port, tls=tls, username=username, password=password)


class MailContent(Parameters):
    """What is said: `body` is HTML, as in KubeVela, `text` is for those who read no HTML."""

    subject: str = Field(min_length=1)
    body: str = ""
    text: str = ""


class EmailNotice(ChannelNotice):
    """A notice by e-mail."""

    sender: Sender = Field(alias="from")
    to_: list[str] = Field(alias="to", min_length=1)
    cc: list[str] = Field(default_factory=list)
    content: MailContent

    @field_validator("to_", "cc")
    @classmethod
    def _addresses(cls, given: list[str]) -> list[str]:
        for each in given:
            if not is_expression(each) and not ADDRESS.fullmatch(each):
                raise ValueError(f"expected addresses such as ops@shop.example, found {each!r}")
        return given

    @property
    def recipients(self) -> list[str]:
        """Everyone who gets it, once each."""
        return list(dict.fromkeys((*self.to_, *self.cc)))

    @override
    def called(self) -> str:
        """Answer whom it is for."""
        first, *others = self.recipients
        return f"mail to {first}{f' and {len(others)} more' if others else ''}"

    @override
    def check(self) -> None:
        """Raise PropertyError for what cannot be meant."""
        try:
            self.sender.check()
        except PropertyError as error:
            raise PropertyError(("from", *error.path), str(error)) from error
        if not self.content.body and not self.content.text:
            raise PropertyError(("content",), "expected a body (HTML) or a text")

    @override
    async def send(self, sending: Sending, keys: Sequence[str]) -> None:
        """Send it to those who have not got it. Raises Temporary or Permanent when somebody was refused."""
        granted = sending.context.granted
        assert granted.mail is not None
        _check_address(("from", "address"), self.sender.address)
        server = await self.sender.server(sending.vault)
        message = compose(self, keys[-1], _moment(sending))
        left = [each for each in self.recipients if not await _has_it(sending, keys, each)]
        try:
            refused = await granted.mail.send(server, message, left) if left else {}
        except Temporary as error:
            raise Temporary(cleaned(str(error), server.password)) from error
        except Permanent as error:
            raise Permanent(cleaned(str(error), server.password)) from error
        if refused:
            await self._some_refused(sending, keys[0], left, refused)

    async def _some_refused(
        self, sending: Sending, key: str, left: Sequence[str], refused: Mapping[str, ShipmateError]
    ) -> None:
        """Remember who has got it, and raise for the others."""
        assert sending.context.granted.notices is not None
        for each in left:
            if each not in refused:
                await sending.context.granted.notices.remember(
                    sending.context.run, _of_one(key, each)
                )
        said = "; ".join(f"{address}: {error}" for address, error in refused.items())
        if any(isinstance(each, Temporary) for each in refused.values()):
            raise Temporary(said)
        raise Permanent(said)


def compose(notice: EmailNotice, key: str, at: datetime) -> EmailMessage:
    """Make the message: the same each time it is sent. Raises Permanent for an address that can be none."""
    message = EmailMessage()
    name, domain = notice.sender.address.rsplit("@", 1)
    message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
    message["Date"] = format_datetime(at)
    alias = " ".join(notice.sender.alias.split())
    message["From"] = Address(alias, name, domain)
    message["To"] = ", ".join(notice.to_)
    if notice.cc:
        message["Cc"] = ", ".join(notice.cc)
    message["Subject"] = " ".join(notice.content.subject.split())
    message["Auto-Submitted"] = "auto-generated"
    content = notice.content
    if content.text:
        message.set_content(content.text)
        if content.body:
            message.add_alternative(content.body, subtype="html")
    else:
        message.set_content(content.body, subtype="html")
    return message


def server_of(url: str) -> MailServer:
    """Read `smtp[s]://[USER:PASSWORD@]HOST[:PORT][?tls=none]`. Raises ValueError that does not repeat it."""
    said = "expected smtp://USER:PASSWORD@HOST:PORT, or smtps:// for TLS from the first byte on"
    try:
        parts = urlsplit(url.strip())
        port = parts.port or SCHEMES.get(parts.scheme, 0)
    except ValueError as error:
        raise ValueError(said) from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError(said)
    tls = _tls_of(parts)
    password = unquote(parts.password or "")
    if password and tls is Tls.NONE:
        raise ValueError("a password is not sent unencrypted: leave tls=none out")
    return MailServer(
        host=parts.hostname,
        port=port,
        tls=tls,
        username=unquote(parts.username or ""),
        password=password,
    )


def _tls_of(parts: SplitResult) -> Tls:
    if parts.scheme == "smtps":
        return Tls.TLS
    asked = parse_qs(parts.query).get("tls", [Tls.STARTTLS.value])[0]
    if asked not in {Tls.NONE, Tls.STARTTLS}:
        raise ValueError("tls is starttls or none; smtps:// is TLS from the first byte on")
    return Tls(asked)


async def _has_it(sending: Sending, keys: Sequence[str], address: str) -> bool:
    """Say whether somebody was sent it before, when others were refused."""
    kept = sending.context.granted.notices
    assert kept is not None
    for key in keys:
        if await kept.became(sending.context.run, _of_one(key, address)) == "":
            return True
    return False


def _of_one(key: str, address: str) -> str:
    return f"{key}/{hashlib.sha256(address.encode()).hexdigest()[:8]}"


def _moment(sending: Sending) -> datetime:
    """Answer since when it is to be said: the same for each try of a round."""
    state = sending.context.run.step(sending.context.step)
    return (state.first_started if state is not None else None) or sending.now


def _check_address(path: tuple[str, ...], address: str) -> None:
    if not is_expression(address) and not ADDRESS.fullmatch(address):
        raise PropertyError(
            path, f"expected an address such as ops@shop.example, found {address!r}"
        )
