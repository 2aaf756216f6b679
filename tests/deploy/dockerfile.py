"""What the Dockerfile says, as far as its steps can be run, and looked at, without a container engine."""

import re
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"


class Step(Struct, frozen=True):
    """An instruction: `RUN`, and what is to be run."""

    word: str
    said: str


def stages() -> dict[str, list[Step]]:
    """Name of the stage -> its steps; the last, which is the image, is named "". What stands before is left out."""
    found: dict[str, list[Step]] = {}
    for step in _steps(DOCKERFILE.read_text(encoding="utf-8")):
        if step.word == "FROM":
            name = re.search(r" AS (\w+)$", step.said)
            found[name[1] if name else ""] = []
        elif found:
            list(found.values())[-1].append(step)
    return found


def said(stage: str, word: str) -> list[str]:
    """What each instruction of the kind says, in order."""
    return [step.said for step in stages()[stage] if step.word == word]


def _steps(text: str) -> list[Step]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", lines)
    return [Step(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]
