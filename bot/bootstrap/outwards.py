"""The way out for what steps call: one for the bot and for the doctor, so that both may reach the same."""

from bot.settings import Settings
from bot.steps.egress import Egress


def egress_of(settings: Settings) -> Egress:
    """Make the way out that the settings allow."""
    proxies = {scheme: each.reveal() for scheme, each in settings.proxies.items()}
    return Egress(settings.addresses, proxies)
