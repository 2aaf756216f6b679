"""What Prometheus is given: its recording rules."""

from callpulse.monitoring import recording
from callpulse.monitoring.as_yaml import document
from callpulse.settings import Settings


def files(settings: Settings) -> dict[str, str]:
    """Path -> text."""
    return {"prometheus/recording.yml": document({"groups": recording.groups(settings)})}
