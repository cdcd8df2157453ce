"""Mail against real servers with TLS, STARTTLS and passwords: what arrives, what is refused, and what is never sent twice."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import trustme

from bot.run.model import StepPhase, StepRun
from bot.steps.contract import Capabilities, Done, Failed, MailServer, Outcome, StepContext, Tls
from bot.steps.kinds.notification import Notification
from bot.steps.mailing import SmtpMail
from tests.builders import a_run, a_step
from tests.steps.board import Board
from tests.steps.conftest import HERE
from tests.steps.postoffice import PASSWORD, PostOffice


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=[Tls.TLS, Tls.STARTTLS])
async def office(
    request: pytest.FixtureRequest, authority: trustme.CA
) -> AsyncIterator[PostOffice]:
    made = PostOffice(authority, request.param)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def context(context: StepContext, authority: trustme.CA) -> StepContext:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    run = a_run(a_step("tell", "notification", retries=2))
    state = StepRun(name="tell", phase=StepPhase.RUNNING, attempt=1)
    granted = Capabilities(mail=SmtpMail(HERE, trust), notices=Board())
    return replace(context, run=replace(run, steps=(state,)), granted=granted)


def mail(office: PostOffice, *, content: Any = None, **sender: Any) -> dict[str, Any]:
    return {
        "from": {
            "address": "shipmate@shop.example",
            "alias": "Shipmate",
            "password": {"fromSetting": "MAIL"},
            "host": "localhost",
            "port": office.port,
            "tls": office.tls.value,
            **sender,
        },
        "to": ["ops@shop.example", "dev@shop.example"],
        "cc": ["boss@shop.example"],
        "content": content or {"subject": "shop v1 is live", "body": "<b>v1</b> läuft"},
    }


async def tell(context: StepContext, notice: dict[str, Any], password: str = PASSWORD) -> Outcome:
    step = Notification({"MAIL": password}.get)
    step.check({"email": notice}, ())
    return await step.run(context, {"email": notice})


async def test_a_mail_arrives_with_all_that_was_said(
    context: StepContext, office: PostOffice
) -> None:
    content = {"subject": "shop ✓\nv1", "body": "<b>v1</b> läuft", "text": "v1 läuft"}
    done = await tell(context, mail(office, content=content))

    assert isinstance(done, Done)
    ((recipients, message),) = office.got
    assert recipients == ["ops@shop.example", "dev@shop.example", "boss@shop.example"]
    assert message["From"] == "Shipmate <shipmate@shop.example>"
    assert message["To"] == "ops@shop.example, dev@shop.example"
    assert message["Cc"] == "boss@shop.example"
    assert message["Subject"] == "shop ✓ v1"
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    assert html is not None
    assert html.get_content().strip() == "<b>v1</b> läuft"
    assert text is not None
    assert text.get_content().strip() == "v1 läuft"
    assert office.logins == ["shipmate@shop.example"]


async def test_a_server_may_stand_in_a_setting_with_all_that_belongs_to_it(
    context: StepContext, office: PostOffice
) -> None:
    scheme = "smtps" if office.tls is Tls.TLS else "smtp"
    url = f"{scheme}://robot:p4ss%20w0rd%2F%C3%A9@localhost:{office.port}"
    notice = mail(office)
    notice["from"] = {"address": "shipmate@shop.example", "url": {"fromSetting": "MAIL"}}

    assert isinstance(await tell(context, notice, url), Done)
    assert office.logins == ["robot"]


async def test_what_was_sent_once_is_not_sent_again_and_has_one_id_if_it_is(
    context: StepContext, office: PostOffice
) -> None:
    assert isinstance(await tell(context, mail(office)), Done)
    assert isinstance(await tell(context, mail(office)), Done)
    assert len(office.got) == 1

    forgot = replace(context, granted=replace(context.granted, notices=Board()))
    assert isinstance(await tell(forgot, mail(office)), Done)
    first, second = (message for _, message in office.got)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@shop.example>")
    assert first["Date"] is not None


async def test_a_server_that_dies_after_it_took_the_message_gets_it_again_with_the_same_id(
    context: StepContext, office: PostOffice
) -> None:
    office.hangs_up = True
    lost = await tell(context, mail(office))
    assert isinstance(lost, Failed)
    assert lost.retryable
    assert isinstance(await tell(context, mail(office)), Done)
    assert len({message["Message-ID"] for _, message in office.got}) == 1


async def test_who_was_refused_is_tried_again_alone(
    context: StepContext, office: PostOffice
) -> None:
    office.refuses = {"dev@shop.example": "450 mailbox is locked"}
    failed = await tell(context, mail(office))
    assert isinstance(failed, Failed)
    assert failed.retryable
    assert failed.message == "dev@shop.example: localhost refused it (450 mailbox is locked)"

    office.refuses = {}
    assert isinstance(await tell(context, mail(office)), Done)
    assert [recipients for recipients, _ in office.got] == [
        ["ops@shop.example", "boss@shop.example"],
        ["dev@shop.example"],
    ]


async def test_a_refusal_says_what_to_do(context: StepContext, office: PostOffice) -> None:
    wrong = await tell(context, mail(office), "wr0ng")
    assert isinstance(wrong, Failed)
    assert not wrong.retryable
    assert "does not take the user name and password (535" in wrong.message
    assert "wr0ng" not in str(wrong)

    office.login_fails = "454 the directory is away"
    away = await tell(replace(context, key="run4/tell/1"), mail(office))
    assert isinstance(away, Failed)
    assert away.retryable
    office.login_fails, office.refuses = "", dict.fromkeys(mail(office)["to"], "530 log in first")
    office.refuses["boss@shop.example"] = "530 log in first"
    nobody = await tell(replace(context, key="run5/tell/1"), mail(office))
    assert isinstance(nobody, Failed)
    assert not nobody.retryable
    office.refuses = {}
    office.answer = "552 too large"
    large = await tell(replace(context, key="run2/tell/1"), mail(office))
    assert isinstance(large, Failed)
    assert large.message == "localhost refused it (552 too large)"
    office.answer = "451 try later"
    later = await tell(replace(context, key="run3/tell/1"), mail(office))
    assert isinstance(later, Failed)
    assert later.retryable


async def test_a_certificate_is_checked(
    context: StepContext, office: PostOffice, authority: trustme.CA
) -> None:
    stranger = replace(context, granted=replace(context.granted, mail=SmtpMail(HERE)))
    failed = await tell(stranger, mail(office))
    assert isinstance(failed, Failed)
    assert not failed.retryable
    assert "the certificate of localhost" in failed.message
    assert office.logins == []

    other = PostOffice(authority, office.tls, name="elsewhere.example")
    await other.open()
    failed = await tell(replace(context, key="run2/tell/1"), mail(other))
    await other.close()
    assert isinstance(failed, Failed)
    assert "the host must be the name in it" in failed.message


async def test_the_wrong_kind_of_encryption_is_told(
    context: StepContext, authority: trustme.CA
) -> None:
    plain = PostOffice(authority, Tls.NONE, passwords=False)
    await plain.open()
    starttls = await tell(context, mail(plain, tls="starttls"))
    tls = await tell(replace(context, key="run2/tell/1"), mail(plain, tls="tls"))
    await plain.close()
    assert isinstance(starttls, Failed)
    assert "offers no STARTTLS: use tls" in starttls.message
    assert isinstance(tls, Failed)
    assert "try starttls, usually on port 587" in tls.message
    assert plain.got == []


async def test_a_server_without_passwords_needs_none_and_is_given_none(
    context: StepContext, authority: trustme.CA
) -> None:
    plain = PostOffice(authority, Tls.NONE, passwords=False)
    await plain.open()
    notice = mail(plain)
    del notice["from"]["password"]
    assert isinstance(await tell(context, notice), Done)
    url = f"smtp://localhost:{plain.port}?tls=none"
    notice["from"] = {"address": "shipmate@shop.example", "url": url and {"value": url}}
    assert isinstance(await tell(replace(context, key="run2/tell/1"), notice), Done)
    await plain.close()
    gone = await tell(replace(context, key="run3/tell/1"), notice)
    assert isinstance(gone, Failed)
    assert gone.retryable
    assert "cannot be reached" in gone.message


async def test_a_server_is_tried_out_without_a_message(
    office: PostOffice, authority: trustme.CA
) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    server = MailServer(
        host="localhost", port=office.port, tls=office.tls, username="robot", password=PASSWORD
    )
    assert await SmtpMail(HERE, trust).try_out(server) == "mail.shop.example"
    assert office.logins == ["robot"]
    assert office.got == []
    assert PASSWORD not in repr(server)
