"""Cloud resources in files: ComponentDefinitions, components of their types, and where they are created."""

from pathlib import Path

import pytest

from bot.bootstrap.equipment import read_catalog
from tests.catalog.folders import CLUSTER, GOOD, problems, write

DEFINITION = """\
apiVersion: core.oam.dev/v1beta1
kind: ComponentDefinition
metadata:
  name: alibaba-rds
  namespace: vela-system
  labels: {type: terraform}
  annotations: {definition.oam.dev/description: RDS}
spec:
  workload: {definition: {apiVersion: terraform.core.oam.dev/v1beta2, kind: Configuration}}
  schematic:
    terraform:
      configuration: |
        variable "instance_name" { type = string }
        variable "size" {
          default = "small"
        }
        output "DB_HOST" { value = "x" }
      providerRef: {name: alibaba, namespace: default}
"""
APPLICATION = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {name: shop}
spec:
  components:
    - name: orders-db
      type: alibaba-rds
      properties:
        instance_name: orders
        writeConnectionSecretToRef: {name: db-conn}
    - name: web
      type: webservice
      properties: {image: registry.shop.example/web, port: 8080}
      traits:
        - type: service-binding
          properties: {envMappings: {DB_HOST: {secret: db-conn}}}
"""
WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-prod
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
steps:
  - name: db
    type: deploy-cloud-resource
    properties: {env: prod}
  - name: share
    type: share-cloud-resource
    properties:
      env: prod
      placements: [{cluster: east, namespace: shop-prod}, {}]
  - name: hangzhou
    type: deploy2env
    properties: {env: hangzhou}
"""
CLOUD = {
    **GOOD,
    "definition.yaml": DEFINITION,
    "application.yaml": APPLICATION,
    "workflow.yaml": WORKFLOW,
}
SECOND = "---\n" + CLUSTER.replace("name: east", "name: west").replace(
    "context: east", "context: west"
)


def test_a_component_carries_what_the_definition_of_its_type_says(tmp_path: Path) -> None:
    catalog = read_catalog(write(tmp_path, CLOUD))
    database, web = catalog.applications["shop"].components
    assert database.terraform is not None
    assert database.terraform["providerRef"] == {"name": "alibaba", "namespace": "default"}
    assert 'variable "instance_name"' in database.terraform["configuration"]
    assert web.terraform is None
    assert catalog.applications["shop"].cloud_types == {}


def test_a_type_that_only_an_override_names_comes_along(tmp_path: Path) -> None:
    override = """\
apiVersion: core.oam.dev/v1alpha1
kind: Policy
metadata: {name: in-prod, labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}}
type: override
properties:
  components: [{name: more, type: alibaba-rds, properties: {instance_name: more}}]
"""
    folder = write(tmp_path, {**CLOUD, "policy.yaml": override})
    assert list(read_catalog(folder).applications["shop"].cloud_types) == ["alibaba-rds"]
    wrong = override.replace("instance_name:", "instance_nam:")
    said = problems(write(tmp_path, {"policy.yaml": wrong}))
    wanted = "more in prod/east: properties.instance_nam: there is no property instance_nam"
    assert any(wanted in each for each in said), said


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "application.yaml",
            "instance_name: orders",
            "instance_nam: orders",
            "application.yaml:9: spec.components[0].properties.instance_nam: there is no property instance_nam; did you "
            "mean instance_name? (known: instance_name, size, providerRef,",
        ),
        (
            "application.yaml",
            "type: alibaba-rds",
            "type: alibaba-rd",
            "application.yaml:7: spec.components[0].type: there is no component type alibaba-rd",
        ),
        (
            "definition.yaml",
            'variable "size" {',
            'variable "size" {{',
            "definition.yaml:12: spec.schematic.terraform.configuration: it is no Terraform module: line 2: a { is not",
        ),
        (
            "definition.yaml",
            "providerRef: {name: alibaba, namespace: default}",
            "type: json",
            "definition.yaml:18: spec.schematic.terraform.type: expected 'hcl' or 'remote', found 'json'",
        ),
        (
            "definition.yaml",
            "name: alibaba-rds",
            "name: webservice",
            "definition.yaml:4: metadata.name: there is a component type webservice already",
        ),
        (
            "workflow.yaml",
            "env: prod}",
            "env: prd}",
            "workflow.yaml:9: steps[0].properties.env: there is no env prd; did you mean prod? (known: prod, hangzhou)",
        ),
        (
            "workflow.yaml",
            "namespace: shop-prod}",
            "namespace: other}",
            "workflow.yaml:14: steps[1].properties.placements[0]: other on east is no target of any environment (these",
        ),
        (
            "clusters.yaml",
            CLUSTER,
            CLUSTER + SECOND,
            "workflow.yaml:9: steps[0].properties.env: prod has no control cluster, where cloud resources are created: say",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    assert old in CLOUD[file]
    folder = write(tmp_path, {**CLOUD, file: CLOUD[file].replace(old, new, 1)})
    found = problems(folder)
    assert any(each.startswith(said) for each in found), found


def test_without_any_control_cluster_a_cloud_resource_is_a_mistake_of_the_application(
    tmp_path: Path,
) -> None:
    files = {**CLOUD, "clusters.yaml": CLUSTER + SECOND}
    del files["workflow.yaml"]
    (said,) = problems(write(tmp_path, files))
    assert said.startswith(
        "application.yaml:7: spec.components[0].type: orders-db is a cloud resource, and there is no control cluster"
    )


@pytest.mark.parametrize(
    ("schematic", "why"),
    [
        ("{cue: {template: 'output: {}'}}", "it holds CUE, which Shipmate does not run"),
        ("{helm: {release: {}}}", "it holds a Helm chart for KubeVela's own controller"),
        ("{}", "it has no schematic"),
    ],
)
def test_a_definition_that_is_not_terraforms_is_refused(
    tmp_path: Path, schematic: str, why: str
) -> None:
    definition = f"""\
apiVersion: core.oam.dev/v1beta1
kind: ComponentDefinition
metadata: {{name: mine}}
spec:
  schematic: {schematic}
"""
    (said,) = problems(write(tmp_path, {**GOOD, "definition.yaml": definition}))
    assert said.startswith(
        f"definition.yaml:2: kind: the ComponentDefinition mine is not supported: {why}"
    )


def test_of_a_definition_with_a_mistake_its_components_are_not_blamed(tmp_path: Path) -> None:
    wrong = DEFINITION.replace("      providerRef:", "      provideRef:")
    (said,) = problems(write(tmp_path, {**CLOUD, "definition.yaml": wrong}))
    assert "there is no field provideRef; did you mean providerRef?" in said
