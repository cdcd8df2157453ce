"""`context` as the expressions of a workflow see it: KubeVela's fields and ours, made of a run."""

from typing import Any

from bot.run.model import Run


def context_of(run: Run, step: str = "") -> dict[str, Any]:
    """Answer the fields of `context` for `step` of `run`: plain JSON values.

    `name`, `appName`, `workflowName` and `stepName` are KubeVela's; the rest is ours, asked for by people who
    want to say in a notification who deployed what, where.
    """
    plan = run.plan
    return {
        "name": run.application,
        "appName": run.application,
        "workflowName": plan.workflow.name,
        "stepName": step,
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
    }
