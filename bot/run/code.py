"""Where what is delivered comes from: a commit's branch, author and message, as a CI system says them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What is known of a commit beside its digits; each may be empty."""

    branch: str = ""
    author: str = ""
    message: str = ""
    """Its first line."""

    @property
    def known(self) -> bool:
        """Whether anything is."""
        return bool(self.branch or self.author or self.message)
