"""A component's objects while its traits are applied, one after the other. Made and dropped within one rendering."""

from typing import Any

from bot.rendering.objects import Manifest, Place, RenderingError


class Draft:
    """The objects of a component, its workload first."""

    def __init__(self, place: Place, objects: list[Manifest]) -> None:
        self.place = place
        self.objects = objects

    @property
    def workload(self) -> Manifest:
        """What the component is; everything else only belongs to it."""
        return self.objects[0]

    def templates(self) -> list[dict[str, Any]]:
        """List the templates in the workload, outermost first: a CronJob's Jobs, then pods. Empty: it has none."""
        spec = self.workload.get("spec")
        spec = spec if isinstance(spec, dict) else {}
        job = spec.get("jobTemplate")
        if isinstance(job, dict):
            return [job, job["spec"]["template"]]
        template = spec.get("template")
        return [template] if isinstance(template, dict) else []

    def pod(self) -> dict[str, Any]:
        """Answer the spec of the component's pods. Raises RenderingError when it has none."""
        templates = self.templates()
        pod = templates[-1].get("spec") if templates else None
        if not isinstance(pod, dict):
            raise RenderingError(f"a component of type {self.place.component.type} has no pods")
        return pod

    def container(self, name: str = "", *path: str | int) -> dict[str, Any]:
        """Answer a container of the pods; without a name the component's own. Raises RenderingError."""
        containers: list[dict[str, Any]] = self.pod().get("containers") or []
        wanted = name or self.place.component.name
        found = next((each for each in containers if each.get("name") == wanted), None)
        if found is None:
            known = ", ".join(str(each.get("name")) for each in containers)
            raise RenderingError(f"there is no container {wanted} (there is: {known})", *path)
        return found

    def find(self, kind: str, name: str) -> Manifest | None:
        """Find an object of the component."""
        for each in self.objects:
            if each["kind"] == kind and each["metadata"]["name"] == name:
                return each
        return None

    def add(self, manifest: Manifest) -> None:
        """Add an object. Raises RenderingError when there is one of that kind and name already."""
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        if self.find(kind, name) is not None:
            raise RenderingError(f"it would make a second {kind} {name}")
        self.objects.append(manifest)


def add_named(items: list[dict[str, Any]], fresh: list[dict[str, Any]], what: str) -> None:
    """Add items to a list whose items have names. Raises RenderingError for a name that is there with another meaning."""
    for each in fresh:
        same = next((item for item in items if item.get("name") == each["name"]), None)
        if same is None:
            items.append(each)
        elif same != each:
            raise RenderingError(f"there is another {what} {each['name']} already")
