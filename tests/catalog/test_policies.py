"""Policies in files: what their authors are told of a mistake, and to which applications and places they belong."""

from pathlib import Path

import pytest

from bot.bootstrap.equipment import read_catalog
from tests.catalog.folders import GOOD, problems, write
from tests.catalog.test_complaints import A, Mistake, W

MISTAKES = {
    "a policy of a type that is near another": Mistake(
        A,
        "spec:\n",
        "spec:\n  policies: [{name: a, type: topolgy}]\n",
        "application.yaml:6: spec.policies[0].type: there is no policy type topolgy;"
        " did you mean topology? (known: topology, override,",
    ),
    "a policy's property that is near another": Mistake(
        A,
        "spec:\n",
        "spec:\n  policies: [{name: a, type: topology, properties: {cluster: [east]}}]\n",
        "application.yaml:6: spec.policies[0].properties.cluster: there is no property cluster;"
        " did you mean clusters?",
    ),
    "two policies of a name": Mistake(
        A,
        "spec:\n",
        "spec:\n  policies: [{name: a, type: topology}, {name: a, type: override}]\n",
        "application.yaml:6: spec.policies[1].name: there are two policies a",
    ),
    "a policy that is bound to nowhere": Mistake(
        A,
        GOOD[A],
        GOOD[A] + "---\napiVersion: core.oam.dev/v1alpha1\nkind: Policy\nmetadata:\n  name: small\n"
        "  labels: {app.oam.dev/env-name: prd}\ntype: override\n",
        "application.yaml:17: metadata.labels.app.oam.dev/env-name: there is no environment prd;"
        " did you mean prod?",
    ),
    "a policy that is bound to a target without its environment": Mistake(
        A,
        GOOD[A],
        GOOD[A] + "---\napiVersion: core.oam.dev/v1alpha1\nkind: Policy\nmetadata:\n  name: small\n"
        "  labels: {shipmate.dev/target: hangzhou}\ntype: override\n",
        "application.yaml:17: metadata.labels.shipmate.dev/target: a target is one of an environment",
    ),
    "a topology that is bound": Mistake(
        A,
        GOOD[A],
        GOOD[A] + "---\napiVersion: core.oam.dev/v1alpha1\nkind: Policy\nmetadata:\n  name: small\n"
        "  labels: {app.oam.dev/env-name: prod}\ntype: topology\n",
        "application.yaml:17: metadata.labels.app.oam.dev/env-name: only an override is bound to an",
    ),
    "an override that makes a component senseless where it is bound": Mistake(
        A,
        GOOD[A],
        GOOD[A] + "---\napiVersion: core.oam.dev/v1alpha1\nkind: Policy\nmetadata:\n  name: small\n"
        "  labels: {app.oam.dev/env-name: prod}\ntype: override\n"
        "properties: {components: [{name: web, properties: {replicas: many}}]}\n",
        "workflow.yaml:9: steps[0]: web in prod/hangzhou: properties.replicas: expected a whole"
        " number, found 'many'",
    ),
    "a policy that a step names and nobody has": Mistake(
        W,
        "type: deploy2env\n    properties:\n      env: hangzhou",
        "type: deploy\n    properties:\n      policies: [small]",
        "workflow.yaml:12: steps[0].properties.policies[0]: there is no policy small",
    ),
    "a variable that a target does not have": Mistake(
        A,
        "port: 8080",
        'args: ["${{ target.variables.region }}"]',
        "workflow.yaml:9: steps[0]: web in prod/hangzhou: target.variables.region:",
    ),
    "a component that speaks of a run": Mistake(
        A,
        "port: 8080",
        'args: ["${{ context.version }}"]',
        "application.yaml:11: spec.components[0].properties.args[0]: there is no context.version in a"
        " component",
    ),
    "what every run ends with": Mistake(
        W,
        "type: suspend",
        "type: garbage-collect",
        "workflow.yaml:14: steps[1].type: every run ends with garbage-collect by itself; leave it out",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place_and_the_right_form(
    mistake: Mistake, tmp_path: Path
) -> None:
    text = GOOD[mistake.file]
    assert mistake.good in text
    write(tmp_path, {**GOOD, mistake.file: text.replace(mistake.good, mistake.bad, 1)})
    found = problems(tmp_path)
    assert any(each.startswith(mistake.said) for each in found), found


def a_policy(name: str, labels: str, kind: str = "override") -> str:
    return (
        f"apiVersion: core.oam.dev/v1alpha1\nkind: Policy\nmetadata:\n  name: {name}\n"
        f"  labels: {{{labels}}}\ntype: {kind}\n---\n"
    )


def test_an_application_has_its_own_policies_those_bound_to_its_places_and_those_its_steps_name(
    tmp_path: Path,
) -> None:
    own = GOOD[A].replace("spec:\n", "spec:\n  policies: [{name: own, type: take-over}]\n", 1)
    alone = (
        a_policy("everywhere-in-prod", "app.oam.dev/env-name: prod")
        + a_policy("for-others", "app.oam.dev/name: pay, app.oam.dev/env-name: prod")
        + a_policy("named", "")
        + a_policy("not-named", "", "topology")
    )
    pay = GOOD[A].replace("name: shop", "name: pay").replace("name: web", "name: till")
    step = GOOD[W].replace(
        "type: deploy2env\n    properties:\n      env: hangzhou",
        "type: deploy\n    properties:\n      policies: [named]",
    )
    folder = write(tmp_path, {**GOOD, A: own, "pay.yaml": pay, "policies.yaml": alone, W: step})

    found = read_catalog(folder).applications

    shop = {each.name: each.environment for each in found["shop"].policies}
    assert shop == {"own": "", "everywhere-in-prod": "prod", "named": ""}
    assert {each.name for each in found["pay"].policies} == {
        "everywhere-in-prod",
        "for-others",
        "named",
    }


def test_variables_of_a_target_are_known_where_a_component_goes(tmp_path: Path) -> None:
    application = GOOD[A].replace("port: 8080", 'args: ["--region=${{ target.variables.region }}"]')
    place = GOOD["environment.yaml"].replace(
        "namespace: shop-prod", "namespace: shop-prod\n      variables: {region: cn}"
    )
    assert problems(write(tmp_path, {**GOOD, A: application, "environment.yaml": place})) == []
