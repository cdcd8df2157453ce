"""What is secret to this Shipmate, joined to the parts that keep it: the keys of its store, and names that are none."""

import logging
from collections.abc import Iterator
from pathlib import Path

from bot.catalog.model import Catalog
from bot.command.verbs import VERBS
from bot.errors import Permanent
from bot.run.sealed import Sealed
from bot.sealing import Seals
from bot.settings import Settings
from bot.store.codec import Open
from bot.store.database import parse_url

log = logging.getLogger(__name__)


def seals_of(settings: Settings) -> Seals:
    """Make what seals outputs in the store: by the keys of the settings, and beside a SQLite file by one of its own.

    Raises UserError for a key that is none.
    """
    url = parse_url(settings.store_url)
    file = None
    if url.get_backend_name() == "sqlite" and url.database:
        path = Path(url.database)
        file = path.with_name(f"{path.name}.key")
    return Seals(settings.store_keys, file)


def opening(seals: Seals) -> Open:
    """Answer what opens a sealed output, or says in it why that cannot be."""

    def open_(token: str) -> Sealed:
        try:
            return Sealed.opened(token, seals.open(token))
        except Permanent as error:
            return Sealed(token, locked=str(error))

    return open_


def learn_all(settings: Settings, catalog: Catalog) -> None:
    """Let everything be known as secret that a setting holds, but for what is a name in the workflow files, too."""
    secrecy = settings.secrecy
    slack, dingtalk = settings.slack, settings.dingtalk
    own = (slack.bot_token, slack.app_token, slack.signing_secret, dingtalk.client_secret)
    secrecy.learn(*(each.reveal() for each in own), lasting=True)
    for name in settings.secrets:
        try:
            secrecy.learn(settings.secrets[name].reveal(), lasting=True)
        except Permanent as error:
            log.warning("the secret %s cannot be read: %s", name, error)
    if secrecy.spare(set(_names(catalog))):
        log.warning(
            "the value of a secret is also a name in the workflow files: it is not masked, for it would be everywhere"
        )


def _names(catalog: Catalog) -> Iterator[str]:
    """Yield what things are called in the files and in requests, which everybody reads."""
    yield "shipmate"
    yield from (each.name for each in VERBS)
    for application in catalog.applications.values():
        yield from (application.name, application.namespace)
        yield from (each.name for each in application.components)
    for environment in catalog.environments.values():
        yield from (environment.name, environment.slack_channel, environment.dingtalk_group)
        for target in environment.targets:
            yield from (target.name, target.cluster, target.namespace)
    for workflow in catalog.workflows.values():
        for step in workflow.steps:
            yield from (step.name, step.type, *(each.name for each in step.sub_steps))
    yield from (*catalog.clusters, *catalog.people, *catalog.roles, *catalog.triggers)
