"""What CI systems and registries send to a trigger, read into what they ask for. Pure; nothing is taken on trust.

The forms are KubeVela's: one of its own, and those of Docker Hub, Harbor, Alibaba's ACR and JFrog, in which keys that say
nothing to us are passed over.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.catalog.machines import Trigger, TriggerAction, TriggerType
from bot.command.values import COMMIT, LONGEST_STEP
from bot.rendering.images import parse_image
from bot.run.code import Code

LONGEST_MESSAGE = 200
"""Characters that are kept of a commit's message, its author and its branch."""
MOST_COMPONENTS = 100
JFROG_HOST = "x-jfrogurl"
"""The header in which JFrog's host stands: its payload does not say it."""


class PayloadError(Exception):
    """A payload is none of its trigger's type; the text says where it is wrong, and never what was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A registry has a new image."""

    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The payload tells of something that nothing is done for."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A CI system asks for something. `images` are by component."""

    action: TriggerAction
    step: str = ""
    images: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    code: Code | None = None


Payload = Push | Passed | Asked

Short = Annotated[str, StringConstraints(max_length=512)]
Long = Annotated[str, StringConstraints(max_length=64 * 1024)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class _Ours(BaseModel):
    """KubeVela's own form, which people write by hand: a key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _Theirs(BaseModel):
    """A registry's form."""

    model_config = ConfigDict(extra="ignore", strict=True)


class CodeInfo(_Ours):
    """The commit behind an image."""

    commit: Short = ""
    branch: Short = ""
    user: Short = ""
    message: Long = ""


class Patch(_Ours):
    """What becomes of a component: a new image."""

    image: Word


class Custom(_Ours):
    """KubeVela's `custom`."""

    action: Annotated[TriggerAction, Field(strict=False)] = TriggerAction.EXECUTE
    step: Annotated[str, StringConstraints(max_length=LONGEST_STEP)] = ""
    upgrade: dict[Word, Patch] = Field(default_factory=dict, max_length=MOST_COMPONENTS)
    code_info: CodeInfo | None = Field(default=None, alias="codeInfo")


class DockerHubPush(_Theirs):
    """Of Docker Hub's `push_data`."""

    tag: Word


class DockerHubRepository(_Theirs):
    """Of Docker Hub's `repository`."""

    repo_name: Word
    status: Short = "Active"


class DockerHub(_Theirs):
    """Docker Hub's."""

    push_data: DockerHubPush
    repository: DockerHubRepository


class HarborResource(_Theirs):
    """One artifact of Harbor's."""

    resource_url: Word


class HarborEvent(_Theirs):
    """Harbor's `event_data`."""

    resources: list[HarborResource] = Field(default_factory=list)


class Harbor(_Theirs):
    """Harbor's."""

    type: Word
    event_data: HarborEvent = Field(default_factory=HarborEvent)


class AcrPush(_Theirs):
    """Of ACR's `push_data`."""

    tag: Word


class AcrRepository(_Theirs):
    """Of ACR's `repository`."""

    repo_full_name: Word
    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,64}$")] = ""


class Acr(_Theirs):
    """Alibaba's container registry's."""

    push_data: AcrPush
    repository: AcrRepository


class JfrogData(_Theirs):
    """JFrog's `data`."""

    image_name: Word
    path: Short = ""
    repo_key: Word
    tag: Word


class Jfrog(_Theirs):
    """JFrog's."""

    domain: Word
    event_type: Word
    data: JfrogData | None = None


def read_payload(trigger: Trigger, body: Any, headers: Mapping[str, str]) -> Payload:
    """Read a parsed body as the type of a trigger says. `headers` are in small letters. Raises PayloadError."""
    match trigger.type:
        case TriggerType.CUSTOM:
            return _custom(_read(Custom, body))
        case TriggerType.DOCKER_HUB:
            return _docker_hub(_read(DockerHub, body))
        case TriggerType.HARBOR:
            return _harbor(_read(Harbor, body))
        case TriggerType.ACR:
            return _acr(_read(Acr, body), trigger.registry)
        case TriggerType.JFROG:
            return _jfrog(_read(Jfrog, body), headers.get(JFROG_HOST, ""))


B = TypeVar("B", bound=BaseModel)


def _read(model: type[B], body: Any) -> B:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(each) for each in first["loc"])
        if first["type"] == "extra_forbidden" and "upgrade" in first["loc"]:
            raise PayloadError(
                f"{place}: only image can be upgraded; everything else of a component is said in workflows/"
            ) from error
        raise PayloadError(f"{place}: {first['msg']}" if place else str(first["msg"])) from error


def _custom(given: Custom) -> Asked:
    if given.upgrade and given.action is not TriggerAction.EXECUTE:
        raise PayloadError(f"upgrade: it belongs to the action execute, not to {given.action}")
    if given.step and given.action is not TriggerAction.APPROVE:
        raise PayloadError(f"step: it belongs to the action approve, not to {given.action}")
    info = given.code_info or CodeInfo()
    if info.commit and not COMMIT.fullmatch(info.commit):
        raise PayloadError("codeInfo.commit: a commit has 7 to 40 hexadecimal digits")
    code = Code(branch=_line(info.branch), author=_line(info.user), message=_line(info.message))
    return Asked(
        action=given.action,
        step=given.step,
        images={
            name: _image(each.image, f"upgrade.{name}.image")
            for name, each in given.upgrade.items()
        },
        commit=info.commit.lower(),
        code=code if code.known else None,
    )


def _docker_hub(given: DockerHub) -> Payload:
    if given.repository.status != "Active":
        return Passed(why="the repository is not active")
    return _push(f"docker.io/{given.repository.repo_name}:{given.push_data.tag}")


def _harbor(given: Harbor) -> Payload:
    if given.type != "PUSH_ARTIFACT":
        return Passed(why="it tells of no push: only PUSH_ARTIFACT does")
    if not given.event_data.resources:
        raise PayloadError("event_data.resources: expected at least one")
    return _push(given.event_data.resources[0].resource_url)


def _acr(given: Acr, registry: str) -> Payload:
    if not registry and not given.repository.region:
        raise PayloadError("repository.region: it is required where the trigger names no registry")
    host = registry or f"registry.{given.repository.region}.aliyuncs.com"
    return _push(f"{host}/{given.repository.repo_full_name}:{given.push_data.tag}")


def _jfrog(given: Jfrog, host: str) -> Payload:
    if (given.domain, given.event_type) != ("docker", "pushed"):
        return Passed(why="it tells of no push of a Docker image")
    if given.data is None:
        raise PayloadError("data: it is required")
    parts = given.data.path.split("/")
    name = "/".join(parts[:-2]) if len(parts) > 2 else given.data.image_name
    front = f"{re.sub(r'^https?://', '', host).rstrip('/')}/" if host else ""
    return _push(f"{front}{given.data.repo_key}/{name}:{given.data.tag}")


def _push(image: str) -> Push:
    return Push(image=_image(image, "the image"))


def _image(text: str, place: str) -> str:
    """Answer an image that says which one it is."""
    try:
        found = parse_image(text)
    except ValueError as error:
        raise PayloadError(f"{place}: {error}") from error
    if not found.complete:
        raise PayloadError(f"{place}: expected a tag or a digest")
    return str(found)


def _line(text: str) -> str:
    """Answer the first line of a text from outside, without what nobody can see, and no longer than a card has room for."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    shown = " ".join("".join(each for each in first if each.isprintable()).split())
    return shown[:LONGEST_MESSAGE]
