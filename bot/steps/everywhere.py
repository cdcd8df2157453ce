"""One step in several places at once: what fails in one keeps no other from being finished, and all is told together."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.errors import Permanent, ShipmateError, Temporary
from bot.steps.contract import Done, Failed, Outcome, Waiting
from bot.steps.objects import Spot

Act = Callable[[Spot], Awaitable[Outcome]]
"""What is done in one place. What it leaves as `value` is what `valueFrom` sees of the place."""


async def everywhere(places: Sequence[Spot], act: Act) -> Outcome:
    """Act in all places and answer what came of them together: what failed for good counts before what may pass.

    Raises Permanent with all that was refused, else the first Temporary.
    """

    async def tried(spot: Spot) -> Outcome | ShipmateError:
        try:
            return await act(spot)
        except (Temporary, Permanent) as error:
            return error

    found = await asyncio.gather(*(tried(each) for each in places))
    failed = [each for each in found if isinstance(each, Failed)]
    refused = [each for each in found if isinstance(each, Permanent)]
    passing = [each for each in found if isinstance(each, Temporary)]
    waiting = [each for each in found if isinstance(each, Waiting)]
    if failed:
        said = [each.message for each in failed] + [str(each) for each in refused]
        details = tuple(line for each in failed for line in each.details)
        return replace(failed[0], message=_together(said), details=details)
    if refused:
        raise refused[0] if len(refused) == 1 else Permanent(_together(map(str, refused)))
    if passing:
        raise passing[0]
    if waiting:
        return replace(waiting[0], message=_together(each.message for each in waiting))
    return _done(
        {
            each: outcome
            for each, outcome in zip(places, found, strict=True)
            if isinstance(outcome, Done)
        }
    )


def _done(found: Mapping[Spot, Done]) -> Done:
    """Answer what all places left: of the first as `output` and, as KubeVela has it, `apply`; of each as `outputs`."""
    ended = list(found.values())
    whole = {spot: each.secrets or each.outputs for spot, each in found.items()}
    return Done(
        message=_together(each.message for each in ended),
        outputs=_left({spot: each.outputs for spot, each in found.items()}),
        secrets=_left(whole) if any(each.secrets for each in ended) else {},
        details=tuple(line for each in ended for line in each.details),
        log=next((each.log for each in ended if each.log is not None), None),
    )


def _left(found: Mapping[Spot, Mapping[str, Any]]) -> dict[str, Any]:
    first = next(iter(found.values()))
    return {
        **first,
        "output": first,
        "apply": first,
        "outputs": {spot.called: each.get("value") for spot, each in found.items()},
    }


def _together(said: Iterable[str]) -> str:
    """Say several things in a line, each once."""
    return "; ".join(dict.fromkeys(each for each in said if each))
