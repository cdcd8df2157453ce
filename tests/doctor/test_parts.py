"""Parts of the examination whose wrong answers the sandbox does not give: Slack's channels and scopes, rights, databases."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.catalog.model import Cluster
from bot.chat.presenters.doctor import examined
from bot.chat.slack.examining import WANTED, SlackExamination
from bot.chat.slack.gateway import web_client
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.findings import Finding, Verdict, fail, ok, warn
from bot.operations.results import Examined
from bot.placement.rights import Right
from bot.store.database import open_store
from bot.store.examining import examine_database, examine_export


@dataclass(slots=True)
class Elsewhere:
    """A server that answers each path as it is told, with headers."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    denied: set[tuple[str, str]] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        """Answer a request."""
        if request.path.endswith("selfsubjectaccessreviews"):
            asked = (await request.json())["spec"]["resourceAttributes"]
            may = (asked["verb"], asked["resource"]) not in self.denied
            return web.json_response({"status": {"allowed": may}}, status=201)
        answer = self.answers.get(request.path)
        return web.json_response(answer or {}, status=200 if answer else 404, headers=self.headers)


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    made = Elsewhere()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.mark.parametrize(
    ("given", "verdict", "said"),
    [
        (WANTED, Verdict.OK, "all 13 of manifest.yml"),
        (WANTED - {"chat:write"}, Verdict.FAIL, "missing: chat:write"),
        (WANTED - {"files:write"}, Verdict.WARN, "missing: files:write"),
    ],
)
async def test_scopes_that_are_missing_are_named(
    elsewhere: Elsewhere, given: frozenset[str], verdict: Verdict, said: str
) -> None:
    elsewhere.answers = {"/auth.test": {"ok": True, "user": "shipmate", "team": "Shop"}}
    elsewhere.headers = {"X-OAuth-Scopes": ", ".join(sorted(given))}
    examination = SlackExamination(web_client("xoxb-1", f"{elsewhere.url}/"))
    _, scopes = await examination.of_bot()
    assert (scopes.verdict, scopes.said) == (verdict, said)
    assert examination.date is not None


async def test_a_channel_has_to_be_there_and_the_bot_in_it(elsewhere: Elsewhere) -> None:
    there = [
        {"id": "C0000001", "name": "in", "is_member": True},
        {"id": "C0000002", "name": "out", "is_member": False},
        {"id": "C0000003", "name": "old", "is_member": True, "is_archived": True},
    ]
    elsewhere.answers = {"/conversations.list": {"ok": True, "channels": there}}
    examination = SlackExamination(web_client("xoxb-1", f"{elsewhere.url}/"))
    wanted = dict.fromkeys(("in", "C0000001", "out", "old", "gone"), "environment prod")
    found = await examination.of_channels(wanted)
    assert [(each.verdict, each.mend) for each in found] == [
        (Verdict.OK, ""),
        (Verdict.OK, ""),
        (Verdict.FAIL, "/invite @shipmate in #out"),
        (Verdict.FAIL, "unarchive it, or name another one in workflows/"),
        (Verdict.FAIL, "mend the name in workflows/, or /invite @shipmate in #gone"),
    ]


async def test_what_we_may_not_do_on_a_cluster_is_named(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    def resource(name: str, kind: str) -> dict[str, Any]:
        return {"name": name, "kind": kind, "namespaced": True}

    elsewhere.answers = {
        "/version": {"gitVersion": "v1.33.1"},
        "/api/v1": {"resources": [resource("services", "Service")]},
        "/apis/apps/v1": {"resources": [resource("deployments", "Deployment")]},
    }
    elsewhere.denied = {("patch", "services"), ("create", "services")}
    config = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": elsewhere.url}}],
        "users": [{"name": "a", "user": {"token": "t"}}],
    }
    path = tmp_path / "kubeconfig.json"
    path.write_text(str(config).replace("'", '"'), encoding="utf-8")
    clusters = KubeClusters(lambda: {"east": Cluster(name="east")}, path, SystemClock())
    verbs = ("get", "create", "patch")
    rights = [
        Right("v1", "Service", "shop", verbs),
        Right("apps/v1", "Deployment", "shop", verbs),
        Right("batch/v1", "Job", "shop", verbs),
    ]
    assert await clusters.version("east") == "v1.33.1"
    assert await clusters.denied("east", rights) == [
        "create, patch services",
        "use Job (batch/v1): the cluster does not serve it",
    ]
    await clusters.close()


async def test_a_database_is_looked_at_and_left_as_it_is(url: str) -> None:
    store = open_store(url, SystemClock())
    found = examine_database(url)
    assert found.verdict is Verdict.OK
    assert "tables 0" in found.said
    await store.close()


def test_a_database_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    file = tmp_path / "shipmate.db"
    assert examine_database(f"sqlite:///{file}").said == f"{file} is made by the first start"
    assert not file.exists()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    old = examine_database(f"sqlite:///{file}")
    assert old.verdict is Verdict.WARN
    assert "tables 0001; the next start brings them up to" in old.said
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    newer = examine_database(f"sqlite:///{file}")
    assert newer.verdict is Verdict.FAIL
    assert "of a newer Shipmate" in newer.said
    assert examine_database("nonsense").said == "DATABASE_URL is no database URL"
    gone = examine_database("postgresql://u:s3cr3t@127.0.0.1:9/x")
    assert gone.verdict is Verdict.FAIL
    assert "s3cr3t" not in str(gone)


def test_a_folder_for_exports_is_there_and_can_be_written_or_that_is_told(tmp_path: Path) -> None:
    assert examine_export(tmp_path) == ok("export", f"{tmp_path} can be written")
    missing = examine_export(tmp_path / "missing")
    assert missing.verdict is Verdict.FAIL
    assert missing.said == f"there is no folder {tmp_path}/missing; nothing is removed meanwhile"


def test_a_phone_shows_what_is_wrong_first_and_all_of_what_works() -> None:
    findings: list[Finding] = [ok(f"thing {number}", "x" * 150) for number in range(40)]
    findings += [warn("clock", "40 s behind Slack", "use NTP"), fail("mail", "no", "mend it")]
    message = examined(Examined(findings=tuple(findings)))

    assert message.summary == "1 of 42 do not work; 1 to look at"
    said = str(message.blocks)
    assert said.index("'mail'") < said.index("'thing 0'")
    assert " → mend it" in said
    assert all(f"'thing {number}'" in said for number in range(40))
    fine = examined(Examined(findings=(ok("a", "works"),)))
    assert fine.summary == "All 1 things that were tried work"
