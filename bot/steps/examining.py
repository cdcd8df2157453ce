"""Tries out what steps will send to, for `doctor`: mail servers up to the login, addresses and secrets by their form.

No message is sent, and no address is called: whoever takes a call would do something. What a step gets only as it runs
is left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from bot.addresses import SETTING
from bot.catalog.model import Catalog, Step
from bot.errors import Permanent, ShipmateError, Temporary
from bot.findings import Finding, fail, ok, warn
from bot.steps.channels.dingding import DingNotice, is_robot
from bot.steps.channels.email import EmailNotice, Sender
from bot.steps.channels.lark import LarkNotice, is_hook
from bot.steps.channels.reading import given_in
from bot.steps.channels.sending import ChannelNotice
from bot.steps.channels.slack import SlackNotice
from bot.steps.concealed import Concealed, Vault
from bot.steps.contract import Mail, MailServer, PropertyError
from bot.steps.endpoints import Endpoint
from bot.steps.parameters import is_expression, known
from bot.steps.signing import check_signing
from bot.wording import N_, Sentence

HOW = {
    "tls": Sentence("by TLS"),
    "starttls": Sentence("by STARTTLS"),
    "none": Sentence("unencrypted"),
}
VaultOf = Callable[[str, str], Vault]
"""Answers where the secrets of an application in an environment are read."""

Reaching = Callable[[str], Awaitable[None]]
"""Judges a URL as a call would. Raises Permanent when it may not be called, Temporary when its name cannot be resolved."""

CALLING = ("webhook", "request")
"""Step types that call a `url`."""
FORM_ONLY = N_("its address looks right; nothing was sent")
MEND = N_("make the Secret or the setting, or mend the step")
OF_STEP = N_("{what} of step {step} of {application}/{environment}")


@dataclass(frozen=True, slots=True)
class Told:
    """One notice, and the step that it is of."""

    application: str
    environment: str
    step: str
    notice: ChannelNotice

    @property
    def where(self) -> Sentence:
        """Which step it is, as people say it."""
        return Sentence(
            "step {step} of {application}/{environment}",
            step=self.step,
            application=self.application,
            environment=self.environment,
        )

    def about(self, what: str) -> Sentence:
        """What of the step is tried out."""
        return Sentence(OF_STEP, what=what, **self.where.values)


def notices_in(catalog: Catalog) -> Iterator[Told]:
    """Yield the notices of all workflows that are known before they run."""
    for (application, environment), step in steps_of(catalog):
        if step.type != "notification":
            continue
        for given in given_in(step.properties):
            try:
                found = known(given.model, given.said)
            except PropertyError:
                continue  # the file was checked: what is wrong here is what an input brings
            if found is not None:
                yield Told(application, environment, step.name, found)


def steps_of(catalog: Catalog) -> Iterator[tuple[tuple[str, str], Step]]:
    """Yield every step of every workflow, with the application and environment that it is for."""
    for place, workflow in catalog.workflows.items():
        for step in workflow.steps:
            yield place, step
            for below in step.sub_steps:
                yield place, below


async def examine_steps(
    catalog: Catalog, vault: VaultOf, mail: Mail, reach: Reaching
) -> list[Finding]:
    """Try out everything that steps send to, side by side; each mail server once."""
    told = list(notices_in(catalog))
    by_form = [
        _by_form(each, vault, reach) for each in told if not isinstance(each.notice, EmailNotice)
    ]
    calls = [_called(place, step, vault, reach) for place, step in steps_of(catalog)]
    findings = await asyncio.gather(*by_form, *calls)
    servers = await _servers(told, vault)
    tried = await asyncio.gather(
        *(_tried(server, sorted(steps), mail) for server, steps in servers.items())
    )
    found = [each for each in findings if each is not None]
    return [*_merged([*found, *servers.unknown]), *tried]


def _merged(findings: Sequence[Finding]) -> list[Finding]:
    """Tell once what is so of the same step in several environments: `… of orders/dev, staging`."""
    places: dict[Finding, list[str]] = {}
    for each in findings:
        assert isinstance(each.subject, Sentence), "it says which step it is about"
        values = each.subject.values
        anywhere = Sentence(each.subject.template, **{**values, "environment": ""})
        places.setdefault(replace(each, subject=anywhere), []).append(str(values["environment"]))
    return [
        replace(each, subject=_in(each.subject, environments))
        for each, environments in places.items()
    ]


def _in(subject: str, environments: Sequence[str]) -> Sentence:
    assert isinstance(subject, Sentence), "as above"
    values = {**subject.values, "environment": ", ".join(environments)}
    return Sentence(subject.template, **values)


async def _by_form(told: Told, vault: VaultOf, reach: Reaching) -> Finding | None:
    """Look at the address of a robot or a webhook, and at its secret."""
    notice, reading = told.notice, vault(told.application, told.environment)
    url: Endpoint | None = getattr(notice, "url", None)
    if url is None or _is_open(url):
        return None
    subject = told.about(notice.called())
    try:
        address = await reading.address(url)
        secret: Concealed | None = getattr(notice, "secret", None)
        if secret is not None and not _is_open(secret):
            await reading.text(secret)
    except ShipmateError as error:
        return fail(subject, str(error), MEND)
    wrong = _wrong(notice, address)
    if wrong:
        return fail(subject, wrong, N_("copy its address again"))
    return await _reached(subject, address, reach)


async def _reached(subject: str, address: str, reach: Reaching) -> Finding:
    """Look whether an address may be called, which a name that cannot be resolved now leaves open."""
    try:
        await reach(address)
    except Permanent as error:
        mend = Sentence(N_("add it to {setting}, or mend the step"), setting=SETTING)
        return fail(subject, str(error), mend)
    except Temporary as error:
        return warn(subject, Sentence(N_("{error}; nothing was sent"), error=str(error)))
    return ok(subject, FORM_ONLY)


def _wrong(notice: ChannelNotice, address: str) -> str:
    """Say what an address is not, if anything."""
    if isinstance(notice, DingNotice) and not is_robot(address):
        return N_("it is no robot's address, …/robot/send?access_token=…")
    if isinstance(notice, LarkNotice) and not is_hook(address):
        return N_("it is no custom bot's address, …/open-apis/bot/v2/hook/…")
    if isinstance(notice, SlackNotice) and "/services/" not in address:
        return N_("it is no incoming webhook's address, https://hooks.slack.com/services/…")
    return ""


async def _called(
    place: tuple[str, str], step: Step, vault: VaultOf, reach: Reaching
) -> Finding | None:
    """Look whether what a step's `url` and `signWith` name is there, and whether the address may be called."""
    given = step.properties.get("url")
    if step.type not in CALLING or not isinstance(given, Mapping):
        return None
    try:
        url = Endpoint.model_validate(dict(given))
    except ValidationError:
        return None
    if _is_open(url):
        return None
    subject = Sentence(
        "{type} {step} of {application}/{environment}",
        type=step.type,
        step=step.name,
        application=place[0],
        environment=place[1],
    )
    try:
        address = url.resolve(vault(*place).setting)
        await check_signing(step.properties.get("signWith"), vault(*place))
    except ShipmateError as error:
        return fail(subject, str(error), N_("set it, and start Shipmate again"))
    return await _reached(subject, address, reach)


class _Servers(dict[MailServer, set[str]]):
    """Mail servers, with the steps that use them; `unknown` are those of which a secret cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown: list[Finding] = []


async def _servers(told: Sequence[Told], vault: VaultOf) -> _Servers:
    found = _Servers()
    for each in told:
        if not isinstance(each.notice, EmailNotice) or _has_open(each.notice.sender):
            continue
        try:
            server = await each.notice.sender.server(vault(each.application, each.environment))
        except ShipmateError as error:
            found.unknown.append(fail(each.about(Sentence("mail")), str(error), MEND))
        else:
            found.setdefault(server, set()).add(each.where)
    return found


async def _tried(server: MailServer, steps: Sequence[str], mail: Mail) -> Finding:
    where = f"{server.host}:{server.port}"
    subject = Sentence("mail server {server} of {step}", server=where, step=steps[0])
    if len(steps) > 1:
        subject = Sentence("{what} and {count} more", what=subject, count=len(steps) - 1)
    try:
        name = await mail.try_out(server)
    except ShipmateError as error:
        return fail(subject, str(error), N_("mend `email.from` of the step, or the server"))
    said = Sentence("{name} answers {how}; nothing was sent", name=name, how=HOW[server.tls])
    if server.password:
        said = Sentence("{said}, after a login as {who}", said=said, who=server.username)
    return ok(subject, said)


def _has_open(sender: Sender) -> bool:
    texts: list[Any] = [sender.host, sender.username, sender.address]
    hidden = [each for each in (sender.url, sender.password) if each is not None]
    return any(is_expression(each) for each in texts) or any(map(_is_open, hidden))


def _is_open(given: Endpoint | Concealed) -> bool:
    return given.value is not None and is_expression(given.value)
