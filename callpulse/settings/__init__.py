"""Every setting, typed, in one place: `callpulse.toml`, then the environment, then files named by the environment.

`CALLPULSE_KAFKA_BROKERS=…` sets `brokers` in `[kafka]`; `CALLPULSE_REDIS_URL_FILE=/run/secrets/redis` reads the value
from that file. Nothing else in the program reads the environment.
"""

from callpulse.settings.alert_rules import rules_of
from callpulse.settings.alerts import Alerts
from callpulse.settings.loading import SettingsError, load, shown, verified
from callpulse.settings.tables import Group, Kafka, QueueSettings, Settings, Site
from callpulse.settings.values import milliseconds
from callpulse.settings.variables import PREFIX

__all__ = [
    "PREFIX", "Alerts", "Group", "Kafka", "QueueSettings", "Settings", "SettingsError", "Site", "load", "milliseconds",
    "rules_of", "shown", "verified",
]  # fmt: skip
