"""Credentials: from files, the Pod, Secrets and settings; read anew when they change; and never shown."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.catalog.model import Cluster, SecretKey
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.errors import Permanent, Temporary
from bot.sandbox.server import Sandbox
from tests.cluster.middleman import Middleman, between
from tests.sandbox.kubernetes.conftest import a_deployment

TOKEN = "do-not-show-me"


@pytest.fixture
async def server(sandbox: Sandbox) -> AsyncIterator[Middleman]:
    """Give an API server whose tokens can be changed."""
    async with between(f"{sandbox.url}/clusters/east", "sandbox-east") as made:
        yield made


def write(path: Path, config: dict[str, Any]) -> Path:
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


async def applied(cluster: Cluster, kubeconfig: Path | None = None, **settings: str) -> int:
    """Apply something on a cluster; answer how many objects came there."""
    clusters = KubeClusters(
        lambda: {cluster.name: cluster}, kubeconfig, SystemClock(), reveal=settings.get
    )
    try:
        return len(await clusters.apply(cluster.name, [a_deployment()]))
    finally:
        await clusters.close()


async def test_one_kubeconfig_has_a_context_for_each_cluster(
    sandbox: Sandbox, kubeconfig: Path
) -> None:
    for name in ("east", "west"):
        assert await applied(Cluster(name=name, context=name), kubeconfig) == 1


async def test_a_kubeconfig_of_its_own_has_a_current_context(
    server: Middleman, tmp_path: Path
) -> None:
    path = write(tmp_path / "own.json", server.kubeconfig())
    assert await applied(Cluster(name="eu", kubeconfig=str(path))) == 1


async def test_several_files_are_one_and_paths_are_relative_to_theirs(
    server: Middleman, tmp_path: Path
) -> None:
    (tmp_path / "b").mkdir()
    config = server.kubeconfig()
    users, config["users"] = config["users"], []
    users[0]["user"] = {"tokenFile": "token"}
    write(tmp_path / "a.json", config)
    write(tmp_path / "b" / "users.json", {"users": users, "clusters": [], "contexts": []})
    (tmp_path / "b" / "token").write_text("sandbox-east\n", encoding="utf-8")

    both = f"{tmp_path}/a.json:{tmp_path}/gone.json:{tmp_path}/b/users.json"

    assert await applied(Cluster(name="eu", context="here"), Path(both)) == 1


async def test_a_setting_holds_a_kubeconfig(server: Middleman) -> None:
    cluster = Cluster(name="eu", from_setting="EU")
    assert await applied(cluster, EU=json.dumps(server.kubeconfig())) == 1
    with pytest.raises(Permanent, match=r"\(the setting SHIPMATE_SECRET_EU\).* is not set"):
        await applied(cluster)


async def test_a_file_that_changes_is_read_again(server: Middleman, tmp_path: Path) -> None:
    path = write(tmp_path / "own.json", server.kubeconfig())
    east = Cluster(name="east", kubeconfig=str(path))
    clusters = KubeClusters(lambda: {"east": east}, None, SystemClock())
    await clusters.apply("east", [a_deployment()])

    server.tokens = {"fresh"}
    with pytest.raises(Temporary, match="east refuses the credentials"):
        await clusters.apply("east", [a_deployment()])
    write(path, server.kubeconfig(token="fresh"))
    assert await clusters.apply("east", [a_deployment()])
    path.write_text("{half", encoding="utf-8")
    assert await clusters.apply("east", [a_deployment()])  # what was read before still does

    await clusters.close()


async def test_a_plugin_brings_the_token_and_brings_another_when_it_is_refused(
    server: Middleman, tmp_path: Path
) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(
        "#!/bin/sh\n"
        'echo "{\\"apiVersion\\": \\"client.authentication.k8s.io/v1\\",'
        ' \\"kind\\": \\"ExecCredential\\", \\"status\\": {\\"token\\": \\"$(cat $TOKEN)\\"}}"\n',
        encoding="utf-8",
    )
    plugin.chmod(0o755)
    (tmp_path / "token").write_text("sandbox-east", encoding="utf-8")
    config = server.kubeconfig()
    config["users"][0]["user"] = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "./plugin",
            "env": [{"name": "TOKEN", "value": str(tmp_path / "token")}],
        }
    }
    east = Cluster(name="east", kubeconfig=str(write(tmp_path / "own.json", config)))
    clusters = KubeClusters(lambda: {"east": east}, None, SystemClock())
    assert await clusters.apply("east", [a_deployment()])

    server.tokens = {"fresh"}
    (tmp_path / "token").write_text("fresh", encoding="utf-8")
    clusters._server("east").api._access._read_at = 0.0  # as some seconds later
    assert await clusters.apply("east", [a_deployment()])

    await clusters.close()


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        ("exit 7", Temporary, "the credential plugin .*/plugin ended with code 7"),
        ("echo do-not-show-me", Permanent, "the credential plugin .*/plugin printed no ExecCred"),
        (None, Permanent, "the credential plugin .*/plugin cannot be run: No such file"),
    ],
)
async def test_a_plugin_that_fails_is_told_without_what_it_says(
    server: Middleman, tmp_path: Path, script: str | None, error: type[Exception], said: str
) -> None:
    if script is not None:
        (tmp_path / "plugin").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / "plugin").chmod(0o755)
    config = server.kubeconfig()
    config["users"][0]["user"] = {"exec": {"apiVersion": "v1", "command": "./plugin"}}
    path = write(tmp_path / "own.json", config)

    with pytest.raises(error, match=said) as raised:
        await applied(Cluster(name="east", kubeconfig=str(path)))

    assert TOKEN not in str(raised.value)


async def put_secret(kubeconfig: Path, data: dict[str, str]) -> Cluster:
    """Put a Secret on the cluster of the current context; answer a cluster whose credentials it holds."""
    home = KubeClusters(
        lambda: {"home": Cluster(name="home", context="east")}, kubeconfig, SystemClock()
    )
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "eu", "namespace": "fleet"},
        "stringData": data,
    }
    await home.apply("home", [secret])
    await home.close()
    return Cluster(name="eu", secret=SecretKey(name="eu", namespace="fleet"))


def forms(server: Middleman) -> dict[str, dict[str, str]]:
    return {
        "cluster-api": {"value": json.dumps(server.kubeconfig())},
        "kubeconfig": {"kubeconfig": json.dumps(server.kubeconfig())},
        "cluster-gateway": {"endpoint": f"{server.url}/\n", "token": "sandbox-east"},
        "argo-cd": {
            "name": "eu",
            "server": server.url,
            "config": json.dumps(
                {"bearerToken": "sandbox-east", "tlsClientConfig": {"insecure": True}}
            ),
        },
    }


@pytest.mark.parametrize("form", ["cluster-api", "kubeconfig", "cluster-gateway", "argo-cd"])
async def test_a_secret_holds_a_cluster_in_the_form_of_whoever_made_it(
    server: Middleman, kubeconfig: Path, form: str
) -> None:
    cluster = await put_secret(kubeconfig, forms(server)[form])
    server.asked.clear()

    assert await applied(cluster, kubeconfig) == 1
    assert any(method == "PATCH" for method, _, _ in server.asked)


async def test_a_secret_is_read_again_when_what_it_held_is_refused(
    server: Middleman, kubeconfig: Path
) -> None:
    eu = await put_secret(kubeconfig, forms(server)["cluster-gateway"])
    clusters = KubeClusters(lambda: {"eu": eu}, kubeconfig, SystemClock())
    await clusters.apply("eu", [a_deployment()])

    server.tokens = {"fresh"}
    await put_secret(kubeconfig, {"endpoint": server.url, "token": "fresh"})
    clusters._server("eu").api._access._read_at = 0.0  # as some seconds later
    assert await clusters.apply("eu", [a_deployment()])

    await clusters.close()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, r"it holds no kubeconfig \(expected value, kubeconfig\), nor a cluster"),
        ({"value": "a: b: do-not-show-me"}, r"the kubeconfig is no YAML \(line 1\)"),
        ({"value": "[" * 100_000 + "do-not-show-me"}, r"the kubeconfig is no YAML \(line 1\)"),
        ({"value": "do-not-show-me"}, "the kubeconfig is no YAML with keys"),
        ({"endpoint": "https://eu", "exec": "{}"}, "it names a command"),
        ({"server": "https://eu", "config": '{"execProviderConfig": {"command": "x"}}'}, "command"),
        (
            {"server": "https://eu", "config": '{"tlsClientConfig": {"caData": "%"}}'},
            "caData is no",
        ),
        ({"endpoint": "https://eu", "ca.crt": "do-not-show-me"}, "its certificates cannot be used"),
        (
            {
                "value": json.dumps(
                    {
                        "current-context": "a",
                        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
                        "clusters": [{"name": "a", "cluster": {"server": "https://eu"}}],
                        "users": [{"name": "a", "user": {"tokenFile": "/etc/passwd"}}],
                    }
                )
            },
            "it names files, which only a kubeconfig in a file may",
        ),
    ],
)
async def test_a_secret_that_is_none_is_told_without_what_it_holds(
    sandbox: Sandbox, kubeconfig: Path, data: dict[str, str], said: str
) -> None:
    cluster = await put_secret(kubeconfig, data)

    with pytest.raises(Permanent, match=said) as raised:
        await applied(cluster, kubeconfig)

    assert "(the Secret eu in fleet)" in str(raised.value)
    assert TOKEN not in str(raised.value)


async def test_a_secret_that_is_not_there_is_told(sandbox: Sandbox, kubeconfig: Path) -> None:
    missing = Cluster(name="eu", secret=SecretKey(name="nobody", namespace="fleet"))
    with pytest.raises(Permanent, match=r"\(the Secret nobody in fleet\).*there is no such Secret"):
        await applied(missing, kubeconfig)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "the kubeconfig has no current context"),
        ({"current-context": "a"}, "the kubeconfig has no context a"),
        (
            {"current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "b"}}]},
            "the kubeconfig has no cluster b",
        ),
        (
            {
                "current-context": "a",
                "contexts": [{"name": "a", "context": {"cluster": "b", "user": "c"}}],
                "clusters": [{"name": "b", "cluster": {"server": "https://b"}}],
                "users": [{"name": "d", "user": {"token": TOKEN}}],
            },
            "the kubeconfig has no user c",
        ),
    ],
)
async def test_a_kubeconfig_that_lacks_something_says_what(
    tmp_path: Path, config: dict[str, Any], said: str
) -> None:
    path = write(tmp_path / "own.json", config)

    with pytest.raises(Permanent, match=said) as raised:
        await applied(Cluster(name="eu", kubeconfig=str(path)))

    assert str(raised.value).startswith("the credentials of eu (the current context of /")
    assert TOKEN not in str(raised.value)


async def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match=f"there is no kubeconfig {tmp_path}/none"):
        await applied(Cluster(name="eu", kubeconfig=f"{tmp_path}/none"))


async def test_an_address_where_nobody_listens_is_a_matter_of_time(
    server: Middleman, tmp_path: Path
) -> None:
    path = write(tmp_path / "own.json", server.kubeconfig())
    await server.stop()

    with pytest.raises(Temporary, match="east cannot be reached"):
        await applied(Cluster(name="east", kubeconfig=str(path)))
