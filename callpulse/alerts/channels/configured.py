"""The channels that the settings name."""

from typing import NamedTuple

from msgspec.structs import asdict

from callpulse.alerts.channels.alertmanager import Alertmanager
from callpulse.alerts.channels.apprise import Apprise
from callpulse.alerts.channels.channel import Address
from callpulse.alerts.channels.pagerduty import PagerDuty
from callpulse.alerts.channels.webhook import Webhook
from callpulse.alerts.heartbeat import Heartbeat
from callpulse.settings.alerts import Alerts
from callpulse.settings.channels import CHANNELS
from callpulse.settings.values import Language, milliseconds

ADDRESSES: dict[str, type[Address]] = {
    "alertmanager": Alertmanager,
    "pagerduty": PagerDuty,
    "webhook": Webhook,
    "apprise": Apprise,
}
KINDS = {shape: kind for kind, shape in CHANNELS.items()}


class Configured(NamedTuple):
    """A channel: where it goes, of which audiences it tells (none named: of all), in which language."""

    address: Address
    audiences: tuple[str, ...]
    language: Language

    def tells(self, audience: str) -> bool:
        """Whether those hear by this channel what is for `audience`."""
        return not self.audiences or audience in self.audiences


def configured(alerts: Alerts, language: Language) -> dict[str, Configured]:
    """By name; `language` = that of the site."""
    found = {}
    for name, channel in alerts.channels.items():
        shape = ADDRESSES[KINDS[type(channel)]]
        fields = {key: value for key, value in asdict(channel).items() if key in shape.__struct_fields__}
        found[name] = Configured(shape(**fields), channel.audiences, channel.language or alerts.language or language)
    return found


def heartbeat_of(alerts: Alerts) -> Heartbeat | None:
    """Where a sign of life is shown; None = nowhere."""
    table = alerts.heartbeat
    if table is None:
        return None
    return Heartbeat(url=table.url, every_s=milliseconds(table.every) / 1000, timeout_s=table.timeout_s)
