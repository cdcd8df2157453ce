"""Clusters: one source of credentials each, labels for those who choose by them, and one where cloud resources are made."""

from pathlib import Path

import pytest

from bot.bootstrap.equipment import read_catalog
from bot.catalog.model import Cluster, SecretKey
from tests.catalog.folders import GOOD, problems, write

SPEC = "spec:\n  context: east\n"


def spec(tmp_path: Path, text: str) -> Path:
    """Write the good files with another spec of the cluster."""
    clusters = GOOD["clusters.yaml"].replace(SPEC, f"spec: {text}\n")
    assert clusters != GOOD["clusters.yaml"]
    return write(tmp_path, {**GOOD, "clusters.yaml": clusters})


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("{context: east}", Cluster(name="east", context="east")),
        (
            "{context: eu, kubeconfig: /etc/eu}",
            Cluster(name="east", context="eu", kubeconfig="/etc/eu"),
        ),
        ("{kubeconfig: /etc/eu}", Cluster(name="east", kubeconfig="/etc/eu")),
        ("{inCluster: true}", Cluster(name="east", in_cluster=True)),
        ("{context: in-cluster}", Cluster(name="east", context="in-cluster")),
        (
            "{secretRef: {name: eu-kubeconfig, namespace: fleet, key: value}}",
            Cluster(
                name="east", secret=SecretKey(name="eu-kubeconfig", namespace="fleet", key="value")
            ),
        ),
        ("{fromSetting: EU}", Cluster(name="east", from_setting="EU")),
        ("{context: east, control: true}", Cluster(name="east", context="east", control=True)),
    ],
)
def test_a_cluster_has_one_of_several_sources_of_credentials(
    text: str, made: Cluster, tmp_path: Path
) -> None:
    assert read_catalog(spec(tmp_path, text)).clusters == {"east": made}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", "none"),
        ("{inCluster: false}", "none"),
        ("{context: east, inCluster: true}", "context and inCluster"),
        ("{secretRef: {name: a, namespace: b}, fromSetting: EU}", "secretRef and fromSetting"),
    ],
)
def test_no_source_and_two_sources_are_mistakes(text: str, found: str, tmp_path: Path) -> None:
    (said,) = problems(spec(tmp_path, text))

    assert said == (
        "clusters.yaml:5: spec: expected one source: context (with or without a kubeconfig), "
        f"kubeconfig, inCluster, secretRef or fromSetting; found {found}"
    )


def test_the_labels_of_a_cluster_are_those_of_its_targets(tmp_path: Path) -> None:
    labelled = GOOD["clusters.yaml"].replace(
        "name: east", "name: east\n  labels: {region: hangzhou}"
    )
    catalog = read_catalog(write(tmp_path, {**GOOD, "clusters.yaml": labelled}))

    assert catalog.clusters["east"].labels == {"region": "hangzhou"}
    assert catalog.environments["prod"].targets[0].labels == {"region": "hangzhou"}


def more(*names: str, control: str = "") -> str:
    """Write further clusters."""
    return "".join(
        f"---\napiVersion: shipmate.dev/v1\nkind: Cluster\nmetadata: {{name: {each}}}\n"
        f"spec: {{context: {each}{', control: true' if each == control else ''}}}\n"
        for each in names
    )


@pytest.mark.parametrize(
    ("others", "control"),
    [
        ("", "east"),  # the only one
        (more("west"), ""),  # nobody says which
        (more("west", "local"), "local"),
        (more("west", "local", control="west"), "west"),
    ],
)
def test_the_control_cluster_is_the_one_that_says_so_or_local_or_the_only_one(
    others: str, control: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, {**GOOD, "clusters.yaml": GOOD["clusters.yaml"] + others})

    assert read_catalog(folder).environments["prod"].control_cluster == control


def test_two_control_clusters_are_a_mistake(tmp_path: Path) -> None:
    both = GOOD["clusters.yaml"].replace(SPEC, f"{SPEC}  control: true\n")
    both += more("west", control="west")
    (said,) = problems(write(tmp_path, {**GOOD, "clusters.yaml": both}))

    assert said.startswith("clusters.yaml:12: spec.control: the control cluster is east, in ")
    assert said.endswith("clusters.yaml:7")
