"""The mail server and the webhook receiver: what comes is kept over a restart, once for each key."""

import asyncio
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.server import Sandbox


async def asked(sandbox: Sandbox, path: str) -> Any:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{sandbox.url}/control{path}")).json()


async def posted(sandbox: Sandbox, path: str, key: str = "", body: Any = None) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    async with httpx.AsyncClient() as client:
        return await client.post(f"{sandbox.url}/webhooks{path}", json=body, headers=headers)


def send(port: int) -> None:
    message = EmailMessage()
    message["Subject"] = "v1 is live ✓"
    message["From"], message["To"] = "shipmate@shop.example", "team@shop.example"
    message.set_content("Everywhere.")
    message.add_alternative("<b>Everywhere.</b>", subtype="html")
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(message)


async def test_a_mail_is_kept_with_its_parts(sandbox: Sandbox) -> None:
    port = (await asked(sandbox, "/state"))["mail"]["port"]
    await asyncio.to_thread(send, port)

    (mail,) = (await asked(sandbox, "/mail"))["mail"]

    assert (mail["from"], mail["to"]) == ("shipmate@shop.example", ["team@shop.example"])
    assert mail["subject"] == "v1 is live ✓"
    assert mail["text"].strip() == "Everywhere."
    assert "<b>Everywhere.</b>" in mail["html"]


async def test_a_mail_that_is_refused_is_not_kept(sandbox: Sandbox) -> None:
    port = (await asked(sandbox, "/state"))["mail"]["port"]
    sandbox.faults.add("mail", "refuse", 1)

    with pytest.raises(smtplib.SMTPDataError, match="451"):
        await asyncio.to_thread(send, port)
    assert (await asked(sandbox, "/mail"))["mail"] == []


async def test_a_webhook_with_a_key_is_taken_once_however_often_and_at_once_it_comes(
    sandbox: Sandbox,
) -> None:
    answers = await asyncio.gather(
        *(posted(sandbox, "/releases", "k1", {"n": 1}) for _ in range(5)),
        posted(sandbox, "/releases", "k2", {"n": 2}),
        posted(sandbox, "/elsewhere", "k1", {"n": 3}),
        posted(sandbox, "/releases", "", {"n": 4}),
        posted(sandbox, "/releases", "", {"n": 4}),
    )

    assert {each.status_code for each in answers} == {200}
    kept = (await asked(sandbox, "/webhooks"))["webhooks"]
    assert sorted((each["body"]["n"], each["deliveries"]) for each in kept) == [
        (1, 5),
        (2, 1),
        (3, 1),
        (4, 1),
        (4, 1),
    ]


async def test_a_receiver_that_fails_keeps_nothing(sandbox: Sandbox) -> None:
    sandbox.faults.add("webhooks", "error", 1, status=503, path="/webhooks/releases")

    assert (await posted(sandbox, "/elsewhere")).status_code == 200
    assert (await posted(sandbox, "/releases")).status_code == 503
    assert (await posted(sandbox, "/releases")).status_code == 200
    kept = (await asked(sandbox, "/webhooks"))["webhooks"]
    assert [each["path"] for each in kept] == ["/webhooks/elsewhere", "/webhooks/releases"]


async def test_a_credential_in_a_header_is_not_kept(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient() as client:
        await client.post(f"{sandbox.url}/webhooks/x", headers={"Authorization": "Bearer s3cr3t"})

    (kept,) = (await asked(sandbox, "/webhooks"))["webhooks"]
    assert kept["headers"]["authorization"] == "•••"


async def test_what_came_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Sandbox(state=tmp_path, port=0)
    await first.start()
    await posted(first, "/releases", "k1", {"n": 1})
    await first.stop()

    again = Sandbox(state=tmp_path, port=0)
    await again.start()
    await posted(again, "/releases", "k1", {"n": 1})
    kept = (await asked(again, "/webhooks"))["webhooks"]
    await again.stop()

    assert [each["deliveries"] for each in kept] == [2]
