"""What a worker's /metrics says, by name."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

from tests.line import Line


class Told:
    """One scrape."""

    def __init__(self, text: str) -> None:
        self._samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def samples(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        """(labels, value) of each series."""
        return ((dict(each.labels), each.value) for each in self._samples if each.name == name)

    def value(self, name: str, **labels: str) -> float:
        """Of the one series that has these labels."""
        (found,) = (value for each, value in self.samples(name) if labels.items() <= each.items())
        return found


def told_by(line: Line) -> Told:
    """The newest worker."""
    status, text = line.get("/metrics")
    assert status == 200, line.log()
    return Told(text)
