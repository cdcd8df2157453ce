"""What a step can wait for: kubectl wait's forms, read strictly and judged on real objects."""

from typing import Any

import pytest

from bot.steps.awaited import awaited, instead, is_so

CLAIM: dict[str, Any] = {
    "metadata": {"name": "my-claim", "generation": 3, "annotations": {"example.com/size": "8"}},
    "spec": {"hosts": ["a.example", "b.example"], "paused": False, "replicas": 3},
    "status": {
        "phase": "Bound",
        "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "Synced", "status": "False", "observedGeneration": 3},
            {"type": "Old", "status": "True", "observedGeneration": 2},
        ],
        "loadBalancer": {"ingress": [{"ip": "10.0.0.9"}]},
        "empty": [],
    },
}


@pytest.mark.parametrize(
    "text",
    [
        "create",
        "condition=Ready",
        "condition=ready=true",
        "condition=Ready=True",
        "condition=Synced=False",
        "jsonpath={.status.phase}=Bound",
        "jsonpath='{.status.phase}'=Bound",
        "jsonpath={$.status.phase}=Bound",
        "jsonpath=.status.phase=Bound",
        "jsonpath=status.phase=Bound",
        "jsonpath={.status.loadBalancer.ingress}",
        "jsonpath={.status.loadBalancer.ingress[0].ip}=10.0.0.9",
        "jsonpath={.spec.hosts[-1]}=b.example",
        "jsonpath={.spec.replicas}=3",
        "jsonpath={.spec.paused}=false",
        "jsonpath={.spec.paused}",
        "jsonpath={.metadata.annotations['example.com/size']}=8",
        "jsonpath={.metadata.annotations.example\\.com/size}=8",
        """jsonpath={.status.conditions[?(@.type=="Ready")].status}=True""",
        "jsonpath={.status.conditions[?(@.type=='Ready')].status}=True",
    ],
)
def test_it_is_so(text: str) -> None:
    assert is_so(awaited(text), CLAIM)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("delete", "is still there"),
        ("condition=Ready=False", "has Ready True"),
        ("condition=Synced", "has Synced False"),
        ("condition=Old", "has no condition Old yet"),
        ("condition=Gone", "has no condition Gone yet"),
        ("jsonpath={.status.phase}=Pending", "has Bound at .status.phase"),
        ("jsonpath={.status.gone}", "has no .status.gone yet"),
        ("jsonpath={.status.phase.deeper}=x", "has no .status.phase.deeper yet"),
        ("jsonpath={.spec.hosts[2]}", "has no .spec.hosts[2] yet"),
        ("jsonpath={.spec.hosts}=a.example", "has more than one value at .spec.hosts"),
        ("jsonpath={.status.empty}", "has more than one value at .status.empty"),
        ("""jsonpath={.status.conditions[?(@.type=="X")].status}""", "has no .status.conditions"),
    ],
)
def test_it_is_not_so_and_what_is_there_instead_is_said(text: str, said: str) -> None:
    wanted = awaited(text)

    assert not is_so(wanted, CLAIM)
    assert instead(wanted, CLAIM).startswith(said)


@pytest.mark.parametrize("text", ["create", "condition=Ready", "jsonpath={.status.phase}"])
def test_of_what_is_not_there_nothing_is_so(text: str) -> None:
    assert not is_so(awaited(text), None)
    assert instead(awaited(text), None) == "is not there yet"


def test_what_is_gone_is_gone() -> None:
    assert is_so(awaited("delete"), None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ready",
        "condition",
        "condition=",
        "condition==True",
        "jsonpath",
        "jsonpath=",
        "jsonpath={}",
        "jsonpath={.status.phase",
        "jsonpath={.status.phase}Bound",
        "jsonpath={.status.conditions[*].status}=True",
        "jsonpath={.a..b}",
        "jsonpath={range .items}",
    ],
)
def test_what_cannot_be_read_is_refused_with_the_right_forms(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        awaited(text)
