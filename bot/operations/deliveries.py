"""What a wish delivers: which images it means, on what was delivered before. Pure.

A version is the tag of every component that the application builds; an image given for a component wins
over it; without either, what the newest revision delivered is delivered again. Everything that a run will do
is fixed here, in its plan: when it is accepted, and once more when its turn comes.
"""

from bot.catalog.model import Application
from bot.operations.finding import Destination, unknown
from bot.policy.refusals import Code, Refusal
from bot.rendering.images import has_version, with_tag
from bot.rendering.versions import built_components, with_version
from bot.run.model import Plan
from bot.run.ports import Latest
from bot.run.waiting import Wish


def plan_delivery(destination: Destination, wish: Wish, latest: Latest) -> Plan | Refusal:
    """Decide what `wish` delivers, given what was delivered before."""
    delivered = latest.revision.plan if latest.revision else None
    built = built_components(destination.application)
    tag = wish.version or (delivered.version if delivered else "")
    images = {name: _complete(image, tag) for name, image in wish.images.items()}
    if delivered is not None and not wish.version:
        kept = {name: delivered.images[name] for name in built if name in delivered.images}
        images = kept | images
    application = with_version(destination.application, tag, images)
    still_open = built_components(application)
    if still_open:
        return Refusal(code=Code.VERSION_MISSING, facts={"components": ", ".join(still_open)})
    said_nothing = not wish.version and not wish.images
    return Plan(
        application=application,
        environment=destination.environment,
        workflow=destination.workflow,
        version=tag if wish.version or not set(wish.images) & set(built) else "",
        commit=wish.commit or (delivered.commit if delivered and said_nothing else ""),
        note=wish.note.strip(),
        based_on=latest.revision.number if latest.revision else 0,
        promoted=wish.promoted,
        code=wish.code or (delivered.code if delivered and said_nothing else None),
    )


def _complete(image: str, tag: str) -> str:
    """Answer an image with `tag`, where it names no version of its own."""
    return image if has_version(image) or not tag else with_tag(image, tag)


def unfit(application: Application, wish: Wish) -> Refusal | None:
    """Answer what makes the wish senseless whatever was delivered before."""
    known = [each.name for each in application.components if each.has_image]
    for name in wish.images:
        if name not in known:
            return unknown(Code.UNKNOWN_COMPONENT, name, known)
    if wish.version and not built_components(application):
        return Refusal(code=Code.VERSION_UNUSED, facts={"application": application.name})
    return None
