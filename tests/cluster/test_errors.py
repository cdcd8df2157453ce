"""What kube-apiserver 1.34 answered when it refused, and what becomes of it: a type and a text that one can act on."""

import json
from typing import Any

import pytest

from bot.cluster.kube.errors import Gone, Missing, Replaced, Unauthorized, refusal
from bot.cluster.port import Away, Claim, Contested
from bot.errors import Permanent, Temporary


def told(
    code: int,
    message: str,
    *,
    about: str = "Deployment web",
    header: str | None = None,
    **details: Any,
) -> Temporary | Permanent:
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "details": details,
        "code": code,
    }
    return refusal("east", about, code, json.dumps(status).encode(), header)


RIGHTS = (
    'deployments.apps "web" is forbidden: User "system:serviceaccount:shipmate:shipmate" cannot patch '
    'resource "deployments" in API group "apps" in the namespace "shop"'
)
QUOTA = 'pods "web-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1'
POLICY = (
    "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few' denied "
    "request: at most one replica"
)
WEBHOOK = 'admission webhook "policy.example.com" denied the request: no image of a stranger'
FINAL = {
    "what we may not do": (403, RIGHTS),
    "a quota": (403, QUOTA),
    "an admission policy": (422, POLICY),
    "an admission webhook": (403, WEBHOOK),
    "a field that is none": (
        500,
        "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spce: field not declared in schema",
    ),
    "a body that cannot be read": (400, "the object provided is unrecognized"),
    "a method that is none": (
        405,
        "the server does not allow this method on the requested resource",
    ),
    "too large for its store": (500, "etcdserver: request is too large"),
}
PASSING = {
    "a webhook that does not answer": (
        500,
        'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post '
        '"https://w.shop.svc:443/x?timeout=10s": dial tcp 10.96.0.12:443: connect: connection refused',
    ),
    "a namespace that goes away": (
        403,
        'deployments.apps "web" is forbidden: unable to create new content in namespace shop because it '
        "is being terminated",
    ),
    "a quota that is not counted yet": (
        403,
        'pods "web" is forbidden: status unknown for quota: small, resources: pods',
    ),
    "a namespace without its account yet": (
        403,
        'pods "web" is forbidden: error looking up service account shop/default: serviceaccount "default" not found',
    ),
    "an object that is just written": (
        409,
        'Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply '
        "your changes to the latest version and try again",
    ),
    "an object that is just made": (409, 'configmaps "x" already exists'),
    "too much at once": (429, "too many requests"),
    "a server that is away": (503, "the server is currently unable to handle the request"),
    "a server that takes too long": (
        504,
        "Timeout: request did not complete within requested timeout",
    ),
}


@pytest.mark.parametrize(("code", "message"), FINAL.values(), ids=FINAL)
def test_what_is_refused_for_good_is_told_in_the_servers_words(code: int, message: str) -> None:
    error = told(code, message)

    assert type(error) is Permanent
    assert str(error) == f"east refused Deployment web: {message}"
    assert error.code == str(code)


@pytest.mark.parametrize(("code", "message"), PASSING.values(), ids=PASSING)
def test_what_may_pass_is_tried_again(code: int, message: str) -> None:
    error = told(code, message)

    assert type(error) is (Away if code == 503 else Temporary)
    assert message in str(error)


def test_fields_are_listed_one_by_one() -> None:
    causes = [
        {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.selector"},
        {"reason": "FieldValueTooLong", "message": "Too long: at most 63", "field": "[]"},
    ]
    error = told(422, 'Deployment.apps "web" is invalid: [spec.selector: …]', causes=causes)

    assert str(error) == (
        "east refused Deployment web: spec.selector: Required value; Too long: at most 63"
    )
    many = told(422, "…", causes=[causes[0]] * 8)
    assert str(many).count("Required value") == 5
    assert str(many).endswith("; and 3 more")


def test_what_is_not_there_says_of_which_kind() -> None:
    missing = told(404, 'namespaces "shop" not found', name="shop", kind="namespaces")
    nowhere = told(404, "the server could not find the requested resource")
    plain = refusal("east", "", 404, b"404 page not found\n")

    assert isinstance(missing, Missing)
    assert isinstance(nowhere, Missing)
    assert isinstance(plain, Missing)
    assert (missing.resource, nowhere.resource, plain.resource) == ("namespaces", "", "")
    assert str(plain) == "east refused: 404 page not found"


@pytest.mark.parametrize(
    ("message", "manager", "since"),
    [
        ('conflict with "argo-cd"', "argo-cd", ""),
        ('conflict with "kubectl-edit" using apps/v1', "kubectl-edit", ""),
        (
            'conflict with "kubectl" with subresource "scale" using apps/v1 at 2026-11-25T22:38:26Z',
            "kubectl",
            " (set 2026-11-25T22:38:26Z)",
        ),
        (r'conflict with "the \"old\" one" using v1', 'the "old" one', ""),
        ("something new", "someone else", ""),
    ],
)
def test_a_conflict_names_the_owner(message: str, manager: str, since: str) -> None:
    cause = {"reason": "FieldManagerConflict", "message": message, "field": ".spec.replicas"}
    error = told(409, f"Apply failed with 1 conflict: {message}: .spec.replicas", causes=[cause])

    assert isinstance(error, Contested)
    assert error.claims == (Claim(field=".spec.replicas", manager=manager),)
    assert str(error).startswith(
        f"Deployment web on east: .spec.replicas belongs to {manager}{since}; "
    )


def test_many_contested_fields_are_counted() -> None:
    causes = [
        {"reason": "FieldManagerConflict", "message": 'conflict with "x"', "field": f".spec.{name}"}
        for name in "hgfedcba"
    ]
    error = told(409, "Apply failed with 8 conflicts", causes=causes)

    assert isinstance(error, Contested)
    assert len(error.claims) == 8
    assert ".spec.a belongs to x, .spec.b belongs to x" in str(error)
    assert ", and 3 more fields; take them over" in str(error)


@pytest.mark.parametrize(
    "message",
    [
        "Operation cannot be fulfilled: the UID in the precondition (a) does not match the UID in record (b).",
        "Precondition failed: UID in precondition: a, UID in object meta: b",
    ],
)
def test_another_object_of_the_name_is_known(message: str) -> None:
    assert isinstance(told(409, message), Replaced)


def test_waits_are_taken_from_the_header_or_the_status() -> None:
    by_header = told(429, "too many requests", header="7")
    by_status = told(503, "apiserver is shutting down", retryAfterSeconds=3)

    assert isinstance(by_header, Temporary)
    assert isinstance(by_status, Temporary)
    assert (by_header.retry_after, by_status.retry_after) == (7, 3)


def test_the_rest_is_told_too() -> None:
    assert isinstance(told(401, "Unauthorized"), Unauthorized)
    assert isinstance(told(410, "too old resource version"), Gone)
    large = refusal("east", "ConfigMap big", 413, b"Request entity too large: limit is 3145728")
    assert str(large) == (
        "east refused ConfigMap big: it is too large (Request entity too large: limit is 3145728)"
    )
    proxy = refusal("east", "", 502, b"<html>\n  <body>Bad\n Gateway</body>" + b"x" * 1000)
    assert str(proxy).startswith("east answered 502: <html> <body>Bad Gateway</body>x")
    assert len(str(proxy)) < 250
    assert str(refusal("east", "", 500, b"")) == "east answered 500: no reason given"
