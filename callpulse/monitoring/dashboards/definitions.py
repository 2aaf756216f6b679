"""*Definitions*: what each figure means, from the catalogue, and by which targets queues are judged."""

import re
from collections.abc import Iterable, Sequence

from grafana_foundation_sdk.models.dashboard import Panel

from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.dashboards import variables
from callpulse.monitoring.dashboards.blocks import RATIO, words
from callpulse.monitoring.dashboards.board import Board, Shelf
from callpulse.monitoring.dashboards.levels import entered
from callpulse.monitoring.dashboards.said import LETTERS
from callpulse.monitoring.dashboards.tables import Column, of_now
from callpulse.settings import Settings
from callpulse.stream.core.catalogue import CATALOGUE, FORMULAS
from callpulse.stream.metrics.names import FAMILIES

BETTER = {"up": "higher", "down": "lower", "neither": "–"}
METRICS = {family.kpi: family.name for family in FAMILIES if family.kpi}


def board(settings: Settings) -> Board:
    """Words, and the targets in force."""
    return Board(
        "callpulse-definitions",
        "Definitions",
        "What each figure means: formula, version, unit, target.",
        [variables.datasource(), variables.site(), variables.queues()],
        [
            Shelf(22, [(words("Every KPI", kpis(settings)), 16), (words("How it is counted", counted()), 8)]),
            Shelf(9, [(in_force(), 12), (words("How queues are judged", policies(settings)), 12)], "Targets"),
        ],
        refresh="",
    )


def kpis(settings: Settings) -> str:
    """The catalogue."""
    targets = targets_of(settings)
    rows = [
        (
            f"`{kpi.id}`",
            kpi.formula,
            f"v{kpi.version}",
            kpi.unit,
            BETTER[kpi.better],
            targets.get(kpi.id, ""),
            f"`{METRICS[kpi.id]}`" if kpi.id in METRICS else "",
        )
        for kpi in CATALOGUE
    ]
    return _table(("KPI", "Formula", "Version", "Unit", "Better", "Target", "Metric"), rows)


def targets_of(settings: Settings) -> dict[str, str]:
    """KPI -> what is wanted where a queue has no target of its own."""
    policy = settings.policy("")
    level = f"at least {_percent(policy.target)} within {policy.threshold_s} s"
    limits = [_percent(limit) for limit in entered(settings, "abandonment_rate")]
    return {
        "service_level": level,
        "service_level_live": level,
        "asa_s": f"at most {policy.threshold_s} s",
        "abandonment_rate": f"alerts above {', '.join(limits)}" if limits else "",
        "ledger_residual": "0",
    }


def counted() -> str:
    """What every figure has in common."""
    formulas = _table(
        ("Formula of a queue", "Service level is"), [(f"`{name}`", said) for name, said in FORMULAS.items()]
    )
    return f"""{LETTERS}

{formulas}

- Ratios and means of several queues are made of their counts, never of their ratios.
- No contact, no value: an empty cell or a gap is not 0.
- A fact that comes late corrects what was booked: the counters `…_corrected_total` say how much.
- n is how many contacts stand behind a figure; a figure of a few contacts moves much with each.
- Windows: 5m to 1h roll with the clock of the data; interval and day are of the contacts that arrived in them.
"""


def policies(settings: Settings) -> str:
    """Of each queue that has a policy of its own, and of the others."""
    named = [
        ("all others" if settings.queues else "every queue", ""),
        *((_name(queue), queue) for queue in settings.queues),
    ]
    rows = [(shown, *_policy(settings, queue)) for shown, queue in named]
    return _table(("Queue", "Target", "T", "Within", "Formula", "Short abandon"), rows)


def _policy(settings: Settings, queue: str) -> Sequence[str]:
    policy = settings.policy(queue)
    within = {"le": "≤ T", "lt": "< T"}[policy.boundary]
    times = f"{policy.threshold_s} s", f"< {policy.short_abandon_s} s"
    return _percent(policy.target), times[0], within, f"`{policy.formula}`", times[1]


def in_force() -> Panel:
    """As the workers tell it."""
    definition = f"max by ({q.BY_QUEUE}, formula, threshold) ({q.of_queues('service_level_target_ratio')})"
    return of_now(
        "Targets in force",
        "The target of each queue's service level as the workers judge it now, with its formula and threshold T (s).",
        [Column("Target", definition, RATIO, decimals=0)],
        "Target",
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """As Markdown."""
    lines = (heads, ["---"] * len(heads), *rows)
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(said: str) -> str:
    """No name of a queue may end the cell or become markup."""
    return said.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _name(queue: str) -> str:
    """Of a queue: no sign in it is Markdown, a variable of Grafana, or the end of the line."""
    return re.sub(r"[^\w\s.-]|_", lambda sign: f"&#{ord(sign[0])};", " ".join(queue.split()))


def _percent(share: float) -> str:
    """0.825 -> 82.5%"""
    return f"{round(share * 100, 2):g}%"
