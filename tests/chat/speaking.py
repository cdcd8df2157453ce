"""A delivery for one chat in which everyone reads English."""

from collections.abc import Callable
from typing import Any

from bot.catalog.model import Catalog
from bot.chat.delivery import Delivery
from bot.chat.gateway import Gateway
from bot.chat.pages import Pages
from bot.chat.ports import Ledger
from bot.chat.readers import Readers
from bot.chat.regrets import Reach, Regrets
from bot.clock import Clock
from bot.run.ports import Runs, nothing_holds


def delivery_of(
    *,
    gateway: Gateway,
    ledger: Ledger,
    runs: Runs,
    catalog: Callable[[], Catalog],
    clock: Clock,
    **more: Any,
) -> Delivery:
    """Make it; `more` goes to the delivery."""
    readers = Readers(gateway=gateway, catalog=catalog)
    return Delivery(
        gateway=gateway,
        ledger=ledger,
        runs=runs,
        catalog=catalog,
        clock=clock,
        pages=Pages(
            runs=runs,
            ledger=ledger,
            catalog=catalog,
            clock=clock,
            hold=nothing_holds,
            readers=readers,
        ),
        regrets=Regrets(
            reach=[Reach(gateway=gateway, readers=readers)], ledger=ledger, catalog=catalog
        ),
        **more,
    )
