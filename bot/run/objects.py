"""The Application that a run delivers, as the object that KubeVela would have: what a webhook gets by default. Pure."""

from typing import Any

from bot.run.model import Run


def application_object(run: Run) -> dict[str, Any]:
    """Answer the Application with its images complete; labels and annotations say of which run it is."""
    application = run.plan.application
    return {
        "apiVersion": "core.oam.dev/v1beta1",
        "kind": "Application",
        "metadata": {
            "name": application.name,
            "namespace": application.namespace,
            "labels": {
                **application.labels,
                "app.oam.dev/name": application.name,
                "app.oam.dev/env-name": run.environment,
            },
            "annotations": {
                **application.annotations,
                "app.oam.dev/publishVersion": run.plan.version,
                "shipmate.dev/run": run.name,
                "shipmate.dev/requester": str(run.origin.person),
                "shipmate.dev/commit": run.plan.commit,
            },
        },
        "spec": {
            "components": [
                {
                    "name": each.name,
                    "type": each.type,
                    "properties": dict(each.properties),
                    "traits": [
                        {"type": trait.type, "properties": dict(trait.properties)}
                        for trait in each.traits
                    ],
                }
                for each in application.components
            ]
        },
    }
