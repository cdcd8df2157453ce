"""What is delivered where: the policies of an application, applied to the targets of an environment. Pure.

A topology chooses among the targets of the environment and never outside of them, for who may deliver to a place is
said by its environment. Overrides that are bound to an environment (or one of its targets) come first, then those that
a step names, in its order. One function says for a step of any delivering type what it delivers: for running it, for
planning it, and for finding out what nobody delivers any more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.catalog.complaints import nearest
from bot.catalog.model import Application, Component, Environment, Policy, Step, Target
from bot.catalog.topologies import is_about
from bot.placement.overriding import patched
from bot.placement.places import CloudPlacement, agreed, refuse_twins, refuse_unlike
from bot.placement.places import Placement as Placement
from bot.placement.places import PlacementError as PlacementError
from bot.placement.policies import (
    Env,
    EnvBinding,
    Override,
    Topology,
    read_policies,
)
from bot.workflow.expressions import has_expressions

CLOUD = "deploy-cloud-resource"
WHOLE = ("apply-application", "apply-application-in-parallel")
"""KubeVela's older step types that deliver all components everywhere."""
DELIVERING = (
    "deploy2env",
    "deploy",
    "apply-component",
    CLOUD,
    *WHOLE,
    "apply-remaining",
    "deploy2runtime",
)
"""The step types that deliver components."""
NO_CONTROL = (
    "has no control cluster, where cloud resources are created: say `control: true` in a Cluster"
)


def placements_of(
    step: Step, application: Application, environment: Environment
) -> tuple[Placement, ...]:
    """Answer what a step delivers; nothing for a type that delivers no components.

    Raises PlacementError.
    """
    given = step.properties
    match step.type:
        case "deploy2env":
            return to_env(application, environment, str(given.get("env", "")), _text(given))
        case "deploy":
            names = [str(each) for each in given.get("policies") or ()]
            only = [str(each) for each in given.get("targets") or ()]
            cloud = given.get("ignoreTerraformComponent") is False
            return by_policies(application, environment, names, targets=only, cloud=cloud)
        case "apply-component":
            return one_component(application, environment, given)
        case "apply-application" | "apply-application-in-parallel":
            return by_policies(application, environment, (), cloud=True)
        case "apply-remaining":
            return remaining(application, environment, given.get("exceptions") or ())
        case "deploy2runtime":
            return on_clusters(application, environment, given.get("clusters") or ())
        case "deploy-cloud-resource":
            found = cloud_resources(application, environment, given)
            return (found.control,) if found.control.components else ()
    return ()


def _text(given: Mapping[str, Any]) -> str:
    return str(given.get("policy") or "")


def by_policies(
    application: Application,
    environment: Environment,
    names: Sequence[str],
    *,
    targets: Sequence[str] = (),
    cloud: bool = False,
) -> tuple[Placement, ...]:
    """Answer what a `deploy` with these policies delivers; without a topology it goes to all `targets` (none: all).

    Cloud resources are another step's business unless `cloud`. Raises PlacementError.
    """
    policies = [_named(application, each, ("policies", at)) for at, each in enumerate(names)]
    chosen = environment.targets
    if targets:
        chosen = tuple(
            _target(environment, each, ("targets", at)) for at, each in enumerate(targets)
        )
    topologies = [each for each in policies if each.type == "topology"]
    if topologies:
        wanted = {
            each.name for policy in topologies for each in _selected(policy, chosen, environment)
        }
        chosen = tuple(each for each in chosen if each.name in wanted)
    overrides = [
        Override.model_validate(dict(each.properties))
        for each in policies
        if each.type == "override"
    ]
    return tuple(
        Placement(
            target=each,
            components=_components(application, environment, each, overrides, cloud=cloud),
        )
        for each in chosen
    )


def to_env(
    application: Application, environment: Environment, env: str, policy: str = ""
) -> tuple[Placement, ...]:
    """Answer what a `deploy2env` delivers: to a target of that name, or to an env of an `env-binding` policy.

    Raises PlacementError.
    """
    bound = _bound(application, env, policy)
    if bound is not None:
        override = Override(components=bound.patch.components, selector=bound.selector.components)
        return tuple(
            Placement(
                target=each, components=_components(application, environment, each, [override])
            )
            for each in _placed(bound, environment)
        )
    target = _target(environment, env, ("env",))
    return (Placement(target=target, components=_components(application, environment, target, [])),)


def one_component(
    application: Application, environment: Environment, given: Mapping[str, Any]
) -> tuple[Placement, ...]:
    """Answer what an `apply-component` delivers: one component, to the targets on a `cluster`, in a `namespace`.

    Raises PlacementError.
    """
    name = str(given.get("component", ""))
    cluster = environment.cluster_called(str(given.get("cluster") or ""))
    found: list[Placement] = []
    for target in environment.targets:
        if not _lies(target, cluster, str(given.get("namespace") or "")):
            continue
        components = _components(application, environment, target, [], cloud=True)
        chosen = tuple(each for each in components if each.name == name)
        if not chosen:
            known = [each.name for each in components]
            raise PlacementError(f"there is no component {name}{nearest(name, known)}", "component")
        found.append(Placement(target=target, components=chosen))
    if not found:
        where = " ".join(str(given[key]) for key in ("cluster", "namespace") if given.get(key))
        raise PlacementError(f"{environment.name} has no target {_on(where)}", "cluster")
    return tuple(found)


def remaining(
    application: Application, environment: Environment, exceptions: Sequence[str]
) -> tuple[Placement, ...]:
    """Answer what an `apply-remaining` delivers: all components but some, everywhere. Raises PlacementError."""
    known = known_components(application)
    for at, name in enumerate(exceptions):
        if name not in known:
            raise PlacementError(
                f"there is no component {name}{nearest(name, known)}", "exceptions", at
            )
    return tuple(
        replace(
            each, components=tuple(one for one in each.components if one.name not in exceptions)
        )
        for each in by_policies(application, environment, (), cloud=True)
    )


def on_clusters(
    application: Application, environment: Environment, clusters: Sequence[str]
) -> tuple[Placement, ...]:
    """Answer what a `deploy2runtime` delivers: all components, to the targets on `clusters` (none: on all).

    Raises PlacementError.
    """
    there = {each.cluster for each in environment.targets}
    for at, name in enumerate(clusters):
        if environment.cluster_called(name) not in there:
            said = f"{environment.name} has no target on {name}{nearest(name, there)}"
            raise PlacementError(said, "clusters", at)
    return tuple(
        each
        for each in by_policies(application, environment, (), cloud=True)
        if not clusters or each.target.cluster in map(environment.cluster_called, clusters)
    )


def cloud_resources(
    application: Application, environment: Environment, given: Mapping[str, Any]
) -> CloudPlacement:
    """Answer what a `deploy-cloud-resource` delivers for `env`: an env of an `env-binding`, the environment (also without
    `env`), or a target.

    The control cluster is a target without a name, with those variables on which the targets agree. Raises PlacementError.
    """
    env = str(given.get("env") or environment.name)
    targets, overrides = _env_of(application, environment, env, _text(given))
    named = [
        Override.model_validate(dict(_named(application, each, ("policies", at)).properties))
        for at, each in enumerate(given.get("policies") or ())
    ]
    components = tuple(
        replace(each, env=env)
        for each in _components(
            application, environment, targets[0], [*overrides, *named], cloud=True
        )
        if each.is_cloud
    )
    if components and not environment.control_cluster:
        raise PlacementError(f"{environment.name} {NO_CONTROL}", "env")
    control = Target(
        name="",
        cluster=environment.control_cluster,
        namespace=application.namespace,
        variables=agreed(targets),
    )
    refuse_unlike(components, targets)
    refuse_twins(components, control)
    return CloudPlacement(
        env=env, control=Placement(target=control, components=components), targets=targets
    )


def _env_of(
    application: Application, environment: Environment, env: str, policy: str
) -> tuple[tuple[Target, ...], list[Override]]:
    """Answer the targets of an env, and how it changes components."""
    bound = _bound(application, env, policy)
    if bound is not None:
        override = Override(components=bound.patch.components, selector=bound.selector.components)
        return _placed(bound, environment), [override]
    if env == environment.name:
        return environment.targets, []
    names = [environment.name, *(each.name for each in environment.targets)]
    found = tuple(each for each in environment.targets if each.name == env)
    if not found:
        said = f"there is no env {env}{nearest(env, names)} (known: {', '.join(names)})"
        raise PlacementError(said, "env")
    return found, []


def intended(
    steps: Sequence[Step], application: Application, environment: Environment
) -> set[tuple[str, str]] | None:
    """Name what steps deliver, as pairs of target and component; None when that is known only as they run."""
    found: set[tuple[str, str]] = set()
    for step in (sub for each in steps for sub in (each, *each.sub_steps)):
        if step.type not in DELIVERING:
            continue
        if has_expressions(step.properties) or any(each.parameter_key for each in step.inputs):
            return None
        for place in placements_of(step, application, environment):
            found |= {(place.target.name, each.name) for each in place.components}
        if step.type == CLOUD:
            cloud = cloud_resources(application, environment, step.properties)
            names = [each.name for each in cloud.control.components]
            found |= {(target.name, name) for target in cloud.targets for name in names}
    return found


def components_in(application: Application, environment: Environment) -> tuple[Component, ...]:
    """Answer the components, cloud resources among them, as the overrides make them that are bound to an environment."""
    return _components(application, environment, environment.targets[0], [], cloud=True)


def known_components(application: Application) -> set[str]:
    """Name every component that an application can have, by its overrides, too."""
    added = {
        patch.name
        for override in read_policies(application, "override", Override)
        for patch in override.components
        if patch.type
    }
    bound = {
        patch.name
        for binding in read_policies(application, "env-binding", EnvBinding)
        for env in binding.envs
        for patch in env.patch.components
        if patch.type
    }
    return {each.name for each in application.components} | added | bound


def _on(where: str) -> str:
    return f"on {where}" if where else "at all"


def _lies(target: Target, cluster: str, namespace: str) -> bool:
    return cluster in {"", target.cluster} and namespace in {"", target.namespace}


def _named(application: Application, name: str, path: tuple[str | int, ...]) -> Policy:
    found = next((each for each in application.policies if each.name == name), None)
    if found is None:
        known = [each.name for each in application.policies]
        raise PlacementError(f"there is no policy {name}{nearest(name, known)}", *path)
    return found


def _target(environment: Environment, name: str, path: tuple[str | int, ...]) -> Target:
    found = next((each for each in environment.targets if each.name == name), None)
    if found is None:
        known = [each.name for each in environment.targets]
        said = f"the environment has no target {name}{nearest(name, known)} (it has: {', '.join(known)})"
        raise PlacementError(said, *path)
    return found


def _selected(
    policy: Policy, targets: Sequence[Target], environment: Environment
) -> Iterator[Target]:
    """Yield the targets that a topology chooses. Raises PlacementError when there is none."""
    topology = Topology.model_validate(dict(policy.properties))
    found = [each for each in targets if is_about(policy.properties, each, environment)]
    there = {one.cluster for one in found}
    missing = [
        each for each in topology.clusters or () if environment.cluster_called(each) not in there
    ]
    if (missing or not found) and not topology.allow_empty:
        said = f"on {', '.join(missing)}" if missing else "that it fits"
        raise PlacementError(f"the topology {policy.name} finds no target {said}", "policies")
    yield from found


def _bound(application: Application, env: str, policy: str) -> Env | None:
    """Find an env of an `env-binding`: of the one that is named, or of the first that has it."""
    if policy:
        named = _named(application, policy, ("policy",))
        if named.type != "env-binding":
            raise PlacementError(f"{policy} is of type {named.type}, not env-binding", "policy")
        envs = EnvBinding.model_validate(dict(named.properties)).envs
    else:
        envs = [
            each
            for binding in read_policies(application, "env-binding", EnvBinding)
            for each in binding.envs
        ]
    found = next((each for each in envs if each.name == env), None)
    if found is None and policy:
        names = [each.name for each in envs]
        raise PlacementError(f"the policy {policy} has no env {env}{nearest(env, names)}", "env")
    return found


def _placed(env: Env, environment: Environment) -> tuple[Target, ...]:
    """Answer the targets of an env. Raises PlacementError when there is none."""
    cluster, namespace = env.placement.cluster_selector, env.placement.namespace_selector
    name = environment.cluster_called(cluster.name)
    found = tuple(
        each
        for each in environment.targets
        if _lies(each, name, namespace.name)
        and all(each.labels.get(key) == value for key, value in cluster.labels.items())
    )
    if not found:
        raise PlacementError(f"{environment.name} has no target where the env {env.name} is", "env")
    return found


def _components(
    application: Application,
    environment: Environment,
    target: Target,
    overrides: Sequence[Override],
    *,
    cloud: bool = False,
) -> tuple[Component, ...]:
    """Answer the components for a target, changed and chosen by the overrides."""
    components = application.components
    standing = [
        Override.model_validate(dict(each.properties))
        for each in application.policies
        if each.type == "override"
        and each.environment == environment.name
        and each.target in {"", target.name}
    ]
    for override in (*standing, *overrides):
        for patch in override.components:
            components = patched(application, components, patch)
        if override.selector:
            components = tuple(each for each in components if each.name in override.selector)
    return components if cloud else tuple(each for each in components if not each.is_cloud)
