"""Answers `GET …/pods/NAME/log`: a container's log, whole or its end, and what comes as long as it is followed."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from bot.sandbox.kubernetes import errors, logs
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.requests import Place
from bot.sandbox.kubernetes.storage import Object, Storage

POD = BY_KIND["v1", "Pod"]
Line = tuple[datetime, str]
Form = Callable[[list[Line]], str]


def log(storage: Storage, request: Request, where: Place) -> Response:
    """Answer a container's log. Raises StatusError."""
    pod = storage.get(where.resource, where.namespace, where.name)
    params = request.query_params
    container = _container(pod, params.get("container", ""))
    previous = params.get("previous") in {"true", "1"}
    said = logs.lines(pod, container, previous=previous)
    if not said:
        raise errors.StatusError(400, _no_log(pod, container, previous=previous))
    form = _stamped if params.get("timestamps") in {"true", "1"} else _plain
    shown = _wanted(request, said)
    if params.get("follow") in {"true", "1"} and not previous:
        return StreamingResponse(
            _follow(storage, pod, container, shown, len(said), form), media_type="text/plain"
        )
    text = form(shown)
    most = params.get("limitBytes", "")
    return PlainTextResponse(text[: int(most)] if most.isdigit() else text)


def _container(pod: Object, asked: str) -> str:
    """Answer the name of the container that is meant. Raises StatusError 400."""
    known, name = logs.names(pod), pod["metadata"]["name"]
    if asked and asked not in known:
        raise errors.StatusError(400, f"container {asked} is not valid for pod {name}")
    mains = [each["name"] for each in pod["spec"]["containers"]]
    inits = known[len(mains) :]
    if not asked and len(mains) > 1:
        more = f" or one of the init containers: [{' '.join(inits)}]" if inits else ""
        raise errors.StatusError(
            400,
            f"a container name must be specified for pod {name}, choose one of: "
            f"[{' '.join(mains)}]{more}",
        )
    return asked or mains[0]


def _wanted(request: Request, said: list[Line]) -> list[Line]:
    params = request.query_params
    seconds, moment, tail = (
        params.get(each, "") for each in ("sinceSeconds", "sinceTime", "tailLines")
    )
    if seconds.isdigit():
        begin = datetime.now(UTC) - timedelta(seconds=int(seconds))
        said = [each for each in said if each[0] >= begin]
    if moment:
        said = [each for each in said if each[0] >= datetime.fromisoformat(moment)]
    if tail.isdigit():
        said = said[-int(tail) :] if int(tail) else []
    return said


def _plain(said: list[Line]) -> str:
    return "".join(f"{text}\n" for _, text in said)


def _stamped(said: list[Line]) -> str:
    form = "%Y-%m-%dT%H:%M:%S.%f000Z"
    return "".join(f"{moment.strftime(form)} {text}\n" for moment, text in said)


async def _follow(
    storage: Storage, pod: Object, container: str, shown: list[Line], known: int, form: Form
) -> AsyncIterator[bytes]:
    """Yield the log, then what is new in it, until the container ends for good or the pod is gone."""
    watch = storage.watch(None, POD)
    meta = pod["metadata"]
    try:
        yield form(shown).encode()
        current = storage.find(POD, meta["namespace"], meta["name"])
        while current is not None and not _is_over(current, container):
            change = await watch.next()
            if change is None:
                return
            if change.subject["metadata"]["uid"] != meta["uid"]:
                continue
            current = change.new
            said = logs.lines(current, container) if current else []
            if len(said) > known:
                yield form(said[known:]).encode()
                known = len(said)
    finally:
        storage.unwatch(watch)


def _is_over(pod: Object, container: str) -> bool:
    if pod["status"].get("phase") in {"Succeeded", "Failed"}:
        return True
    found = pod["status"].get("containerStatuses") or []
    return any(each["name"] == container and "running" not in each["state"] for each in found)


def _no_log(pod: Object, container: str, *, previous: bool) -> str:
    name, status = pod["metadata"]["name"], pod["status"]
    if previous:
        return f'previous terminated container "{container}" in pod "{name}" not found'
    reason = "ContainerCreating"
    for each in (
        *(status.get("containerStatuses") or []),
        *(status.get("initContainerStatuses") or []),
    ):
        if each["name"] == container:
            reason = (each["state"].get("waiting") or {}).get("reason", reason)
    said = "trying and failing to pull image" if "Pull" in reason else reason
    return f'container "{container}" in pod "{name}" is waiting to start: {said}'
