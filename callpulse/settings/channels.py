"""`[alerts.channels.NAME]` and `[alerts.heartbeat]`: where alerts go. URLs and keys are secrets, and are never shown.

The fields are those of callpulse/alerts/channels, and tellers.py makes channels of them; `…_file` names a file with the
value.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from callpulse.settings.values import Duration, Language, Table

Seconds = Annotated[float, Meta(gt=0, le=60)]


class _Told(Table, frozen=True, kw_only=True, tag_field="kind"):
    """`audiences`: of which rules; () = of all. `language`: None = that of alerts."""

    audiences: tuple[str, ...] = ()
    language: Language | None = None
    timeout_s: Seconds = 10.0

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> Any:
        yield "…"


class Alertmanager(_Told, frozen=True, kw_only=True, tag="alertmanager"):
    """`urls`: of every member of the cluster."""

    urls: Annotated[tuple[str, ...], Meta(min_length=1)]
    resend_s: Annotated[float, Meta(ge=15, le=60)] = 30.0


class PagerDuty(_Told, frozen=True, kw_only=True, tag="pagerduty"):
    """`routing_key`: the integration key of a service. European accounts have another `url`."""

    routing_key: Annotated[str, Meta(pattern=r"^\w{32}$", description="an integration key of 32 letters and digits")]
    routing_key_file: str = ""
    url: str = "https://events.pagerduty.com/v2/enqueue"
    url_file: str = ""


class Webhook(_Told, frozen=True, kw_only=True, tag="webhook"):
    """With a `secret` it is signed."""

    url: str
    url_file: str = ""
    secret: str = ""
    secret_file: str = ""


class Apprise(_Told, frozen=True, kw_only=True, tag="apprise"):
    """`url` as the library apprise writes them."""

    url: str
    url_file: str = ""
    format: Literal["text", "markdown", "html"] = "text"


class Heartbeat(Table, frozen=True, kw_only=True):
    """`url` is asked for `every` so often while all is well, for a service that raises the alarm when nobody asks."""

    url: str
    url_file: str = ""
    every: Duration = "30s"
    timeout_s: Seconds = 10.0

    def __repr__(self) -> str:
        return "Heartbeat(…)"

    def __rich_repr__(self) -> Any:
        yield "…"


Channel = Alertmanager | PagerDuty | Webhook | Apprise
CHANNELS: dict[str, type[Channel]] = {
    "alertmanager": Alertmanager,
    "pagerduty": PagerDuty,
    "webhook": Webhook,
    "apprise": Apprise,
}


def kind_of(raw: Any) -> str:
    """As the table says it, whether there is such a kind or not."""
    return str(raw.get("kind")) if isinstance(raw, dict) else ""
