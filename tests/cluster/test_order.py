"""In which order objects are applied, and what is kept of those that are watched."""

import random

from bot.cluster.kube.order import FIRST, LAST, defined, ordered
from bot.cluster.port import Manifest
from bot.cluster.trimming import Trimming
from tests.cluster.manifests import read


def of(group: str, kind: str) -> Manifest:
    return {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, "metadata": {"name": "x"}}


WORKLOADS = [("apps", "Deployment"), ("batch", "Job"), ("serving.knative.dev", "Service")]


def test_what_others_need_comes_first_and_what_acts_on_them_last() -> None:
    right = [of(*each) for each in (*FIRST, *WORKLOADS[:1], *LAST)]
    shuffled = random.Random(1).sample(right, len(right))

    assert ordered(shuffled) == right


def test_workloads_and_unknown_kinds_keep_the_order_of_their_author() -> None:
    for chosen in (WORKLOADS, WORKLOADS[::-1]):
        assert ordered([of(*each) for each in chosen]) == [of(*each) for each in chosen]


def test_a_definition_says_what_it_defines() -> None:
    assert defined(read("definition-established")) == ("try.example.com", "Gizmo")
    assert defined(read("deployment-done")) is None


def test_equal_parts_of_objects_are_kept_once() -> None:
    trim = Trimming()
    pod = read("pod-run")
    first, second = (
        trim({**pod, "metadata": {**pod["metadata"], "name": name}}) for name in ("a", "b")
    )

    assert first["metadata"]["name"] == "a"
    assert first["status"] is second["status"]
    assert first["metadata"]["ownerReferences"] is second["metadata"]["ownerReferences"]


def test_of_a_pod_that_is_well_little_is_kept_and_of_one_that_is_not_all_that_tells_why() -> None:
    trim = Trimming()

    assert trim(read("pod-run"))["status"] == {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    (container,) = trim(read("pod-crash"))["status"]["containerStatuses"]
    assert container["lastState"]["terminated"]["exitCode"] == 137
