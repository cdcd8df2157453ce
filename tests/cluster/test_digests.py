"""What images turned out to be, as the container runtimes of this world say it."""

from typing import Any

import pytest

from bot.cluster.digests import digests_of

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def pod(*containers: tuple[str, str, str]) -> dict[str, Any]:
    """Make a pod of (name, image, what it is)."""
    return {
        "spec": {"containers": [{"name": name, "image": image} for name, image, _ in containers]},
        "status": {
            "containerStatuses": [
                # A runtime may call the image otherwise than it was asked for, and list containers otherwise.
                {"name": name, "image": f"docker.io/{image}", "imageID": what}
                for name, image, what in reversed(containers)
            ]
        },
    }


@pytest.mark.parametrize(
    "what", [f"registry.example/shop/web@{A}", f"docker-pullable://registry.example/shop/web@{A}"]
)
def test_the_digest_of_a_repository_is_known(what: str) -> None:
    assert digests_of([pod(("web", "shop/web:v1", what))]) == {"shop/web:v1": A}


@pytest.mark.parametrize("what", ["", A, f"docker://{A}", "sandbox://shop/web:v1", "web@sha256:1"])
def test_the_id_of_what_a_node_has_unpacked_is_no_digest(what: str) -> None:
    assert digests_of([pod(("web", "shop/web:v1", what))]) == {}


def test_containers_are_told_apart_by_their_names() -> None:
    found = digests_of([pod(("web", "web:v1", f"r/web@{A}"), ("log", "log:v2", f"r/log@{B}"))])
    assert found == {"web:v1": A, "log:v2": B}


def test_an_image_of_which_pods_run_different_contents_is_left_out() -> None:
    pods = [pod(("web", "web:v1", f"r/web@{A}")), pod(("web", "web:v1", f"r/web@{B}"))]
    assert digests_of(pods) == {}
    assert digests_of(pods[:1] * 2) == {"web:v1": A}


def test_init_containers_count_and_pods_that_have_not_begun_say_nothing() -> None:
    begun = pod()
    begun["spec"]["initContainers"] = [{"name": "wait", "image": "wait:v1"}]
    begun["status"]["initContainerStatuses"] = [{"name": "wait", "imageID": f"r/wait@{A}"}]

    assert digests_of([begun, {"spec": {"containers": [{"name": "a", "image": "a"}]}}]) == {
        "wait:v1": A
    }
