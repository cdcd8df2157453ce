"""What the containers would have said: a few believable lines, the same for the same pod. Pure."""

from datetime import datetime, timedelta
from typing import Any

Object = dict[str, Any]


def lines(pod: Object, container: str, *, previous: bool = False) -> list[tuple[datetime, str]]:
    """Answer the log of a container of a pod as (moment, text), oldest first."""
    status: Object = next(
        (each for each in pod["status"].get("containerStatuses", []) if each["name"] == container),
        {},
    )
    spec = next(each for each in pod["spec"]["containers"] if each["name"] == container)
    state = status.get("lastState" if previous else "state", {})
    ended = state.get("terminated")
    started = (ended or state.get("running") or {}).get("startedAt")
    if started is None and not previous:
        ended = status.get("lastState", {}).get("terminated")
        started = (ended or {}).get("startedAt")
    if started is None:
        return []
    begin = datetime.fromisoformat(started)
    image = str(spec["image"])
    said = [
        f"{container} {image.rpartition(':')[2]} starting, pid 1",
        f"configuration read, {len(spec.get('env', []))} environment variables",
    ]
    said += [f"listening on :{each['containerPort']}" for each in spec.get("ports", [])]
    if ended is not None:
        said = [
            *said[:2],
            "could not connect to the database: connection refused (10.96.0.12:5432)",
            f"fatal: giving up, exit code {ended['exitCode']}",
        ]
    elif status.get("ready"):
        said.append("ready")
    return [(begin + timedelta(milliseconds=40 * at), text) for at, text in enumerate(said)]
