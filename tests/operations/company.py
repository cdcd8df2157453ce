"""The small company of these tests, as a catalog made by hand: changed by dataclasses.replace."""

from bot.catalog.model import (
    Application,
    Catalog,
    Cluster,
    Component,
    Environment,
    Person,
    Step,
    Target,
    Workflow,
)


def company() -> Catalog:
    """Make the company: shop in dev (no workflow file) and prod, with people of every role."""
    people = {
        name: Person(name=name, email=f"{name}@shop.example", roles=roles)
        for name, roles in (
            ("dev", ("developer",)),
            ("dev2", ("developer",)),
            ("sre", ("sre",)),
            ("sre2", ("sre",)),
            ("admin", ("admin",)),
            ("guest", ()),
        )
    }
    return Catalog(
        applications={"shop": shop()},
        environments={"dev": environment("dev"), "prod": environment("prod")},
        clusters={name: Cluster(name=name, context=name) for name in ("east", "west")},
        people=people,
        roles=("developer", "sre", "admin"),
        workflows={("shop", "prod"): prod_workflow()},
    )


def shop() -> Application:
    """Make the application: it builds web and api, and uses a queue of someone else's."""
    images = {
        "web": "registry.shop.example/web",
        "api": "registry.shop.example/api",
        "queue": "docker.io/library/redis:7.4",
    }
    return Application(
        name="shop",
        components=tuple(
            Component(name=name, type="webservice", properties={"image": image, "replicas": 2})
            for name, image in images.items()
        ),
    )


def environment(name: str) -> Environment:
    """Make an environment with two targets for prod and one for any other."""
    hangzhou = Target(name="hangzhou", cluster="east", namespace=f"shop-{name}")
    frankfurt = Target(name="frankfurt", cluster="west", namespace=f"shop-{name}")
    return Environment(
        name=name,
        targets=(hangzhou, frankfurt) if name == "prod" else (hangzhou,),
        slack_channel=f"shop-{name}",
        deployers=("developer",),
        approvers=("sre",),
    )


def prod_workflow() -> Workflow:
    """Make prod's workflow: a target, an approval, the other target."""
    return Workflow(
        name="workflow-prod",
        application="shop",
        environment="prod",
        steps=(
            Step(name="hangzhou", type="deploy2env", properties={"env": "hangzhou"}, retries=0),
            Step(name="approval", type="suspend", properties={"approvers": ["sre"]}),
            Step(name="frankfurt", type="deploy2env", properties={"env": "frankfurt"}, retries=0),
        ),
    )
