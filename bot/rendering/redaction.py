"""Takes out what looks like a secret before a line of someone's log or event is shown. Pure.

Better one word too many than a password in a channel: it goes by the name before a value and by well-known
forms of tokens.
"""

import re

HIDDEN = "•••"

NAMED = re.compile(
    r"(?i)\b([\w.-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|credential)[\w.-]*[\"']?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;]+)"
)
BEARER = re.compile(r"(?i)\b(authorization\s*[:=]\s*)(\S+(?:\s+\S+)?)|\b(bearer\s+)(\S+)")
IN_URL = re.compile(r"(\w+://[^/\s:@]+:)([^@\s/]+)(@)")
WELL_KNOWN = re.compile(
    r"\b(?:xox[abeprs]-[\w-]+|xapp-[\w-]+|gh[pousr]_\w{20,}|glpat-[\w-]{16,}|AKIA[0-9A-Z]{16}|"
    r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|SEC[0-9a-f]{32,})"
)


def redact(text: str) -> str:
    """Answer `text` with what looks like a secret replaced."""
    text = IN_URL.sub(rf"\1{HIDDEN}\3", text)
    text = BEARER.sub(lambda found: (found[1] or found[3]) + HIDDEN, text)
    text = NAMED.sub(rf"\1{HIDDEN}", text)
    return WELL_KNOWN.sub(HIDDEN, text)
