"""In which order the components of an application are delivered: by what they depend on and take from each other. Pure."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from bot.catalog.model import Component


def waves(components: Sequence[Component]) -> list[list[str]]:
    """Group the names of components: each group depends only on the ones before it. Raises CycleError.

    What a component depends on and what is not there is passed over: the file's check says so.
    """
    names = [each.name for each in components]
    leaves = {output.name: each.name for each in components for output in each.outputs}
    sorter = TopologicalSorter(
        {each.name: [one for one in needed_by(each, leaves) if one in names] for each in components}
    )
    sorter.prepare()
    found: list[list[str]] = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        found.append([name for name in names if name in ready])
        sorter.done(*ready)
    return found


def needed_by(component: Component, leaves: Mapping[str, str]) -> list[str]:
    """Name what a component waits for: what it depends on, and whoever leaves what it takes."""
    sources = (each.from_ for each in component.inputs)
    found = (leaves.get(each) or leaves.get(each.partition(".")[0]) for each in sources)
    return [*component.depends_on, *(each for each in found if each)]


def circle(components: Sequence[Component]) -> list[str]:
    """Name components that wait for each other, the first of them again at the end; empty: there are none."""
    try:
        waves(components)
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []
