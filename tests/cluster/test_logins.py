"""How a login is read from what kubeconfigs and Secrets say. What it holds, it does not show."""

import base64
from pathlib import Path
from typing import Any

import pytest

from bot.cluster.kube.credentials import InPod, parsed, paths_of
from bot.cluster.kube.files import Files
from bot.cluster.kube.logins import Document, Login, of_kubeconfig
from bot.cluster.kube.secrets import of_secret
from bot.errors import Permanent


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def config(cluster: dict[str, Any], user: dict[str, Any]) -> dict[str, Any]:
    return {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://c:6443/", **cluster}}],
        "users": [{"name": "u", "user": user}],
    }


@pytest.mark.parametrize(
    ("cluster", "user", "login"),
    [
        ({}, {}, Login(server="https://c:6443")),
        (
            {"certificate-authority-data": coded("CA"), "tls-server-name": "kube"},
            {"client-certificate-data": coded("CERT"), "client-key-data": coded("KEY")},
            Login(
                server="https://c:6443",
                authority=b"CA",
                server_name="kube",
                certificate=b"CERT",
                key=b"KEY",
            ),
        ),
        (
            {"insecure-skip-tls-verify": True, "proxy-url": "http://proxy:3128"},
            {"token": "t"},
            Login(
                server="https://c:6443",
                insecure=True,
                proxy="http://proxy:3128",
                authorization="Bearer t",
            ),
        ),
        (
            {},
            {"username": "ann", "password": "pw"},
            Login(server="https://c:6443", authorization=f"Basic {coded('ann:pw')}"),
        ),
    ],
)
def test_a_kubeconfig_says_how_to_log_in(
    cluster: dict[str, Any], user: dict[str, Any], login: Login
) -> None:
    assert of_kubeconfig([Document(config(cluster, user), None)], "", Files()) == login


def test_certificates_stand_in_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("CA", encoding="utf-8")
    document = Document(config({"certificate-authority": "ca.crt"}, {}), tmp_path)
    files = Files()

    assert of_kubeconfig([document], "", files).authority == b"CA"
    assert not files.changed()
    (tmp_path / "ca.crt").write_text("another", encoding="utf-8")
    assert files.changed()


def test_what_a_login_holds_is_not_shown() -> None:
    login = Login(
        server="https://c", authorization="Bearer hush", key=b"hush", plugin={"env": "hush"}
    )
    assert "hush" not in repr(login)


def test_a_cluster_of_kubevelas_gateway_has_a_certificate_or_a_token() -> None:
    def secret(**data: str) -> dict[str, Any]:
        coded_ = {key.replace("_", "."): coded(value) for key, value in data.items()}
        return {"metadata": {"name": "eu"}, "data": {"endpoint": coded("https://eu\n"), **coded_}}

    assert of_secret(secret(ca_crt="CA", tls_crt="CERT", tls_key="KEY"), "", parsed) == Login(
        server="https://eu", authority=b"CA", certificate=b"CERT", key=b"KEY"
    )
    assert of_secret(secret(ca="CA", token="t"), "", parsed) == Login(
        server="https://eu", authority=b"CA", authorization="Bearer t"
    )
    behind = secret(token="t")
    behind["metadata"]["labels"] = {"cluster.core.oam.dev/cluster-endpoint-type": "ClusterProxy"}
    with pytest.raises(Permanent, match="cluster proxy"):
        of_secret(behind, "", parsed)


async def test_the_account_of_the_pod_is_read_and_its_token_looked_at(tmp_path: Path) -> None:
    token, authority = tmp_path / "token", tmp_path / "ca.crt"
    token.write_text("first", encoding="utf-8")
    authority.write_text("CA", encoding="utf-8")
    where = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    pod = InPod(token, authority, where)

    assert await pod.read() == Login(
        server="https://10.96.0.1:443", authority=b"CA", authorization="Bearer first"
    )
    assert not pod.changed()
    token.write_text("the second", encoding="utf-8")
    assert pod.changed()
    assert (await pod.read()).authorization == "Bearer the second"

    with pytest.raises(Permanent, match="does not run in a Pod"):
        await InPod(tmp_path / "none", authority, where).read()


def test_a_kubeconfig_may_be_several_files() -> None:
    assert paths_of("/a:/b") == [Path("/a"), Path("/b")]
    assert paths_of("~/c") == [Path("~/c").expanduser()]
