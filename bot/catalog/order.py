"""In which order the components of an application are delivered: by what they depend on. Pure."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from bot.catalog.model import Component


def waves(components: Sequence[Component]) -> list[list[str]]:
    """Group the names of components: each group depends only on the ones before it. Raises CycleError.

    What a component depends on and what is not there is passed over: the file's check says so.
    """
    names = [each.name for each in components]
    sorter = TopologicalSorter(
        {each.name: [one for one in each.depends_on if one in names] for each in components}
    )
    sorter.prepare()
    found: list[list[str]] = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        found.append([name for name in names if name in ready])
        sorter.done(*ready)
    return found


def circle(components: Sequence[Component]) -> list[str]:
    """Name components that wait for each other, the first of them again at the end; empty: there are none."""
    try:
        waves(components)
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []
