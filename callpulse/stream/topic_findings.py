"""What is wrong with the topics of a cluster, in sentences: topics with the same fault share one."""

import enum
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

TOPIC = "TOPIC"  # in an advice: the name of the topic


class Severity(enum.StrEnum):
    """An error makes numbers wrong or stops the worker; a warning takes away a guarantee."""

    ERROR = "error"
    WARNING = "warning"


class Finding(Struct, frozen=True):
    """What about a topic is not as it has to be, and what to do about it; TOPIC in `advice` stands for its name."""

    topic: str
    what: str
    expected: str
    found: str
    advice: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        advice = self.advice.replace(TOPIC, self.topic)
        return f"{self.topic}: {self.what} is {self.found}, expected {self.expected}. {advice}"


def together(findings: Iterable[Finding]) -> list[tuple[Severity, str]]:
    """A sentence for each fault, with all topics that have it, in the order in which the faults were found."""
    alike: dict[Finding, list[str]] = {}
    for finding in findings:
        alike.setdefault(replace(finding, topic=""), []).append(finding.topic)
    return [(fault.severity, _sentence(fault, names)) for fault, names in alike.items()]


def _sentence(fault: Finding, names: list[str]) -> str:
    sentence = str(replace(fault, topic=names[0] if len(names) == 1 else TOPIC))
    return sentence if len(names) == 1 else sentence.replace(TOPIC, ", ".join(names), 1)
