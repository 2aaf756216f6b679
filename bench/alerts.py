"""Alert rules on simulated queues: how often they cry wolf in healthy hours, how soon they notice trouble.

Queues of 20 and of 100 calls in half an hour, or those of another world (`--world`); every rule sees the same calls.
`together` is what callpulse tells without a file, `default` its forecast alone, `naive` alarms below 80 % of five
minutes, `quarter` of fifteen. `onsets_per_8h`: alerts that began in eight healthy hours; `detection_min`: median
minutes until an alert, where agents are lost; `noticed`: the share of these troubles. The same seed gives the same
counts. The last line is one JSON object: rule -> queue, by its calls in half an hour -> figures, beside what the last
line of every benchmark has.
"""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
import msgspec

from bench.alert_panes import PANE_S, Panes
from bench.alert_queue import KINDS, PROFILE_S, TROUBLE_EVERY_S, Case, simulated, troubles
from bench.alert_rules import RULES, Moment, Rule
from bench.alert_scores import Health, Noticing, health, noticing, told
from bench.alert_worlds import WORLDS
from bench.figures import outcome, say
from callpulse.alerts.core.capacity import Live
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.series import series

HOURS_PER_TROUBLE = 10  # healthy ones
M5, M15 = 30, 90  # panes


@click.command()
@click.option("--hours", default=3000, show_default=True, help="Healthy hours of each queue; a tenth as many troubles.")
@click.option("--seed", default=20, show_default=True, help="The study was tuned on 1 to 3, checked on 4 to 6.")
@click.option("--rule", "names", type=click.Choice(list(RULES)), multiple=True, help="Leave the others out.")
@click.option("--world", type=click.Choice(list(WORLDS)), default="base", show_default=True, help="What is simulated.")
@click.option("--catalogue", is_flag=True, help="Live service level of the catalogue in place of misses counted at T.")
@click.option("--rounds", default=1, hidden=True, help="Taken from all benchmarks; there is one.")
def alerts(hours: int, seed: int, names: tuple[str, ...], world: str, catalogue: bool, rounds: int) -> None:
    """Measure the alert rules."""
    began, chosen = time.perf_counter(), names or tuple(RULES)
    cases = WORLDS[world]
    found = {size: compared(case, hours, f"{seed} {size}", chosen, catalogue) for size, case in cases.items()}
    for size, figures in found.items():
        for name in chosen:
            say(_line(size, name, *figures[name]))
    by_rule = {name: {size: told(*figures[name]) for size, figures in found.items()} for name in chosen}
    took_s = round(time.perf_counter() - began)
    settings = {"world": world, "hours": hours, "seed": seed, "catalogue": catalogue, "took_s": took_s}
    result = outcome("alerts", settings, dict(_figures(by_rule)))
    click.echo(msgspec.json.encode({**by_rule, **msgspec.to_builtins(result)}))


def compared(
    case: Case, hours: int, seed: str, names: Sequence[str], catalogue: bool = False
) -> Mapping[str, tuple[Health, dict[str, Noticing]]]:
    """Figures of every rule on one queue."""
    say(f"{case.calls} calls in half an hour, {case.agents} agents, {hours:,} healthy hours, seed {seed}")
    forecaster = Forecaster(case.threshold_s)
    panes = simulated(case, hours, [], f"{seed} health")
    say(f"healthy level {sum(panes.good) / sum(panes.arrivals):.1%}")
    healthy = {name: health(on, panes) for name, on in when_on(panes, names, forecaster, catalogue).items()}
    noticed: dict[str, dict[str, Noticing]] = {name: {} for name in names}
    many = max(1, hours // HOURS_PER_TROUBLE)
    for kind in KINDS:
        there = troubles(kind, many, f"{seed} {kind} begins")
        panes = simulated(case, many * TROUBLE_EVERY_S / 3600, there, f"{seed} {kind}")
        for name, on in when_on(panes, names, forecaster, catalogue).items():
            noticed[name][kind] = noticing(on, there)
    return {name: (healthy[name], noticed[name]) for name in names}


def when_on(panes: Panes, names: Sequence[str], forecaster: Forecaster, catalogue: bool) -> dict[str, bytearray]:
    """When each rule was on, pane by pane."""
    rules: list[Rule] = [RULES[name](forecaster) for name in names]
    on = [bytearray(len(panes.arrivals)) for _ in names]
    for pane, moment in enumerate(_moments(panes, catalogue)):
        for rule, noted in zip(rules, on, strict=True):
            noted[pane] = rule.on(moment)
    return dict(zip(names, on, strict=True))


def _moments(panes: Panes, catalogue: bool) -> Iterator[Moment]:
    hits, misses = series(M5, M15), series(M5, M15)
    per_profile = int(PROFILE_S / PANE_S)
    for pane, (tick, contacts) in enumerate(zip(panes.ticks(), panes.of_contacts(), strict=True)):
        hits.add(tick.hits)
        misses.add(panes.booked[pane] if catalogue else tick.misses)
        past = panes.past[pane] if catalogue else 0
        five, fifteen = (Live(h, m + past) for h, m in zip(hits.sums, misses.sums, strict=True))
        known, known_of_contacts = panes.expected[pane // per_profile], panes.expected_of_contacts[pane // per_profile]
        yield Moment(tick, known, contacts, known_of_contacts, five, fifteen, {}, catalogue)


def _figures(by_rule: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[tuple[str, list[float]]]:
    """Of each rule and queue; what was never noticed has no minutes."""
    names = {"onsets_per_8h": "onsets_per_8h", "median_detection_min": "detection_min", "noticed": "noticed"}
    for rule, sizes in by_rule.items():
        for size, figures in sizes.items():
            for name, said in names.items():
                yield f"{rule}_{size}_{said}", [] if figures[name] is None else [figures[name]]


def _line(size: str, name: str, healthy: Health, found: Mapping[str, Noticing]) -> str:
    parts = [f"{size:>4} {name:<8} {healthy.strict_per_8h:6.2f} onsets/8 h, fair {healthy.fair_per_8h:5.2f}"]
    parts.append(f"firing {100 * healthy.firing:5.1f} %")
    for kind, each in found.items():
        share = "–" if each.noticed is None else f"{100 * each.noticed:.1f} %"
        times = "–" if each.alerts is None else f"{each.alerts:.2f}"
        parts.append(f"{kind} {_when(each.median_min)}/{_when(each.p90_min)} min, {share}, alerts {times}")
    return " | ".join(parts)


def _when(minutes: float) -> str:
    return "never" if math.isinf(minutes) else f"{minutes:.1f}"


if __name__ == "__main__":
    alerts()
