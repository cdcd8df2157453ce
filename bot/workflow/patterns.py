"""What compiling a pattern of `matches` takes, in the units of costs.py. Pure.

The library's engine looks at each letter once, so that no pattern makes it search back and forth; but it compiles a pattern each
time, and what is repeated as often as it is repeated. No judge of what is a pattern: the engine is.
"""

import re

WIDE, CLASS, SIGN = 6000, 400, 8
"""Units for parts of a pattern: a class of letters of all languages, another one, a sign."""

PATTERN = re.compile(
    r"(?P<times>\{[0-9]+(?:,[0-9]*)?\})|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\]?)|(?P<escape>\\[pP](?:\{[^}]*\}|.)|\\.)"
    r"|\((?:\?[^:)]*:)?|\)|.",
    re.DOTALL,
)


def pattern_units(pattern: str) -> int:
    """Answer what compiling a pattern takes at most: what is repeated is compiled as often as it is repeated."""
    groups, last = [0], 0
    for found in PATTERN.finditer(pattern):
        piece = found[0]
        if found["times"]:
            groups[-1] += last * (max(int(each) for each in re.findall(r"[0-9]+", piece)) - 1)
            continue
        if piece.startswith("("):
            groups.append(0)
            continue
        if piece == ")":
            last = groups.pop() if len(groups) > 1 else 0
        elif found["set"]:
            last = sum(WIDE if each in "pPwWbB" else CLASS for each in re.findall(r"\\(.)", piece))
            last += CLASS + SIGN * len(piece)
        elif found["escape"]:
            last = WIDE if piece[1] in "pPwWbB" else CLASS
        else:
            last = CLASS if piece == "." else SIGN
        groups[-1] += last
    return sum(groups)
