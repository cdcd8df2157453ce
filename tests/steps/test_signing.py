"""What is signed: a receiver that follows docs/security.md takes what we send, and nothing that was changed."""

import base64
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import Permanent
from bot.secrecy import MASK, Secrecy
from bot.steps.concealed import Vault
from bot.steps.contract import Done, PropertyError, StepContext
from bot.steps.kinds.request import Request
from bot.steps.kinds.webhook import Webhook
from bot.steps.signing import check_signing, signer
from tests.builders import a_run, an_environment
from tests.steps.conftest import Receiver
from tests.steps.ground import Ground
from tests.steps.test_concealed import SECRETS

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
SECRET = "whsec_" + base64.b64encode(b"one secret of 32 bytes, or more.").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret of thirty-two byt").decode()
SIGN = {"signWith": {"fromSetting": "KEY"}}
NOTHING: dict[str, str] = {}

IsOurs = Callable[[Mapping[str, str], bytes, str], bool]


@pytest.fixture(scope="module")
def is_ours() -> IsOurs:
    """Give the check that the page tells receivers to make."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    made: dict[str, Any] = {}
    exec(code, made)
    found: IsOurs = made["is_ours"]
    return found


def arrived(receiver: Receiver) -> tuple[dict[str, str], bytes]:
    _, headers, _ = receiver.calls[-1]
    return {name.lower(): value for name, value in headers.items()}, receiver.raw[-1]


async def post(context: StepContext, url: str, key: str = SECRET, **more: Any) -> Any:
    properties = {"url": {"value": url}, "data": {"版本": "v1.4.2"}, **SIGN, **more}
    return await Webhook({"KEY": key}.get).run(context, properties)


def test_a_signature_is_the_one_that_standard_webhooks_publishes() -> None:
    # The vector of the reference libraries' tests.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment = datetime.fromtimestamp(1614265330, UTC)
    sign = signer([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", moment)
    assert sign(b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


async def test_a_receiver_can_tell_that_it_is_ours_and_unchanged(
    context: StepContext, receiver: Receiver, is_ours: IsOurs
) -> None:
    await post(context, receiver.url)
    headers, body = arrived(receiver)

    assert is_ours(headers, body, SECRET)
    assert headers["webhook-id"] == headers["idempotency-key"] == context.key
    assert not is_ours(headers, body.replace(b"v1.4.2", b"v1.4.3"), SECRET)
    assert not is_ours(headers, body, OTHER)
    assert not is_ours({**headers, "webhook-id": "another"}, body, SECRET)
    later = str(int(headers["webhook-timestamp"]) + 60)
    assert not is_ours({**headers, "webhook-timestamp": later}, body, SECRET)
    assert not is_ours({**headers, "webhook-timestamp": "1614265330"}, body, SECRET)


async def test_another_try_has_the_same_id(context: StepContext, receiver: Receiver) -> None:
    await post(context, receiver.url)
    await post(replace(context, attempt=2), receiver.url)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.calls}) == 1


async def test_two_secrets_make_two_signatures_so_that_one_can_be_changed(
    context: StepContext, receiver: Receiver, is_ours: IsOurs
) -> None:
    await post(context, receiver.url, f"{OTHER} {SECRET}")
    headers, body = arrived(receiver)
    assert is_ours(headers, body, SECRET)
    assert is_ours(headers, body, OTHER)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_request_is_signed_with_or_without_a_body(
    context: StepContext, receiver: Receiver, is_ours: IsOurs, method: str
) -> None:
    step = Request({"KEY": SECRET}.get)
    body = {"body": {"a": 1}} if method == "POST" else {}
    header = {"header": {"Webhook-Signature": "v1,mine"}}
    properties = {"url": receiver.url, "method": method, **header, **body, **SIGN}

    assert isinstance(await step.run(context, properties), Done)

    headers, raw = arrived(receiver)
    assert is_ours(headers, raw, SECRET)
    assert raw == (b'{"a":1}' if method == "POST" else b"")


def test_no_full_stop_of_a_name_stands_between_id_and_time() -> None:
    sign = signer([b"x" * 24], "run1/a.1614265330.b/1", datetime.fromtimestamp(1700000000, UTC))
    assert "." not in sign(b"")["webhook-id"]


async def test_a_secret_of_the_control_cluster_signs(
    ground: Ground, context: StepContext, receiver: Receiver, is_ours: IsOurs
) -> None:
    data = {"whsec": base64.b64encode(f"{SECRET}\n".encode()).decode()}
    meta = {"name": "releases"}
    made = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": data}
    await ground.somebody.applies(SECRETS, made)
    run = context.run
    environment = replace(run.plan.environment, control_cluster="east")
    context = replace(
        context,
        run=replace(run, plan=replace(run.plan, environment=environment)),
        granted=replace(context.granted, clusters=ground.clusters),
    )

    ref = {"secretRef": {"name": "releases", "key": "whsec"}}
    await post(context, receiver.url, signWith=ref)

    assert is_ours(*arrived(receiver), SECRET)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "s3cr3t",
        "whsec_s3cr3t!",
        "whsec_" + base64.b64encode(b"short").decode(),
        f"{SECRET} s3cr3t",
    ],
)
async def test_what_is_no_secret_is_refused_and_not_repeated(
    context: StepContext, receiver: Receiver, wrong: str
) -> None:
    with pytest.raises(Permanent, match="signWith holds") as raised:
        await post(context, receiver.url, wrong)
    assert "s3cr3t" not in str(raised.value)
    assert receiver.calls == []


async def test_a_secret_that_is_not_there_is_named(
    context: StepContext, receiver: Receiver
) -> None:
    step = Webhook(NOTHING.get)
    with pytest.raises(Permanent, match="the setting SHIPMATE_SECRET_KEY is not set"):
        await step.run(context, {"url": {"value": receiver.url}, **SIGN})
    assert receiver.calls == []


@pytest.mark.parametrize("given", [SECRET, {"value": SECRET}])
def test_a_secret_is_not_written_into_a_file(given: Any) -> None:
    for step, url in (
        (Webhook(NOTHING.get), {"value": "https://a.example"}),
        (Request(NOTHING.get), "https://a.example"),
    ):
        with pytest.raises(PropertyError, match="a secret is not written out") as raised:
            step.check({"url": url, "signWith": given}, ())
        assert SECRET not in str(raised.value)


def test_a_secret_of_a_cluster_wants_a_control_cluster() -> None:
    properties = {
        "url": {"secretRef": {"name": "releases", "key": "url"}},  # which is a setting
        "signWith": {"secretRef": {"name": "releases", "key": "whsec"}},
    }
    application = a_run().plan.application
    with pytest.raises(PropertyError, match="control: true") as raised:
        Webhook(NOTHING.get).check_in(properties, application, an_environment())
    assert raised.value.path[0] == "signWith"
    there = replace(an_environment(), control_cluster="east")
    Webhook(NOTHING.get).check_in(properties, application, there)
    Request(NOTHING.get).check_in(properties, application, there)


async def test_the_secret_is_in_no_log_and_in_nothing_that_is_left(
    context: StepContext, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outcome = await post(context, receiver.url)
    receiver.status, receiver.body = 400, b"no"
    with pytest.raises(Permanent) as raised:
        await post(context, receiver.url)
    key = SECRET.removeprefix("whsec_")
    for said in (repr(outcome), repr(raised.value), caplog.text, str(receiver.calls)):
        assert key not in said


async def test_the_doctor_looks_at_the_secret_and_makes_no_signature(context: StepContext) -> None:
    vault = Vault.of(context, {"KEY": SECRET, "NONE": "s3cr3t"}.get)
    for fine in (None, {"fromSetting": "KEY"}, {"fromSetting": "${{ context.note }}"}):
        await check_signing(fine, vault)
    for wrong, said in (("NONE", "holds no secret"), ("GONE", "SHIPMATE_SECRET_GONE is not set")):
        with pytest.raises(Permanent, match=said):
            await check_signing({"fromSetting": wrong}, vault)


async def test_each_secret_is_known_by_itself_with_and_without_its_beginning(
    context: StepContext, receiver: Receiver
) -> None:
    secrecy = Secrecy()

    def conceal(*values: str, everywhere: bool = False) -> None:
        assert everywhere
        secrecy.learn(*values)

    plain = OTHER.removeprefix("whsec_")
    await post(replace(context, conceal=conceal), receiver.url, f"{SECRET} {plain}")
    for each in (SECRET, SECRET.removeprefix("whsec_"), plain):
        assert secrecy.clean(f"not with {each}!") == f"not with {MASK}!"
