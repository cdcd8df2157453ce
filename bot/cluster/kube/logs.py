"""The last words of containers, asked once: redacted before anything of them is cut."""

from bot.cluster.kube.api import ClusterApi
from bot.cluster.telling import Words
from bot.errors import Permanent, Temporary
from bot.rendering.redaction import redact_lines

MOST = 1000
"""Lines of a container's log that are read."""
FEWER = 50
"""So many are read of one that writes very long lines."""
BYTES = 1_000_000
"""The API server stops there, which would cut off the end: what was said last is what matters."""


async def last_words(
    api: ClusterApi, namespace: str, pod: str, container: str, *, previous: bool
) -> Words | None:
    """Answer the last lines of a container, or of the one before it was started again; None when it said nothing."""
    path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
    query = {"container": container, "previous": str(previous).lower(), "limitBytes": str(BYTES)}
    text = ""
    for most in (MOST, FEWER):
        try:
            text = await api.text(path, {**query, "tailLines": str(most)})
        except (Temporary, Permanent):
            return None
        if len(text.encode()) < BYTES:
            break
    lines = redact_lines(text.rstrip("\n").split("\n")) if text.strip() else []
    return Words(pod, container, lines) if lines else None
