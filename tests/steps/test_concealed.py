"""Secrets of notices: from a Secret of the control cluster as in KubeVela, read at the time of use, never said."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import Permanent
from bot.run.model import Run
from bot.steps.channels.email import server_of
from bot.steps.concealed import Vault, check_refs
from bot.steps.contract import Capabilities, MailServer, PropertyError, Tls
from bot.steps.endpoints import Endpoint
from tests.builders import a_run, an_environment
from tests.steps.ground import Ground

SECRETS = "/api/v1/namespaces/default/secrets"


def controlled() -> Run:
    """Make a run in an environment that has a control cluster."""
    run = a_run()
    environment = replace(run.plan.environment, control_cluster="east")
    return replace(run, plan=replace(run.plan, environment=environment))


def vault(ground: Ground, run: Run) -> Vault:
    context = ground.context("notification", run=run)
    granted = Capabilities(clusters=ground.clusters)
    return Vault.of(replace(context, granted=granted), {"URL": "not a url"}.get)


def ref(key: str = "url", name: str = "robot") -> Endpoint:
    return Endpoint.model_validate({"secretRef": {"name": name, "key": key}})


async def a_secret(ground: Ground, url: bytes) -> None:
    made: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "robot"},
        "data": {"url": b64encode(url).decode()},
    }
    await ground.somebody.applies(SECRETS, made)


async def test_it_is_read_when_it_is_used(ground: Ground) -> None:
    reading = vault(ground, controlled())
    for url in ("https://one.example/s3cr3t", "https://two.example/s3cr3t"):
        await a_secret(ground, f"{url}\n".encode())
        assert await reading.address(ref()) == url


async def test_what_is_missing_is_told_without_a_value(ground: Ground) -> None:
    reading = vault(ground, controlled())
    with pytest.raises(Permanent, match="there is no Secret default/robot on east"):
        await reading.text(ref())
    await a_secret(ground, b"s3cr3t")
    with pytest.raises(Permanent, match=r"has no key uri \(it has: url\)"):
        await reading.text(ref("uri"))
    with pytest.raises(Permanent, match="url of the Secret robot holds no http or https URL"):
        await reading.address(ref())
    with pytest.raises(Permanent, match="SHIPMATE_SECRET_URL holds no http"):
        await reading.address(Endpoint.model_validate({"fromSetting": "URL"}))
    with pytest.raises(Permanent, match="prod has no control cluster, where Secrets are read"):
        await vault(ground, a_run()).text(ref())


def test_a_file_is_refused_where_no_cluster_has_secrets() -> None:
    notice = {"email": [{"from": {"password": {"secretRef": {"name": "mail", "key": "p"}}}}]}
    with pytest.raises(PropertyError, match="say `control: true` in a Cluster") as told:
        check_refs(notice, an_environment())
    assert told.value.path == ("email", 0, "from", "password", "secretRef")
    check_refs(notice, replace(an_environment(), control_cluster="east"))


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", ("mail.example", 587, Tls.STARTTLS, "", "")),
        ("smtps://u:p%40@mail.example", ("mail.example", 465, Tls.TLS, "u", "p@")),
        ("smtp://127.0.0.1:25?tls=none", ("127.0.0.1", 25, Tls.NONE, "", "")),
    ],
)
def test_a_servers_url(url: str, server: tuple[str, int, Tls, str, str]) -> None:
    host, port, tls, username, password = server
    assert server_of(url) == MailServer(
        host=host, port=port, tls=tls, username=username, password=password
    )


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://s3cr3t",
        "smtp://:s3cr3t@",
        "smtp://u:s3cr3t@m?tls=none",
        "smtp://m:s3cr3t",
    ],
)
def test_a_servers_url_that_is_none_is_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"expected smtp://|not sent unencrypted") as told:
        server_of(url)
    assert "s3cr3t" not in str(told.value)
