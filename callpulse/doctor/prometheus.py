"""Whether Prometheus scrapes us, and has our rules: three questions, and what their answers say."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from callpulse.doctor.finding import Finding, fail, listed, ok, skip, warn
from callpulse.doctor.http import FINE, Answer, ask, session, shown
from callpulse.monitoring import floor, operations, recording
from callpulse.settings import Settings

ABOUT = "prometheus"
UP, BUILD = 'up{job=~"callpulse.*"}', "callpulse_build_info"
SCRAPE = "Give it our scrape configuration and start it again: callpulse generate makes prometheus/prometheus.yml"


class Target(Struct, frozen=True):
    """One that is scraped."""

    job: str
    instance: str
    up: bool


class Seen(Struct, frozen=True):
    """`trouble`: why nothing could be asked. `targets`: whose job is named as ours; `telling`: how many instances tell
    callpulse_build_info. `rules`: name -> its last error, "" where it is well. `alertmanagers`: that it tells."""

    where: str
    trouble: str = ""
    targets: tuple[Target, ...] = ()
    telling: int = 0
    rules: Mapping[str, str] = {}
    alertmanagers: int = 0


class _Series(Struct):
    """Of an answer to a query."""

    metric: dict[str, str]
    value: tuple[float, str]


class _Rule(Struct):
    name: str
    lastError: str = ""  # noqa: N815 - Prometheus's name


class _Group(Struct):
    rules: list[_Rule] = []


T = TypeVar("T")


async def look_at_prometheus(url: str) -> Seen:
    """Never fails."""
    base, where = url.rstrip("/"), shown(url)
    async with session() as one:
        ups = await ask(one, f"{base}/api/v1/query", query=UP)
        if ups.status != FINE or not _of(ups.told, "result", list):
            empty = ups.status == FINE and isinstance(_data(ups.told), dict)
            if not empty:
                return Seen(where, f"Prometheus at {where} {_refusal(ups)}")
        builds = await ask(one, f"{base}/api/v1/query", query=BUILD)
        rules = await ask(one, f"{base}/api/v1/rules")
        managers = await ask(one, f"{base}/api/v1/alertmanagers")
    return Seen(
        where=where,
        targets=tuple(map(_target, _shaped(_of(ups.told, "result", list), _Series))),
        telling=len([*_shaped(_of(builds.told, "result", list), _Series)]),
        rules={
            rule.name: rule.lastError
            for group in _shaped(_of(rules.told, "groups", list), _Group)
            for rule in group.rules
        },
        alertmanagers=len(_of(managers.told, "activeAlertmanagers", list)),
    )


def prometheus_findings(seen: Seen | None, expected: Mapping[str, str]) -> Iterator[Finding]:
    """`expected`: names of our rules -> the file that has them. None: no Prometheus is named."""
    if seen is None:
        yield skip(ABOUT, "none is named", "To have it checked: --prometheus URL, or monitoring.prometheus_url")
        return
    if seen.trouble:
        yield fail(ABOUT, seen.trouble, "Is it up, and is monitoring.prometheus_url (or --prometheus) right?")
        return
    yield from _scraping(seen)
    yield from _rules(seen, expected)
    if not seen.alertmanagers:
        yield warn(
            ABOUT,
            "it tells no Alertmanager, so that its alerts reach nobody",
            "Name one under alerting: in its configuration",
        )


def _refusal(answer: Answer) -> str:
    if not answer.status:
        return f"does not answer ({answer.said})"
    return f"answers with {answer.status}" if answer.status != FINE else "answers, but not as Prometheus does"


def _scraping(seen: Seen) -> Iterator[Finding]:
    down = [f"{each.instance} ({each.job})" for each in seen.targets if not each.up]
    if down:
        yield fail(
            ABOUT,
            f"{seen.where} does not reach {listed(down)}",
            "Is it running, is its host (of metrics, alerts, wallboard) an address that Prometheus reaches, and is the "
            "port open?",
        )
    if not seen.telling:
        yield fail(ABOUT, f"{seen.where} has nothing of callpulse", SCRAPE)
    elif not down:
        yield ok(ABOUT, f"{seen.where} scrapes {seen.telling} process{'es' * (seen.telling != 1)} of callpulse")


def _rules(seen: Seen, expected: Mapping[str, str]) -> Iterator[Finding]:
    missing = [name for name in expected if name not in seen.rules]
    failing = [name for name in expected if seen.rules.get(name)]
    if missing:
        files = listed(dict.fromkeys(expected[name] for name in missing))
        yield warn(
            ABOUT,
            f"{len(missing)} of our {len(expected)} rules are not loaded: {listed(missing)}",
            f"Name {files} under rule_files (callpulse generate makes them), and reload it",
        )
    if failing:
        yield fail(ABOUT, f"{listed(failing)}: {seen.rules[failing[0]]}", "Make the rules anew: callpulse generate")
    if expected and not missing and not failing:
        yield ok(ABOUT, f"all {len(expected)} rules are loaded")


def rule_names(settings: Settings) -> dict[str, str]:
    """Name of each of our rules -> the file of `callpulse generate` that has it; known also where what makes the files
    is not installed."""
    recorded = [rule["record"] for group in recording.groups(settings) for rule in group["rules"]]
    alerts = [alert.name for alert in (*operations.alerts(settings), *floor.alerts(settings))]
    return dict.fromkeys(recorded, "prometheus/recording.yml") | dict.fromkeys(alerts, "prometheus/alerts.yml")


def _target(series: _Series) -> Target:
    return Target(series.metric.get("job", "?"), series.metric.get("instance", "?"), series.value[1] == "1")


def _shaped(found: list[Any], shape: type[T]) -> Iterator[T]:
    """Those that look as Prometheus has them; what stands there may be no Prometheus."""
    for each in found:
        with contextlib.suppress(msgspec.ValidationError):
            yield msgspec.convert(each, shape)


def _data(told: Any) -> Any:
    return told.get("data") if isinstance(told, dict) else None


def _of(told: Any, key: str, kind: type) -> Any:
    """What stands in `data`; empty where an answer has another shape."""
    data = _data(told)
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, kind) else kind()
