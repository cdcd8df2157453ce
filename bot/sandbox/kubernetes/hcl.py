"""As much of Terraform's language as is needed to pretend: the outputs and the resources that a module names. Pure.

The values are made up, the same for the same module, and say of themselves that they are.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

OUTPUT = re.compile(r'^[ \t]*output\s+"?(?P<name>[\w-]+)"?\s*\{', re.MULTILINE)
RESOURCE = re.compile(r'^[ \t]*resource\s+"(?P<type>[\w-]+)"\s+"(?P<name>[\w-]+)"', re.MULTILINE)
VALUE = re.compile(
    r'^\s*value\s*=\s*(?:"(?P<text>[^"$]*)"|var\.(?P<variable>[\w-]+))\s*$', re.MULTILINE
)
USUAL = ("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD")


def outputs(spec: Mapping[str, Any], seed: str) -> dict[str, str]:
    """Answer the outputs of a Configuration's module, by name; `seed` tells two modules apart."""
    text, variables = str(spec.get("hcl") or ""), spec.get("variable") or {}
    found = {}
    for name, body in _blocks(text):
        value = VALUE.search(body)
        if value is not None and value["text"] is not None:
            found[name] = value["text"]
        elif value is not None and value["variable"] in variables:
            found[name] = str(variables[value["variable"]])
        else:
            found[name] = _pretended(name, seed)
    return found or {name: _pretended(name, seed) for name in USUAL}


def failure(spec: Mapping[str, Any], message: str) -> str:
    """Answer what Terraform prints when a module cannot be applied because of `message`."""
    text = str(spec.get("hcl") or "")
    resource = RESOURCE.search(text)
    if resource is None:
        return f"Error: {message}\n\n  on main.tf line 1:\n"
    line = text.count("\n", 0, resource.start("type")) + 1
    block = f'resource "{resource["type"]}" "{resource["name"]}"'
    return (
        f"Error: {message}\n\n"
        f"  with {resource['type']}.{resource['name']},\n"
        f"  on main.tf line {line}, in {block}:\n"
        f"  {line}: {block} {{\n"
    )


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the body of every output block."""
    for start in OUTPUT.finditer(text):
        depth, at = 1, start.end()
        while at < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        yield start["name"], text[start.end() : at - 1]


def _pretended(name: str, seed: str) -> str:
    lower = name.lower()
    digest = hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()
    if "port" in lower:
        return "5432"
    if any(word in lower for word in ("host", "endpoint", "address", "connection")):
        return f"pretended-{digest[:8]}.sandbox.example"
    if any(word in lower for word in ("password", "secret", "token", "key")):
        return f"pretended-{digest[:16]}"
    if "url" in lower or "domain" in lower:
        return f"https://pretended-{digest[:8]}.sandbox.example"
    return f"pretended-{lower.replace('_', '-')}-{digest[:6]}"
