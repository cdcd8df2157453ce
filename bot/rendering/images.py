"""Image references as container registries define them: `registry:port/repository:tag@digest`.

A reference is read for two questions: is it one at all, and does it say which image (by tag or digest) or
leave that to the version that is delivered. It is written back exactly as it was.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import override

_DOMAIN: Final = (
    r"(?:localhost|(?=[^/]*[.:A-Z])[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?)"
)
_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_TAG: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_REFERENCE: Final = re.compile(
    rf"(?:(?P<registry>{_DOMAIN})/)?(?P<repository>{_PART}(?:/{_PART})*)"
    rf"(?::(?P<tag>{_TAG}))?(?:@(?P<digest>sha256:[0-9a-f]{{64}}|sha512:[0-9a-f]{{128}}))?",
    re.ASCII,
)
_LONGEST: Final = 255
"""Characters of registry and repository, as registries have it."""
_LONGEST_WHOLE: Final = 2 * _LONGEST + 20
"""Characters of a whole reference: a name, a tag of 128 and a digest of 136."""
_FORM: Final = "expected an image such as registry.shop.example/web or docker.io/library/redis:7.4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A reference. `registry`, `tag` and `digest` are empty when they are not given."""

    repository: str
    registry: str = ""
    tag: str = ""
    digest: str = ""

    @property
    def complete(self) -> bool:
        """Whether it says which image: by a tag or by a digest."""
        return bool(self.tag or self.digest)

    @property
    def name(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    def with_tag(self, tag: str) -> "Image":
        """Answer the image of that tag. Raises ValueError when it cannot be one."""
        return parse_image(str(replace(self, tag=tag, digest="")))

    @override
    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


def parse_image(text: str) -> Image:
    """Read a reference. Raises ValueError that says what was expected."""
    found = _REFERENCE.fullmatch(text) if len(text) <= _LONGEST_WHOLE else None
    if found is None:
        hint = "; names of images are in small letters" if text != text.lower() else ""
        raise ValueError(f"{_FORM}{hint}")
    image = Image(**{name: value or "" for name, value in found.groupdict().items()})
    if len(image.name) > _LONGEST:
        raise ValueError(f"{_FORM}, with a name of at most {_LONGEST} characters")
    return image


def is_image(text: str) -> bool:
    """Say whether a text is an image reference."""
    try:
        parse_image(text)
    except ValueError:
        return False
    return True


def has_version(text: str) -> bool:
    """Say whether an image reference names its version: by a tag or a digest."""
    return parse_image(text).complete


def with_tag(text: str, tag: str) -> str:
    """Answer an image reference with `tag` in place of any version. Raises ValueError."""
    return str(parse_image(text).with_tag(tag))
