"""Takes out what looks like a secret before someone's log or event is shown. Pure.

Better one word too many than a password in a channel: it goes by the name before a value, by well-known forms of tokens,
and by the borders of private keys. What is to be cut is redacted first: half a secret has no form to be known by.
"""

import re
from collections.abc import Sequence

HIDDEN = "•••"

WORDS = (
    r"(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key"
    r"|account[_-]?key|private[_-]?key|credential)"
)
"""What names of secrets are made of."""
NAME = rf"[\w.-]{{0,60}}{WORDS}[\w.-]{{0,60}}"
"""A name as long as names are: everyone waits while a line is looked through."""
QUOTED = r"\"(?:[^\"\\]|\\.)*(?:\"|$)|'(?:[^'\\]|\\.)*(?:'|$)"
NAMED = re.compile(
    rf"(?i)({WORDS}[\w.-]{{0,60}}(?:\\?[\"'])?\s*(?:=>|:=|[:=])\s*)(\\\".*?(?:(?<!\\)\\\"|$)|{QUOTED}|\S+?(?=[,;]{{0,9}}(?:\s|$)))"
)
FLAG = re.compile(rf"(?i)(?<!\S)(--?{NAME}\s+)({QUOTED}|(?!-)\S+)")
LOGIN = re.compile(r"(?<!\S)((?:-u|--user)[= ]?[^\s:]+:)(\S+)")
"""`curl -u name:password`."""
BEARER = re.compile(
    rf"(?i)\b((?:proxy-)?authorization[\"']?\s*[:=]\s*)({QUOTED}|.+)|\b(bearer\s+)(\S+)"
)
"""A header to its end: schemes such as Digest and AWS4-HMAC-SHA256 take many words."""
BASIC = re.compile(r"\b([Bb]asic\s+)(?=\S*[A-Z])(?=\S*[a-z0-9])[A-Za-z0-9+/]{8,}={0,2}")
COOKIE = re.compile(r"(?i)\b((?:set-)?cookie[\"']?\s*:\s*)(.+)")
IN_URL = re.compile(r"((?<!\w)\w{1,20}://[^/\s:@]*:)([^\s\"'<>]{1,500})(@)")
SIGNATURE = re.compile(r"(?i)([?&](?:sig|signature|x-amz-signature|x-goog-signature)=)([^&\s\"']+)")
SLACK = re.compile(r"(hooks\.slack\.com/\w+/)[\w/-]+")
WELL_KNOWN = re.compile(
    r"xox[abceprs]-[\w-]+|xapp-[\w-]+|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|"
    r"(?:AKIA|ASIA)[0-9A-Z]{16}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bSEC[0-9a-f]{32,}|AIza[\w-]{30,}|"
    r"ya29\.[\w-]{20,}|(?:sk|rk|pk)_(?:live|test)_\w{10,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_\w{30,}|"
    r"pypi-[\w-]{40,}|dop_v1_[0-9a-f]{32,}|hv[sb]\.[\w-]{20,}|AGE-SECRET-KEY-1[0-9A-Z]{20,}"
)

BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----")
END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----")
LONGEST_KEY = 130
"""Lines of a private key: one whose end does not come hides no more of a log than that."""
CODED = re.compile(r"(?:^|[\s\"'|>:])[A-Za-z0-9+/]+={0,2}[\"',]{0,2}\s*$")
"""A line that ends with base64, as those of a key do, whatever a logger writes before it."""
BARE = re.compile(r"^\s*(?=\S*[a-z])(?=\S*[A-Z])(?=\S*[0-9+/])[A-Za-z0-9+/]{60,}={0,2}\s*$")
"""A line that is nothing but base64: of a key whose borders were not seen."""
BLOCK = re.compile(rf"(?i)^(\s*)(?:-\s+)?[\"']?{NAME}[\"']?\s*:\s*[|>][-+0-9]*\s*$")
"""The beginning of a secret of several lines in YAML."""


def redact(text: str) -> str:
    """Answer `text`, of one line or many, with what looks like a secret replaced."""
    return "\n".join(redact_lines(text.split("\n")))


def redact_lines(lines: Sequence[str]) -> list[str]:
    """Answer lines that follow each other, with what looks like a secret replaced."""
    return [_line(each) for each in _without_blocks(_without_keys(lines))]


def _without_keys(lines: Sequence[str]) -> list[str]:
    """Take out private keys, also those of which one end was cut off."""
    kept: list[str] = []
    inside = 0
    for line in lines:
        begin, end = BEGIN.search(line), END.search(line)
        if begin and end and begin.start() < end.start():
            kept.append(f"{line[: begin.start()]}{HIDDEN}{line[end.end() :]}")
        elif begin:
            kept.append(f"{line[: begin.start()]}{HIDDEN}")
            inside = LONGEST_KEY
        elif end:
            if not inside:
                _take_back(kept)
            kept.append(f"{HIDDEN}{line[end.end() :]}")
            inside = 0
        elif inside:
            inside -= 1
        else:
            kept.append(HIDDEN if BARE.match(line) else line)
    return kept


def _take_back(kept: list[str]) -> None:
    """Take out the lines of a key before its end, when its beginning was not seen."""
    while kept and (kept[-1] == HIDDEN or CODED.search(kept[-1])):
        kept.pop()


def _without_blocks(lines: Sequence[str]) -> list[str]:
    """Take out what stands below a name like a secret's, as YAML writes texts of several lines."""
    kept: list[str] = []
    indent: int | None = None
    for line in lines:
        here = len(line) - len(line.lstrip())
        if indent is not None and (here > indent or not line.strip()):
            continue
        found = BLOCK.match(line)
        indent = len(found[1]) if found else None
        kept.append(f"{line.rstrip()} {HIDDEN}" if found else line)
    return kept


def _line(text: str) -> str:
    text = IN_URL.sub(rf"\1{HIDDEN}\3", text)
    text = SLACK.sub(rf"\1{HIDDEN}", text)
    text = SIGNATURE.sub(rf"\1{HIDDEN}", text)
    text = COOKIE.sub(rf"\1{HIDDEN}", text)
    text = BEARER.sub(lambda found: (found[1] or found[3]) + HIDDEN, text)
    text = BASIC.sub(rf"\1{HIDDEN}", text)
    if HIDDEN not in text or not BLOCK.match(text.removesuffix(f" {HIDDEN}")):
        text = NAMED.sub(rf"\1{HIDDEN}", text)
    text = LOGIN.sub(rf"\1{HIDDEN}", text)
    text = FLAG.sub(rf"\1{HIDDEN}", text)
    return WELL_KNOWN.sub(HIDDEN, text)
