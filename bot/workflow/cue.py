"""What KubeVela's files write in CUE, in CEL: for the error that shows an author what to write instead. Pure.

No translator: nothing is rewritten behind an author's back. Where a rewriting of the usual forms gives CEL it
is shown, where not the form is named.
"""

import re
from collections.abc import Callable, Iterator

LONGEST = 300
"""Characters of an expression that is rewritten: the patterns look at each of its parts from each of its places."""
TERM = r"((?:[\w.$]|\[[^\[\]]*\])+)"
ARGUMENT = r"((?:\"[^\"]*\"|[^(),\[\]\"]|\[[^\[\]]*\]|\([^()]*\))+?)"

REWRITES: tuple[tuple[str, str], ...] = (
    (r"\bimport\s+(?:\w+\s+)?\"[^\"]*\"\s*;?", ""),
    (r"\bimport\s+\([^)]*\)\s*;?", ""),
    (rf"{TERM}\s*!=\s*_\|_", r"has(\1)"),
    (rf"{TERM}\s*==\s*_\|_", r"!has(\1)"),
    (rf"{TERM}\s*=~\s*(\"[^\"]*\")", r"\1.matches(\2)"),
    (rf"{TERM}\s*!~\s*(\"[^\"]*\")", r"!\1.matches(\2)"),
    (rf"\bstrings\.Join\(\s*{ARGUMENT}\s*,\s*{ARGUMENT}\s*\)", r"\1.join(\2)"),
    (rf"\bstrings\.Split\(\s*{ARGUMENT}\s*,\s*{ARGUMENT}\s*\)", r"\1.split(\2)"),
    (rf"\bstrings\.Contains\(\s*{ARGUMENT}\s*,\s*{ARGUMENT}\s*\)", r"\1.contains(\2)"),
    (rf"\bstrings\.HasPrefix\(\s*{ARGUMENT}\s*,\s*{ARGUMENT}\s*\)", r"\1.startsWith(\2)"),
    (rf"\bstrings\.HasSuffix\(\s*{ARGUMENT}\s*,\s*{ARGUMENT}\s*\)", r"\1.endsWith(\2)"),
    (rf"\bstrings\.ToLower\(\s*{ARGUMENT}\s*\)", r"\1.lowerAscii()"),
    (rf"\bstrings\.ToUpper\(\s*{ARGUMENT}\s*\)", r"\1.upperAscii()"),
    (rf"\bstrings\.TrimSpace\(\s*{ARGUMENT}\s*\)", r"\1.trim()"),
    (rf"\bstrconv\.(?:FormatInt|FormatFloat|FormatUint)\(\s*{ARGUMENT}\s*,[^()]*\)", r"string(\1)"),
    (rf"\bstrconv\.Itoa\(\s*{ARGUMENT}\s*\)", r"string(\1)"),
    (rf"\bstrconv\.FormatBool\(\s*{ARGUMENT}\s*\)", r"string(\1)"),
    (rf"\bstrconv\.(?:Atoi|ParseInt)\(\s*{ARGUMENT}\s*(?:,[^()]*)?\)", r"int(\1)"),
    (rf"\bstrconv\.ParseFloat\(\s*{ARGUMENT}\s*(?:,[^()]*)?\)", r"double(\1)"),
    (r"\"([^\"\\]*)\\\(([^()]*)\)([^\"\\]*)\"", r'"\1" + string(\2) + "\3"'),
    (r"\$returns\.", ""),
)

FORMS: tuple[tuple[str, str], ...] = (
    (
        r"\bimport\b|\bstrings\.|\bstrconv\.|\blist\.|\bjson\.|\bencoding\b",
        "packages of CUE are not there",
    ),
    (r"=~|!~", 'matching is `x.matches("…")`'),
    (r"_\|_", "whether something is there is `has(x.y)`"),
    (r"\\\(", 'texts are put together with +: `"…" + string(x)`'),
    (r"\[\s*for\b", "lists are made with `x.map(each, …)` and `x.filter(each, …)`"),
    (r"\bif\b", "a choice is `condition ? this : that`"),
    (r"(?<!\|)\|(?!\|)|\*", "a default is `has(x.y) ? x.y : default`"),
    (r"(?<!&)&(?!&)", "values are not unified; compare them with =="),
)


def in_cel(expression: str, reads: Callable[[str], bool]) -> str:
    """Answer `; in CEL: …` for an expression that looks like CUE, else nothing. `reads` tells what is CEL."""
    rewritten = expression
    for pattern, instead in REWRITES if len(expression) <= LONGEST else ():
        rewritten = re.sub(pattern, instead, rewritten)
    rewritten = " ".join(rewritten.split()).replace('"" + ', "").replace(' + ""', "")
    if rewritten != " ".join(expression.split()) and reads(rewritten):
        return f"; this is CUE, in CEL write: {rewritten}"
    named = next(_forms(expression), "")
    return f"; this looks like CUE, expressions are CEL: {named}" if named else ""


def _forms(expression: str) -> Iterator[str]:
    for pattern, said in FORMS:
        if re.search(pattern, expression):
            yield said
