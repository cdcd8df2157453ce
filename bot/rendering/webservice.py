"""`webservice`: something that keeps running and answers on ports. A Deployment, and a Service for what is exposed. Pure.

As in KubeVela, but for one thing: the single `port` is exposed, too, for who names one port means it to be
reached. A port of `ports` is exposed by `expose: true`.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.catalog.model import Properties
from bot.rendering.deployments import deployment
from bot.rendering.objects import Manifest, Place

NAME: Final = "webservice"


def render(place: Place) -> list[Manifest]:
    """Make the objects of a webservice."""
    properties = place.component.properties
    ports = _ports(properties)
    listening = [
        {"name": name, "containerPort": each["port"], "protocol": each.get("protocol", "TCP")}
        for name, each in ports.items()
    ]
    objects = [deployment(place, listening)]
    reached = [
        {
            "name": name,
            "port": each["port"],
            "targetPort": each["port"],
            "protocol": each.get("protocol", "TCP"),
        }
        for name, each in ports.items()
        if each.get("expose")
    ]
    if reached:
        kind = properties.get("exposeType", "ClusterIP")
        spec = {"type": kind, "selector": place.selector, "ports": reached}
        objects.append(place.manifest("v1", "Service", spec))
    return objects


def _ports(properties: Properties) -> dict[str, Mapping[str, Any]]:
    """Answer the ports by their names: those that they were given, or KubeVela's."""
    ports: list[Mapping[str, Any]] = list(properties.get("ports", []))
    if "port" in properties:
        ports.insert(0, {"port": properties["port"], "expose": True})
    return {each.get("name") or _name(each): each for each in ports}


def _name(port: Mapping[str, Any]) -> str:
    protocol = port.get("protocol", "TCP")
    return f"port-{port['port']}" + ("" if protocol == "TCP" else f"-{protocol.lower()}")
