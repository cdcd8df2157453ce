"""How the steps of a workflow hang together: levels, modes, and who waits for whom. Pure.

Names are unique over all steps and sub-steps, so that every step is found by its name alone. What waits for
whom is said here once, for running a workflow, for restarting it from a step, for checking and for drawing it.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from bot.catalog.model import Mode, Step, Workflow

TOP = ""
"""The name of the level that is in no group."""


class Shape:
    """The structure of one workflow. A level is named by its group; `TOP` is the outermost."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self.specs: dict[str, Step] = {}
        self.group_of: dict[str, str] = {}
        for each in workflow.steps:
            self._take(each, TOP)
            for below in each.sub_steps:
                self._take(below, each.name)

    def _take(self, step: Step, group: str) -> None:
        self.specs[step.name] = step
        self.group_of[step.name] = group

    def level(self, group: str) -> tuple[Step, ...]:
        """List the steps of a level, in the order of the file."""
        return self.specs[group].sub_steps if group else self._workflow.steps

    def in_order(self, group: str) -> bool:
        """Say whether the steps of a level run one after the other."""
        mode = (self.specs[group].mode or self._workflow.sub_mode) if group else self._workflow.mode
        return mode is Mode.STEP_BY_STEP

    @cached_property
    def producers(self) -> Mapping[str, tuple[str, ...]]:
        """The steps that leave an output, by its name."""
        found: dict[str, tuple[str, ...]] = {}
        for name, step in self.specs.items():
            for output in step.outputs:
                found[output.name] = (*found.get(output.name, ()), name)
        return found

    def sources(self, step: Step) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield for each input that comes from another step its `from` and the steps that may leave it."""
        for each in step.inputs:
            found = self.producers.get(each.from_) or self.producers.get(
                each.from_.partition(".")[0]
            )
            if found:
                yield each.from_, found

    def waits_for(self, name: str) -> set[str]:
        """Name the steps that must be over before this one begins, by `dependsOn` and by inputs."""
        step = self.specs[name]
        return {*step.depends_on, *(each for _, found in self.sources(step) for each in found)}

    def above(self, name: str) -> Iterator[str]:
        """Yield what a step depends on by `dependsOn`, directly and indirectly."""
        seen: set[str] = set()
        todo = list(self.specs[name].depends_on)
        while todo:
            each = todo.pop()
            if each not in seen and each in self.specs:
                seen.add(each)
                yield each
                todo += self.specs[each].depends_on

    def before(self, name: str) -> tuple[Step, ...]:
        """List the steps that stand before this one on its level."""
        level = self.level(self.group_of[name])
        return level[: next(at for at, each in enumerate(level) if each.name == name)]

    def after(self, name: str) -> set[str]:
        """Name what has to be done anew when this step is: the steps whose turn comes by its end.

        The groups that only hold such steps are not among them; those that stand in such a step are.
        """
        followers: dict[str, set[str]] = {}
        for each in self.specs:
            for other in self.waits_for(each):
                followers.setdefault(other, set()).add(each)
        found: set[str] = set()
        todo = [name]
        while todo:
            each = todo.pop()
            fresh = followers.get(each, set()) | {sub.name for sub in self.specs[each].sub_steps}
            group = self.group_of.get(each, TOP)
            fresh |= self._later(each)
            if group:
                # The end of a group moves with the end of its steps, and so does what comes after it.
                fresh |= followers.get(group, set()) | self._later(group)
            todo += fresh - found
            found |= fresh
        return found - {name}

    def _later(self, name: str) -> set[str]:
        if not self.in_order(self.group_of[name]):
            return set()
        level = [each.name for each in self.level(self.group_of[name])]
        return set(level[level.index(name) + 1 :])
