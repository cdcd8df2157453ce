"""The step types that this Shipmate has: an explicit list, looked up by name."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from typing_extensions import override

from bot.catalog.model import Target
from bot.steps.contract import PropertyError, StepType

Complaint = tuple[tuple[str | int, ...], str]


class StepTypes(Mapping[str, StepType]):
    """Step types by name. Raises ValueError when two have the same."""

    def __init__(self, types: Sequence[StepType]) -> None:
        self._types: dict[str, StepType] = {}
        for each in types:
            if each.name in self._types:
                raise ValueError(f"two step types are called {each.name}")
            self._types[each.name] = each

    @override
    def __getitem__(self, name: str) -> StepType:
        return self._types[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    @override
    def __len__(self) -> int:
        return len(self._types)

    def nearest(self, name: str) -> tuple[str, ...]:
        """Answer the names that `name` may have been meant to be."""
        return tuple(get_close_matches(name, self._types, n=2))

    def check(
        self, name: str, properties: Mapping[str, Any], targets: Sequence[Target]
    ) -> Sequence[Complaint]:
        """List what is wrong with the properties of a step of type `name`, each with its path."""
        try:
            self._types[name].check(properties, targets)
        except PropertyError as error:
            return [(error.path, str(error))]
        return []
