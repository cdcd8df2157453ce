"""`context` as the expressions of a workflow see it: KubeVela's fields and ours, made of a run."""

from typing import Any

from bot.run.model import Run


def context_of(run: Run, step: str = "") -> dict[str, Any]:
    """Answer the fields of `context` for `step` of `run`: plain JSON values.

    The first ones are KubeVela's, the others ours, asked for by people who want to say in a notification who
    deployed what, where. What the workflow's author adds (`spec.context` of a WorkflowRun) wins, as in KubeVela.
    """
    plan = run.plan
    application = plan.application
    found = run.step(step) if step else None
    number = plan.based_on + 1
    return {
        "name": run.application,
        "namespace": application.namespace,
        "appName": run.application,
        "appRevision": f"{run.application}-v{number}",
        "appRevisionNum": number,
        "appLabels": dict(application.labels),
        "appAnnotations": dict(application.annotations),
        "publishVersion": plan.version,
        "workflowName": plan.workflow.name,
        "stepName": step,
        "stepGroupName": found.parent if found else "",
        "stepSessionID": f"{run.id}-{step}" if step else "",
        "spanID": str(run.id),
        "application": run.application,
        "env": run.environment,
        "environment": run.environment,
        "version": plan.version,
        "images": plan.images,
        "commit": plan.commit,
        "note": plan.note,
        "requester": str(run.origin.person),
        "run": run.name,
        "runId": str(run.id),
        "revision": plan.based_on,
        "rollbackTo": plan.rollback_to or 0,
        **plan.workflow.context,
    }
