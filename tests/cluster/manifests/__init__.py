"""Objects as kube-apiserver 1.34 answered them, without their managedFields."""

import json
from functools import cache
from pathlib import Path

from bot.cluster.port import Manifest

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(each.stem for each in FOLDER.glob("*.json")))


@cache
def read(name: str) -> Manifest:
    """Answer one of them."""
    found: Manifest = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found
