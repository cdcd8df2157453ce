"""A small company for chaos: two applications in three environments, each delivery with everything that can go wrong."""

import itertools
import shutil
from pathlib import Path

from tests.scenarios.company import ROOT

APPLICATIONS = ("alpha", "beta")
ENVIRONMENTS = {"dev": "shop-dev", "staging": "shop-staging", "prod": "shop-prod"}
"""Each with its channel."""
PLACES = tuple(itertools.product(APPLICATIONS, ENVIRONMENTS))

APPLICATION = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {{name: {app}}}
spec:
  components:
    - name: {app}
      type: webservice
      properties: {{image: registry.shop.example/{app}, port: 8080}}
"""
WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: {app}-{env}
  labels: {{app.oam.dev/name: {app}, app.oam.dev/env-name: {env}}}
steps:
  - name: begin
    type: notification
    properties: {{slack: {{message: {{text: "${{{{ context.run }}}} begins"}}}}}}
  - name: object
    type: apply-object
    properties:
      value:
        apiVersion: v1
        kind: ConfigMap
        metadata: {{name: {app}}}
        data: {{version: "${{{{ context.version }}}}"}}
  - name: approval
    type: suspend
    properties: {{message: "Go on?", approvers: [sre]}}
  - name: calendar
    type: webhook
    properties:
      url: {{fromSetting: RELEASES_WEBHOOK_URL}}
      data: {{run: "${{{{ context.run }}}}"}}
    retries: 20
    backoff: 1s
  - name: finish
    type: notification
    properties: {{slack: {{message: {{text: "${{{{ context.run }}}} is over"}}}}}}
"""


def a_catalog(folder: Path) -> Path:
    """Write the company's files."""
    made = folder / "workflows"
    shutil.copytree(ROOT / "workflows", made)
    shutil.rmtree(made / "shop")
    shutil.rmtree(made / "orders")
    for app in APPLICATIONS:
        (made / app).mkdir()
        (made / app / "application.yaml").write_text(APPLICATION.format(app=app), encoding="utf-8")
        for env in ENVIRONMENTS:
            text = WORKFLOW.format(app=app, env=env)
            (made / app / f"{env}.yaml").write_text(text, encoding="utf-8")
    return made


def is_wanted(version: str) -> bool:
    """Say whether a version is approved: what a run's inputs say about its end."""
    return int(version.removeprefix("v")) % 3 != 0
