"""Cloud resources: components that become a `Configuration` of KubeVela's Terraform controller. Pure."""

from bot.catalog.model import Component


def is_cloud(component: Component) -> bool:
    """Say whether a component is a cloud resource, which is created on the control cluster."""
    return component.terraform is not None
