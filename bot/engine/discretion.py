"""What is secret to one attempt of a step, and that it stays so: in what comes of the attempt, and in what is stored of it.

Here a step's outcome comes back before it is stored: texts are cleaned of what is known to be secret, and outputs that are
secret are sealed. Values of the run's sealed outputs are known for as long as the attempt takes, and to it alone: in a Secret
there are names, too, that everybody may read elsewhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from typing_extensions import override

from bot.catalog.model import Step
from bot.errors import Permanent
from bot.run.conditions import left
from bot.run.inventory import Manifest
from bot.run.model import Progress, Run
from bot.run.sealed import Sealed
from bot.run.stimuli import StepErrored, StepFinished, StepSuspended, StepWaiting, Stimulus
from bot.sealing import Seals
from bot.secrecy import Secrecy, leaves
from bot.steps.contract import Capabilities, Notices
from bot.workflow.expressions import ExpressionError
from bot.workflow.values import parts_of

KEY = r"""\.\s*(\w+)|\[\s*(?:"([^"]+)"|'([^']+)'|(\d{1,9}))\s*\]"""
OF_KEYS = re.compile(KEY)
OF_OUTPUTS = re.compile(rf"\boutputs((?:\s*(?:{KEY}))+)")
"""An output that an expression takes, and the way into it as far as it can be told."""
Path = tuple[str | int, ...]


class Discretion:
    """What is kept secret of an attempt."""

    def __init__(self, run: Run, spec: Step, secrecy: Secrecy, seals: Seals) -> None:
        """`secrecy` is what the whole process keeps."""
        self._everywhere = secrecy
        self.secrecy = secrecy.below()
        self._spec = spec
        self._seals = seals
        self._sealed = {
            name: value
            for name, value in left(run.steps).items()
            if isinstance(value, Sealed) and value.is_open
        }
        self._taken: dict[str, Secrecy] = {}
        """Of each sealed output that the step takes, what it takes of it: the host beside a password is no secret of its own."""
        for value in self._sealed.values():
            self.secrecy.learn(*leaves(value.reveal()))
        for name, path in _taken(run, spec):
            if name in self._sealed:
                part = _part(self._sealed[name].reveal(), path)
                self._taken.setdefault(name, secrecy.apart()).learn(*leaves(part))

    def check(self) -> None:
        """Raise Permanent when the step is to leave a secret and nothing can be sealed: before it does anything."""
        if any(each.secret for each in self._spec.outputs):
            self._seals.check()

    def conceal(self, *values: str, everywhere: bool = False) -> None:
        """Take down values as secret to this attempt, or to the whole process."""
        (self._everywhere if everywhere else self.secrecy).learn(*values)

    def betrays(self, manifest: Manifest) -> str:
        """Name a sealed output that the step takes and whose value an object has in the clear; empty: none."""
        taken = self._taken.items()
        return next((name for name, values in taken if values.holds(manifest)), "")

    def granted(self, capabilities: Capabilities) -> Capabilities:
        """Answer the capabilities with notices by which nothing that is secret is said in chat."""
        notices = capabilities.notices
        if notices is None:
            return capabilities
        return replace(capabilities, notices=DiscreetNotices(notices, self.secrecy))

    def outputs(self, shown: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
        """Answer named outputs as they are stored: sealed where the author or what they are taken of says so.

        `whole` has them with what is secret in them. Sealed is, too, what holds a known secret, whoever did not say so.
        Raises Permanent when one cannot be sealed.
        """
        marked = {each.name for each in self._spec.outputs if each.secret}
        found: dict[str, Any] = {}
        for name, value in whole.items():
            secret = name in marked or value != shown.get(name) or self.secrecy.holds(value)
            found[name] = self._seal(value) if secret and value is not None else value
        return found

    def outputs_of_failure(self, left: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the named outputs of a failure; without those that cannot be sealed: what failed is worth more to know."""
        try:
            return self.outputs(left, left)
        except Permanent:
            return {}

    def _seal(self, value: Any) -> Sealed:
        self.secrecy.learn(*leaves(value))
        return Sealed.opened(self._seals.seal(value), value)

    def progress(self, progress: Sequence[Progress]) -> tuple[Progress, ...]:
        """Answer what the card shows of a step, cleaned."""
        return tuple(each._replace(note=self.secrecy.clean(each.note)) for each in progress)

    def cleaned(self, stimulus: Stimulus) -> Stimulus:
        """Answer what came of the attempt with its texts cleaned."""
        clean = self.secrecy.clean
        match stimulus:
            case StepFinished() | StepErrored():
                log = stimulus.log
                return replace(
                    stimulus,
                    message=clean(stimulus.message),
                    details=tuple(map(clean, stimulus.details)),
                    log=None if log is None else replace(log, text=clean(log.text)),
                )
            case StepWaiting():
                return replace(stimulus, message=clean(stimulus.message))
            case StepSuspended():
                gate = replace(stimulus.gate, message=clean(stimulus.gate.message))
                return replace(stimulus, gate=gate)
            case _:
                return stimulus


class DiscreetNotices(Notices):
    """What a step says in the conversation of its run, and why it was refused, without what is secret."""

    def __init__(self, notices: Notices, secrecy: Secrecy) -> None:
        self._notices = notices
        self._secrecy = secrecy

    @override
    async def post(self, run: Run, key: str, text: str, *, channel: str = "") -> None:
        """Post a text, cleaned."""
        await self._notices.post(run, key, self._secrecy.clean(text), channel=channel)

    @override
    async def became(self, run: Run, key: str) -> str | None:
        """Answer what became of a notice."""
        return await self._notices.became(run, key)

    @override
    async def remember(self, run: Run, key: str, refused: str = "") -> None:
        """Remember what became of a notice, cleaned."""
        await self._notices.remember(run, key, self._secrecy.clean(refused))


def _taken(run: Run, spec: Step) -> Iterator[tuple[str, Path]]:
    """Yield the names of the outputs that a step, or what it delivers, takes, each with the way into it."""
    inputs = [*spec.inputs]
    inputs += [each for component in run.plan.application.components for each in component.inputs]
    for each in inputs:
        yield each.from_, ()
        with suppress(ExpressionError):
            name, *path = parts_of(each.from_)
            if path:
                yield str(name), tuple(path)
    for text in _texts(spec.properties):
        for found in OF_OUTPUTS.finditer(text):
            name, *path = map(_key, OF_KEYS.finditer(found[1]))
            yield str(name), tuple(path)


def _key(found: re.Match[str]) -> str | int:
    *names, index = found.groups()
    return next(filter(None, names), None) or int(index)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _part(value: Any, path: Path) -> Any:
    """Answer what a path leads to; where it leads no further, as with a function, all of what it has come to."""
    for key in path:
        inside: Any = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if not isinstance(inside, Mapping) or key not in inside:
            break
        value = inside[key]
    return value
