"""Takes out what looks like a secret before a line of someone's log, event or file is shown. Pure.

Better one word too many than a password in a channel: it goes by the name before a value and by well-known
forms of tokens.
"""

import re

HIDDEN = "•••"

WORDS = (
    r"password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|credential"
)
"""What names of secrets are made of."""
VALUE = r"(\"[^\"]*\"|'[^']*'|[^\s,;]+)"

NAMED = re.compile(rf"(?i)((?:{WORDS})[\w.-]{{0,100}}[\"']?\s*[:=]\s*){VALUE}")
BLOCK = re.compile(
    rf"(?im)^([ \t]*)([\w.-]{{0,60}}(?:{WORDS})[\w.-]{{0,60}}:[ \t]*)[|>][-+\d]*[ \t]*\n(?:\1[ \t]+.*(?:\n|\Z)|[ \t]*\n)+"
)
"""A text of several lines in YAML."""
FLAG = re.compile(rf"(?i)(?<!\S)(--?[\w-]{{0,60}}(?:{WORDS})[\w-]{{0,60}}\s+)(?!-){VALUE}")
"""`--db-password hunter2`."""
LOGIN = re.compile(r"(?<!\S)((?:-u|--user)[= ]?[^\s:]+:)(\S+)")
"""`curl -u name:password`."""
BEARER = re.compile(r"(?i)\b(authorization\s*[:=]\s*)(\S+(?:\s+\S+)?)|\b(bearer\s+)(\S+)")
IN_URL = re.compile(r"((?<!\w)\w{1,20}://[^/\s:@]*:)([^@\s/]+)(@)")
SIGNED = re.compile(r"(?i)([?&](?:sig|signature|x-amz-signature)=)[^&\s\"']+")
HOOK = re.compile(r"(hooks\.slack\.com/(?:services|workflows|triggers)/)[^\s\"']+")
"""Who knows the address of an incoming webhook can write to it."""
KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)
WELL_KNOWN = re.compile(
    r"\b(?:xox[abeprs]-[\w-]+|xapp-[\w-]+|gh[pousr]_\w{20,}|glpat-[\w-]{16,}|AKIA[0-9A-Z]{16}|"
    r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|SEC[0-9a-f]{32,})"
)


def redact(text: str) -> str:
    """Answer `text` with what looks like a secret replaced."""
    text = KEY.sub(HIDDEN, text)
    text = BLOCK.sub(rf"\1\2{HIDDEN}\n", text)
    text = IN_URL.sub(rf"\1{HIDDEN}\3", text)
    text = HOOK.sub(rf"\1{HIDDEN}", text)
    text = SIGNED.sub(rf"\1{HIDDEN}", text)
    text = BEARER.sub(lambda found: (found[1] or found[3]) + HIDDEN, text)
    text = LOGIN.sub(rf"\1{HIDDEN}", text)
    text = NAMED.sub(rf"\1{HIDDEN}", text)
    text = FLAG.sub(rf"\1{HIDDEN}", text)
    return WELL_KNOWN.sub(HIDDEN, text)
