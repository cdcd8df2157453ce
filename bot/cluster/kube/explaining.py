"""Why objects are not ready, asked of the API server once, when a step has failed: events and last log lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bot.cluster.causes import Cause, cause_of
from bot.cluster.kube.api import ClusterApi
from bot.cluster.kube.happenings import warnings
from bot.cluster.kube.logs import last_words
from bot.cluster.kube.looking import Look, look_at
from bot.cluster.kube.paths import Paths
from bot.cluster.kube.together import together
from bot.cluster.port import Applied, Explanation, Manifest
from bot.cluster.telling import Told, Words, told
from bot.errors import Permanent, Temporary
from bot.rendering.redaction import redact

TRIES = 3
"""Pods of a Job, the newest first, of which the first that has said something is told."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """The questions about one cluster."""

    api: ClusterApi
    paths: Paths

    async def about(self, applied: Applied) -> Told | None:
        """Ask why one object is not ready; None when nothing is known."""
        look = await look_at(self.api, self.paths, applied)
        if look is None:
            return None
        cause = cause_of(look.subject, look.pods)
        lines = [cause.text] if cause.text else []
        lines += await self._warnings(look, cause)
        said = await self._words(look, cause)
        return Told(tuple(redact(each) for each in dict.fromkeys(lines)), (said,) if said else ())

    async def _warnings(self, look: Look, cause: Cause) -> list[str]:
        """Answer what was warned of: of the worst pod, or of what makes the pods when there is none."""
        about: Sequence[Manifest] = (
            (cause.pod,) if cause.pod is not None else (*look.sets, look.subject)
        )
        found = [
            line for each in about for line in await self._quietly(look.applied.namespace, each)
        ]
        return [each for each in found if not _is_known(each.partition(": ")[2], cause.known)]

    async def _quietly(self, namespace: str, subject: Manifest) -> list[str]:
        try:
            return await warnings(self.api, namespace or "default", subject)
        except (
            Temporary,
            Permanent,
        ):  # not to be allowed to read events is no reason to say nothing
            return []

    async def _words(self, look: Look, cause: Cause) -> Words | None:
        """Answer the last words of the container that is to blame."""
        if cause.pod is None or not cause.container:
            return None
        ask = partial(
            last_words,
            self.api,
            look.applied.namespace,
            cause.pod["metadata"]["name"],
            cause.container,
        )
        before = await ask(previous=True) if cause.restarted else None
        return before or await ask(previous=False)


async def explanation(api: ClusterApi, paths: Paths, applied: Sequence[Applied]) -> Explanation:
    """Answer why objects are not ready, for a person. Raises Temporary or Permanent when nothing can be asked."""
    asking = _Asking(api, paths)
    found = await together([partial(asking.about, each) for each in applied])
    return told([each for each in found if each is not None])


async def words_of_jobs(api: ClusterApi, paths: Paths, applied: Sequence[Applied]) -> Explanation:
    """Answer what the pods of Jobs said last, whatever became of them. Raises Temporary or Permanent."""
    jobs = [each for each in applied if each.kind == "Job"]
    looks = await together([partial(look_at, api, paths, each) for each in jobs])
    found: list[Told] = []
    for look in looks:
        said: tuple[Words, ...] = ()
        for pod in sorted(look.pods if look else (), key=_began, reverse=True)[:TRIES]:
            said = said or await _said(api, pod)
        found.append(Told((), said))
    return told(found)


async def _said(api: ClusterApi, pod: Manifest) -> tuple[Words, ...]:
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    said = [
        await last_words(api, namespace, name, each["name"], previous=False)
        for each in pod["spec"]["containers"]
    ]
    return tuple(each for each in said if each is not None)


def _is_known(message: str, known: str) -> bool:
    """Say whether an event says what is known already."""
    return bool(known) and (message in known or known in message)


def _began(pod: Manifest) -> str:
    return str(pod["metadata"].get("creationTimestamp") or "")
