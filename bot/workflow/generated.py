"""The workflow of an (application, environment) that has no file: VelaUX's, one `deploy2env` a target. Pure."""

from bot.catalog.model import Environment, Step, Workflow


def generated_workflow(application: str, environment: Environment) -> Workflow:
    """Make the steps, in the order of the environment's targets, each named after its target."""
    return Workflow(
        name=f"workflow-{environment.name}",
        application=application,
        environment=environment.name,
        steps=tuple(
            Step(
                name=target.name,
                type="deploy2env",
                properties={"env": target.name},
                alias=f"Deploy to {target.name}",
            )
            for target in environment.targets
        ),
        generated=True,
    )
