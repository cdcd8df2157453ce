"""From a request to what answers it: discovery, reads, writes, deletes, logs."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.kubernetes import deletes, discovery, podlogs, reading, writes
from bot.sandbox.kubernetes.bodies import body_of, media_type
from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.kinds import Kinds
from bot.sandbox.kubernetes.requests import Place, ask_of, matcher, place, unknown_path
from bot.sandbox.kubernetes.storage import Object, Storage

REVIEWS = "apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
REVIEW = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {}}
PARTS = frozenset({"", "status", "scale"})


async def answer(storage: Storage, request: Request, path: str, *, gone_as_http: bool) -> Response:
    """Answer a request below `/api` or `/apis`. Raises StatusError."""
    found = _discovered(storage.kinds, path)
    if found is not None:
        return JSONResponse(found)
    if path == REVIEWS:
        given = await body_of(request) if "protobuf" not in media_type(request) else {}
        return JSONResponse({**REVIEW, **given, "status": {"allowed": True}}, status_code=201)
    if not _is_served(storage.kinds, path):
        return PlainTextResponse("404 page not found\n", status_code=404)
    where = place(storage.kinds, path)
    if where.resource.kind == "Pod" and where.subresource == "log":
        return podlogs.log(storage, request, where)
    if where.resource.kind == "Pod" and where.subresource == "eviction":
        return await _evict(storage, request, where)
    if where.subresource not in PARTS:
        raise unknown_path()
    _check_method(request, where)
    match request.method:
        case "GET":
            return reading.read(storage, request, where, gone_as_http=gone_as_http)
        case "DELETE":
            return await _delete(storage, request, where)
        case _:
            return await _write(storage, request, where)


def _is_served(kinds: Kinds, path: str) -> bool:
    """Say whether the group and version of a path are served; what is not is no resource that could be missing."""
    parts = path.strip("/").split("/")
    if parts[:2] == ["api", "v1"]:
        return True
    known = len(parts) > 2 and parts[0] == "apis" and parts[1] in kinds.groups()
    return known and parts[2] in kinds.versions_of(parts[1])


def _check_method(request: Request, where: Place) -> None:
    wrong = request.method in {"PUT", "PATCH"} and not where.name
    if wrong or (request.method == "POST" and where.name):
        said = "the server does not allow this method on the requested resource"
        raise StatusError(405, said, details={})


async def _write(storage: Storage, request: Request, where: Place) -> Response:
    body = await body_of(request, where.resource)
    kind = media_type(request)
    ask = ask_of(request, where, kind)
    if request.method == "POST":
        made, new = writes.create(storage, ask, body), True
    elif request.method == "PUT":
        made, new = writes.replace(storage, ask, body), False
    else:
        made, new = writes.patch(storage, ask, body, kind)
    if where.subresource != "scale":
        made = reading.shown(where.resource, where.version, made)
    return JSONResponse(made, status_code=201 if new else 200)


async def _delete(storage: Storage, request: Request, where: Place) -> Response:
    options = {**(await body_of(request))}
    for name in ("propagationPolicy", "gracePeriodSeconds"):
        if name in request.query_params:
            value = request.query_params[name]
            options[name] = int(value) if value.isdigit() else value
    ask = ask_of(request, where)
    if where.name:
        gone = deletes.delete(storage, ask, options)
        if gone["metadata"].get("deletionTimestamp"):
            return JSONResponse(reading.shown(where.resource, where.version, gone))
        return JSONResponse(_success(where, gone))
    matches = matcher(request, where.resource)
    found = [each for each in storage.of(where.resource, where.namespace) if matches(each)]
    for each in found:
        meta = each["metadata"]
        one = Place(
            resource=where.resource,
            version=where.version,
            namespace=meta.get("namespace", ""),
            name=meta["name"],
        )
        deletes.delete(storage, ask_of(request, one), options)
    return JSONResponse(
        {
            "kind": f"{where.resource.kind}List",
            "apiVersion": where.resource.api_version_of(where.version),
            "metadata": {"resourceVersion": str(storage.version)},
            "items": reading.items(where.resource, where.version, found),
        }
    )


async def _evict(storage: Storage, request: Request, where: Place) -> Response:
    body = await body_of(request, where.resource)
    deletes.delete(storage, ask_of(request, where), body.get("deleteOptions") or {})
    done: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return JSONResponse({**done, "code": 201}, status_code=201)


def _discovered(kinds: Kinds, path: str) -> Object | None:
    """Answer the discovery documents below `/api` and `/apis`."""
    parts = path.strip("/").split("/")
    if parts == ["api", "v1"]:
        return discovery.resources(kinds, "", "v1")
    if parts[0] != "apis" or len(parts) not in {2, 3} or parts[1] not in kinds.groups():
        return None
    if len(parts) == 2:
        return {"kind": "APIGroup", "apiVersion": "v1", **discovery.group(kinds, parts[1])}
    if parts[2] not in kinds.versions_of(parts[1]):
        return None
    return discovery.resources(kinds, parts[1], parts[2])


def _success(where: Place, gone: Object) -> Object:
    details = {"name": where.name, "group": where.resource.group, "kind": where.resource.plural}
    kept = {key: value for key, value in details.items() if value}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {**kept, "uid": gone["metadata"]["uid"]},
    }
