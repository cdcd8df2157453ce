"""Tries out everything that is configured, each thing by itself: what `shipmate doctor` and the verb `doctor` tell.

Nothing is posted, sent or changed. It makes connections of its own, so that it finds what a fresh start would find; the
things are tried side by side, and each has its time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.metadata import version

from bot.addresses import EVERYWHERE
from bot.bootstrap.equipment import read_catalog, revealing
from bot.bootstrap.outwards import egress_of
from bot.bootstrap.secrets import seals_of
from bot.catalog.model import Catalog, Environment, Target
from bot.chat.dingtalk.api import OpenApi
from bot.chat.places import SLACK, named_in
from bot.chat.slack.examining import SlackExamination
from bot.chat.slack.gateway import web_client
from bot.clock import Clock
from bot.cluster.kube.clusters import KubeClusters
from bot.errors import Permanent, ShipmateError, Temporary
from bot.findings import Finding, fail, ok, warn
from bot.placement.rights import Right, rights_in, rights_of_clouds
from bot.sealing import SET_A_KEY
from bot.settings import Settings
from bot.steps.channels.slack import SlackNotice
from bot.steps.concealed import Vault
from bot.steps.contract import Mail
from bot.steps.examining import examine_steps, notices_in
from bot.steps.http import HttpCalls
from bot.steps.mailing import SmtpMail
from bot.steps.parameters import is_expression
from bot.store.examining import examine_database, examine_export
from bot.wording import N_, Sentence

PATIENCE = 40.0
"""Seconds for one thing."""
SKEW = 30.0
"""Seconds that a clock may be off."""
APPLY = N_("apply deploy/rbac.yaml to the cluster again, with what your applications need besides")

FILES = N_("workflow files")
CLOCK = N_("clock")

Times = list[tuple[str, float]]
"""Who said what time it is, and by how many seconds our clock is ahead."""
Part = Callable[[], Awaitable[list[Finding]]]


class Doctor:
    """Examines a Shipmate by its settings."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        mail: Mail | None = None,
        catalog: Callable[[], Catalog] | None = None,
    ) -> None:
        """`catalog` answers the one in force, where there is one."""
        self._settings = settings
        self._clock = clock
        self._egress = egress_of(settings)
        self._mail = mail or SmtpMail(self._egress)
        self._catalog = catalog

    async def examine(self) -> list[Finding]:
        """Try out everything and say how it is: chats first, then what steps use, clusters, the database and the clock."""
        times: Times = []
        catalog, found = self._read()
        async with AsyncExitStack() as stack:
            clusters = self._clusters(catalog)
            stack.push_async_callback(clusters.close)
            parts: list[tuple[str, Part]] = [
                ("Slack", partial(self._slack, catalog, times)),
                ("DingTalk", partial(self._dingtalk, times)),
                (N_("steps"), partial(self._steps, catalog, clusters)),
                *(
                    (
                        Sentence("cluster {name}", name=name),
                        partial(self._cluster, name, catalog, clusters),
                    )
                    for name in (catalog.clusters if catalog else ())
                ),
                (N_("database"), self._database),
            ]
            results = await asyncio.gather(*(_in_time(name, part) for name, part in parts))
        return [*found, *(each for result in results for each in result), _clock(times)]

    def _read(self) -> tuple[Catalog | None, list[Finding]]:
        """Read the workflow files, as a start would."""
        folder = self._settings.workflows
        try:
            fresh = read_catalog(folder)
        except ShipmateError as error:
            first = str(error).splitlines()[0]
            said = Sentence("{first} (and more)", first=first) if "\n" in str(error) else first
            mend = Sentence("`shipmate check {folder}` shows every mistake", folder=folder)
            found = fail(FILES, said, mend)
            return (self._catalog() if self._catalog else None), [found]
        return fresh, [ok(FILES, Sentence("{folder} can be read", folder=folder))]

    def _clusters(self, catalog: Catalog | None) -> KubeClusters:
        return KubeClusters(
            lambda: catalog.clusters if catalog is not None else {},
            self._settings.kubeconfig,
            self._clock,
            reveal=revealing(self._settings.secrets),
        )

    async def _slack(self, catalog: Catalog | None, times: Times) -> list[Finding]:
        slack = self._settings.slack
        if not slack.wanted:
            named = self._settings.dingtalk.wanted
            none = fail(N_("chats"), N_("none is configured"), N_("see README, Settings"))
            return [] if named else [none]
        examination = SlackExamination(web_client(slack.bot_token.reveal(), slack.api_url))
        found = await examination.of_bot()
        self._told(times, "Slack", examination.date)
        if slack.app_token:
            found.append(await examination.of_app(slack.app_token.reveal()))
        else:
            said = N_("it is set; whether it is right shows when Slack calls")
            found.append(ok(N_("Slack: signing secret"), said))
        if examination.date is not None and catalog is not None:
            found += await examination.of_channels(_channels(catalog))
        return found

    async def _dingtalk(self, times: Times) -> list[Finding]:
        dingtalk = self._settings.dingtalk
        if not dingtalk.wanted:
            return []
        subject = N_("DingTalk: client id and secret")
        api = OpenApi(
            client_id=dingtalk.client_id,
            client_secret=dingtalk.client_secret.reveal(),
            url=dingtalk.api_url,
            oapi=dingtalk.oapi_url,
        )
        try:
            await api.try_out()
        except Temporary as error:
            mend = N_("look at the network, and at DINGTALK_API_URL")
            return [fail(subject, str(error), mend)]
        except Permanent as error:
            mend = N_(
                "copy DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET from the app's page again"
            )
            return [fail(subject, str(error), mend)]
        finally:
            await api.close()
        self._told(times, "DingTalk", await self._time_at(dingtalk.api_url))
        return [ok(subject, N_("a token is given for them"))]

    async def _time_at(self, url: str) -> datetime | None:
        """Ask for a page of somebody's server, whatever it is: its answer says what time it is there."""
        anywhere = egress_of(replace(self._settings, addresses=EVERYWHERE))
        http = HttpCalls(f"shipmate/{version('shipmate')}", anywhere)
        try:
            return (await http.send("GET", url, None, {})).date
        except (Temporary, Permanent):
            return None
        finally:
            await http.close()

    async def _steps(self, catalog: Catalog | None, clusters: KubeClusters) -> list[Finding]:
        if catalog is None:
            return []
        reveal = revealing(self._settings.secrets)

        def vault(application: str, environment: str) -> Vault:
            namespace = catalog.applications[application].namespace
            place = catalog.environments[environment]
            return Vault(reveal, clusters, place, namespace, self._settings.secrecy.learn)

        found = await examine_steps(catalog, vault, self._mail, self._egress.check)
        return [*self._sealing(catalog), *found]

    def _sealing(self, catalog: Catalog) -> list[Finding]:
        """Look whether what steps leave that is secret can be sealed."""
        steps = (step for each in catalog.workflows.values() for step in each.steps)
        every = (each for step in steps for each in (step, *step.sub_steps))
        if not any(output.secret for each in every for output in each.outputs):
            return []
        subject = "outputs that are secret"
        try:
            seals_of(self._settings).check()
        except Permanent:
            return [fail(subject, "there is no key to seal them with", SET_A_KEY)]
        return [ok(subject, "there is a key to seal them with")]

    async def _cluster(
        self, name: str, catalog: Catalog | None, clusters: KubeClusters
    ) -> list[Finding]:
        """Ask a cluster for its version, and what we may do in each target on it."""
        assert catalog is not None
        subject = Sentence("cluster {name}", name=name)
        try:
            found = [
                ok(subject, Sentence("{version} answers", version=await clusters.version(name)))
            ]
        except (Temporary, Permanent) as error:
            mend = N_(
                "look at the Cluster in workflows/, at KUBECONFIG, and whether it can be reached from here"
            )
            return [fail(subject, str(error), mend)]
        for environment in catalog.environments.values():
            here = [each for each in environment.targets if each.cluster == name]
            found += [await _target(catalog, environment, each, clusters) for each in here]
            if environment.control_cluster == name:
                rights = rights_of_clouds(catalog, environment)
                place = Sentence(
                    "cluster {name}: cloud resources of {environment}",
                    name=name,
                    environment=environment.name,
                )
                if rights:
                    found.append(await _rights(place, name, rights, clusters))
        return found

    async def _database(self) -> list[Finding]:
        found = [await asyncio.to_thread(examine_database, self._settings.store_url)]
        if self._settings.export is not None:
            found.append(await asyncio.to_thread(examine_export, self._settings.export))
        return found

    def _told(self, times: Times, who: str, date: datetime | None) -> None:
        if date is not None:
            times.append((who, (self._clock.now() - date).total_seconds()))


def _clock(times: Times) -> Finding:
    """Say how far the clock is off, by those who said what time it is."""
    if not times:
        return warn(CLOCK, N_("nobody who was asked said what time it is"))
    who, off = max(times, key=lambda each: abs(each[1]))
    if abs(off) < SKEW:
        return ok(CLOCK, Sentence("within {n} s of {who}", n=f"{max(1.0, abs(off)):.0f}", who=who))
    said = N_("{n} s ahead of {who}") if off > 0 else N_("{n} s behind {who}")
    mend = N_("let this machine's clock be set by NTP: signatures and times depend on it")
    return warn(CLOCK, Sentence(said, n=f"{abs(off):.0f}", who=who), mend)


async def _in_time(name: str, part: Part) -> list[Finding]:
    """Do a part; it fails alone when it takes too long or breaks."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await part()
    except ShipmateError as error:
        return [fail(name, str(error), N_("look at its settings"))]
    except TimeoutError:
        said = Sentence("it did not answer within {n} s", n=f"{PATIENCE:.0f}")
        return [fail(name, said, N_("look whether it can be reached from here"))]


def _channels(catalog: Catalog) -> dict[str, str]:
    """Name the channels of Slack that something is to be said in, each with what it is for."""
    found: dict[str, str] = {}
    for environment in catalog.environments.values():
        name = named_in(environment, SLACK)
        if name:
            why = Sentence("environment {name}", name=environment.name)
            found.setdefault(name.lstrip("#"), why)
    for told in notices_in(catalog):
        channel = told.notice.channel if isinstance(told.notice, SlackNotice) else ""
        if channel and not is_expression(channel):
            found.setdefault(channel.lstrip("#"), told.where)
    return found


async def _target(
    catalog: Catalog, environment: Environment, target: Target, clusters: KubeClusters
) -> Finding:
    place = Sentence(
        "cluster {name}: {target} ({namespace})",
        name=target.cluster,
        target=f"{environment.name}/{target.name}",
        namespace=target.namespace,
    )
    return await _rights(place, target.cluster, rights_in(catalog, environment, target), clusters)


async def _rights(
    subject: str, cluster: str, rights: Sequence[Right], clusters: KubeClusters
) -> Finding:
    try:
        missing = await clusters.denied(cluster, rights)
    except (Temporary, Permanent) as error:
        return warn(
            subject, Sentence("what we may do there could not be asked: {error}", error=str(error))
        )
    if missing:
        return fail(subject, Sentence("we may not {what}", what="; ".join(missing)), APPLY)
    kinds = ", ".join(sorted({each.kind for each in rights}))
    return ok(subject, Sentence("we may do what delivering takes: {kinds}", kinds=kinds))
