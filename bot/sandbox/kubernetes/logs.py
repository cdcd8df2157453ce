"""What the containers would have said: believable lines, the same for the same container. Pure.

A server starts and listens; a Job's pod migrates a database; what crashed ends in a stack trace, with the careless
lines that such logs have: a connection string with its password, a variable with its secret.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

Object = dict[str, Any]

OUT_OF_MEMORY = "OOMKilled"
BEAT = timedelta(milliseconds=40)


def lines(pod: Object, container: str, *, previous: bool = False) -> list[tuple[datetime, str]]:
    """Answer the log of a container of a pod as (moment, text), oldest first; `previous`: before its last start."""
    status = _status(pod, container)
    state = status.get("lastState" if previous else "state") or {}
    ended = state.get("terminated")
    started = (ended or state.get("running") or {}).get("startedAt")
    if started is None and not previous:
        ended = (status.get("lastState") or {}).get("terminated")
        started = (ended or {}).get("startedAt")
    if started is None:
        return []
    begin = datetime.fromisoformat(started)
    spec = _spec(pod, container)
    said = _said(pod, spec, ended, ready=bool(status.get("ready")))
    return [(begin + BEAT * at, text) for at, text in enumerate(said)]


def names(pod: Object) -> list[str]:
    """Name the containers of a pod that have a log, those of the init phase last."""
    spec = pod["spec"]
    return [each["name"] for each in (*spec["containers"], *(spec.get("initContainers") or []))]


def _said(pod: Object, spec: Object, ended: Object | None, *, ready: bool) -> Iterator[str]:
    name, tag = spec["name"], str(spec["image"]).rpartition(":")[2]
    failed = ended is not None and ended["exitCode"] != 0
    yield f"{name} {tag} starting, pid 1"
    yield f"configuration read, {len(spec.get('env') or [])} environment variables"
    if ended is not None and ended.get("reason") == OUT_OF_MEMORY:
        yield "loading the catalogue into memory"
        yield "loaded 1048576 of 3145728 rows"
    elif _is_of_a_job(pod):
        yield from _migration(pod, spec, failed=failed, over=ended is not None)
    elif failed and ended is not None:
        yield from _crash(pod, spec, ended)
    else:
        for each in spec.get("ports") or []:
            yield f"listening on :{each['containerPort']}"
        if ended is not None:
            yield "done"
        elif ready:
            yield "ready"


def _migration(pod: Object, spec: Object, *, failed: bool, over: bool) -> Iterator[str]:
    secret = _secret(pod, spec)
    yield f"connecting to postgres://migrate:{secret}@db:5432/shop"
    yield "database is at revision 41; 3 migrations to apply"
    yield "applying 42_add_orders_index.sql"
    if not over:
        return
    yield "applied 42_add_orders_index.sql in 212 ms"
    yield "applying 43_split_customer_name.sql"
    if failed:
        yield 'ERROR:  column "full_name" of relation "customers" does not exist (SQLSTATE 42703)'
        yield "rolled back 43_split_customer_name.sql"
        yield "migration failed: 1 of 3 applied, database is at revision 42"
        return
    yield "applied 43_split_customer_name.sql in 1094 ms"
    yield "applying 44_drop_legacy_carts.sql"
    yield "applied 44_drop_legacy_carts.sql in 38 ms"
    yield "migration done: 3 of 3 applied, database is at revision 44"


def _crash(pod: Object, spec: Object, ended: Object) -> Iterator[str]:
    secret = _secret(pod, spec)
    yield f"connecting to postgres://shop:{secret}@db:5432/shop?sslmode=disable"
    yield f"DB_PASSWORD={secret} DB_USER=shop DB_HOST=db"
    yield "could not connect to the database: connection refused (10.96.0.12:5432)"
    yield f"fatal: giving up, exit code {ended['exitCode']}"
    yield "Traceback (most recent call last):"
    yield f'  File "/app/{spec["name"]}/main.py", line 41, in <module>'
    yield "    main()"
    yield f'  File "/app/{spec["name"]}/main.py", line 27, in main'
    yield "    pool = connect(settings.database_url)"
    yield f'  File "/app/{spec["name"]}/database.py", line 88, in connect'
    yield "    raise ConnectionRefusedError(address)"
    yield "ConnectionRefusedError: [Errno 111] Connection refused"


def _secret(pod: Object, spec: Object) -> str:
    owner = (pod["metadata"].get("ownerReferences") or [pod["metadata"]])[0]["name"]
    digest = hashlib.sha256(f"{owner}/{spec['name']}".encode()).hexdigest()
    return f"pretended-{digest[:12]}"


def _is_of_a_job(pod: Object) -> bool:
    return any(each["kind"] == "Job" for each in pod["metadata"].get("ownerReferences") or [])


def _status(pod: Object, container: str) -> Object:
    status = pod["status"]
    found = (
        *(status.get("containerStatuses") or []),
        *(status.get("initContainerStatuses") or []),
    )
    return next((each for each in found if each["name"] == container), {})


def _spec(pod: Object, container: str) -> Object:
    spec = pod["spec"]
    found = (*spec["containers"], *(spec.get("initContainers") or []))
    return next(each for each in found if each["name"] == container)
