"""Writes what the documents take from the code, between `<!-- NAME: generated -->` and `<!-- end -->`.

    .venv/bin/python docs/generate.py

A test holds that it would change nothing.
"""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from callpulse.alerts.core.defaults import DEFAULT_RULES
from callpulse.alerts.core.rule_words import capacity_sentences, sentence
from callpulse.alerts.core.subjects import SUBJECTS
from callpulse.alerts.metrics import FAMILIES as ALERT_FAMILIES
from callpulse.current.keys import Keys
from callpulse.edges.rights import NEEDS, REDIS_RULES, Right, kafka_rights, redis_rules
from callpulse.stream.core import catalogue, diagram, kpis, tally
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, LOST
from callpulse.stream.core.kpis import Part, Policy
from callpulse.stream.metrics.names import BY_NAME, FAMILIES
from callpulse.stream.topic_list import DAY_MS, TOPICS
from callpulse.wallboard.metrics import FAMILIES as WALL_FAMILIES

ROOT = Path(__file__).parents[1]
DOCUMENTS = (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")))
BLOCK = re.compile(r"(<!-- ([a-z ]+): generated -->\n).*?(<!-- end -->)", re.DOTALL)
OUTCOMES = {ANSWERED: "answered", ABANDONED: "abandoned", EXITED: "exited", LOST: "lost"}


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    lines = [list(heads)]
    lines.append(["---"] * len(lines[0]))
    lines.extend(list(row) for row in rows)
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def kpi_table() -> str:
    """Every KPI of the catalogue."""
    rows = ((f"`{kpi.id}`", kpi.formula, kpi.unit, kpi.better) for kpi in catalogue.CATALOGUE)
    return table(("id", "formula", "unit", "better"), rows)


def formula_table() -> str:
    """The six formulas, each computed from one and the same tally."""
    found = kpis.figures([Part(example(), Policy())])
    rows = (
        (f"`{name}`", formula, f"{100 * (found[f'service_level.{name}.20'].value or 0):.2f} %")
        for name, formula in catalogue.FORMULAS.items()
    )
    return table(("id", "formula", "example"), rows)


def example() -> tally.Tally:
    """A = 1000, A_T = 860, B = 60, B_T = 20, B_s = 10, X = 0; T = 20 s, short is less than 5 s."""
    made: tally.Tally = {}
    for kind, wait_s, times in (
        (ANSWERED, 10, 860), (ANSWERED, 30, 140), (ABANDONED, 2, 10), (ABANDONED, 10, 10), (ABANDONED, 30, 40),
    ):  # fmt: skip
        tally.add(made, tuple((key, times * amount) for key, amount in tally.outcome_items(kind, wait_s * 1000, "", 0)))
    return made


def redis_users() -> str:
    """A user for each process."""
    rules = ((name, redis_rules(name, Keys("main").prefix)) for name in REDIS_RULES)
    lines = (f"ACL SETUSER callpulse-{name} reset on >PASSWORD {' '.join(each)}\n" for name, each in rules)
    return f"```text\n{''.join(lines)}```\n"


def rights_table() -> str:
    """What each process needs in Kafka."""
    ways = {"source": "`callpulse source`, `replay`, `simulate`", "wallboard": "`callpulse alert`, `wallboard`",
            "backtest": "`callpulse backtest --from-topic`", "rejected": "`callpulse rejected`"}  # fmt: skip
    rows = ((ways.get(name, f"`callpulse {name}`"), *_rights_told(kafka_rights(name, "callpulse"))) for name in NEEDS)
    return table(("process", "topics", "group"), rows)


def _rights_told(rights: Iterable[Right]) -> list[str]:
    """Of topics, of groups: `Read, Write: NAME, NAME; …`"""
    by: dict[str, dict[str, list[str]]] = {"topic": {}, "group": {}}
    for right in rights:
        names = by[right.kind].setdefault(", ".join(right.operations), [])
        names.append(f"`{right.name}{'*' * right.prefixed}`")
    return ["; ".join(f"{each}: {', '.join(names)}" for each, names in of.items()) or "–" for of in by.values()]


def topic_table() -> str:
    """What `callpulse topics` creates."""
    rows = (
        (
            f"`callpulse.{topic.short}`",
            topic.key,
            "N" if topic.spread else "1",
            topic.configs["cleanup.policy"] + _kept(topic.configs),
            topic.configs.get("message.timestamp.type", "–"),
        )
        for topic in TOPICS
    )
    return table(("topic", "key", "partitions", "policy", "timestamp"), rows)


def _kept(configs: Mapping[str, str]) -> str:
    kept = configs.get("retention.ms")
    return f", {int(kept) // DAY_MS} days" if kept else ""


def tally_table() -> str:
    """What the numbers in a tally mean."""
    return table(("key", "what", "unit"), ((str(key), what, unit) for key, what, unit in sorted(tally_keys())))


def tally_keys() -> Iterator[tuple[int, str, str]]:
    """(key, what, unit) of everything but the histograms."""
    yield from (
        (tally.OFFERED, "offered", "visits"),
        (tally.HANDLED, "handled", "visits"),
        (tally.TRANSFERRED, "handled, ended by transfer", "visits"),
        (tally.TALK_MS, "talk of handled", "ms"),
        (tally.HOLD_MS, "hold of handled", "ms"),
        (tally.WRAP_UP_MS, "wrap-up of handled", "ms"),
        (tally.HANDLE_MS_SQUARED, "(talk + hold + wrap-up)² of handled", "ms²"),
        (tally.UNMATCHED, "unmatched", "outcomes"),
        (tally.CUSTOMER_WAIT_COUNT, "answered whose ivr_s is known", "visits"),
        (tally.CUSTOMER_WAIT_MS, "ivr_s + wait of those", "ms"),
        (tally.NOT_OFFERED_COUNT, "not offered", "contacts"),
    )
    for kind, name in OUTCOMES.items():
        yield tally.COUNT_KEY[kind], name, "visits"
        yield tally.WAIT_MS_KEY[kind], f"wait of {name}", "ms"
        yield tally.WAIT_MS_SQUARED_KEY[kind], f"wait² of {name}", "ms²"
    for keys, what, unit in (
        (tally.EXITED_KEY, "exited, cause", "visits"),
        (tally.LOST_KEY, "lost, why", "visits"),
        (tally.NOT_OFFERED_KEY, "not offered, why", "contacts"),
        (tally.AGENT_MS_KEY, "agents' time in state", "ms"),
    ):
        yield from ((key, f"{what} `{word}`", unit) for word, key in keys.items())


def alert_family_table() -> str:
    """The metric families of the alerts worker."""
    rows = ((f"`{each.name}`", each.type, ", ".join(each.labels) or "–", each.help) for each in ALERT_FAMILIES)
    return table(("name", "type", "labels", "meaning"), rows)


def wallboard_family_table() -> str:
    """The metric families of the wallboard."""
    rows = ((f"`{each.name}`", each.type, ", ".join(each.labels) or "–", each.help) for each in WALL_FAMILIES)
    return table(("name", "type", "labels", "meaning"), rows)


def family_table() -> str:
    """Every metric family of the worker; a counter's or histogram's twin is a mark in its row."""
    rows = (
        (
            f"`{family.name}`",
            family.type + (" ⇄" if _twin(family.name) in BY_NAME else ""),
            ", ".join(family.labels) or "–",
            family.help,
        )
        for family in FAMILIES
        if "_corrected_" not in family.name
    )
    return table(("name", "type", "labels", "meaning"), rows)


def _twin(name: str) -> str:
    stem, _, ending = name.rpartition("_")
    return f"{stem}_corrected_{ending}"


def printed(*arguments: str) -> str:
    """What a command prints where nobody looks, 80 characters wide."""
    environment = {"PATH": os.defpath, "COLUMNS": "80", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "callpulse", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)  # noqa: S603 - ours
    return f"```\n{done.stdout.decode()}```\n"


def check_queue_log() -> str:
    """`callpulse check` of the recorded log."""
    return printed("check", "--by", "all", "examples/asterisk/queue_log")


def faust_table() -> str:
    """What of Faust, mode and aiokafka is replaced, extended or relied on, and the versions that were read."""
    listed = tomllib.loads((ROOT / "docs" / "faust.toml").read_text(encoding="utf-8"))
    versions = ", ".join(f"{package} {version}" for package, version in listed["checked"].items())
    rows = (
        (f"`{part['theirs'].partition(':')[2]}`", part["how"], f"`{part['ours']}`", part["because"])
        for part in listed["part"]
    )
    return f"Checked against {versions}.\n\n" + table(("theirs", "is", "by", "because"), rows)


def default_rules() -> str:
    """The alerts that are on without a file, at 80 %."""
    sentences = [*capacity_sentences(0.8), *(sentence(rule, 0.8) for rule in DEFAULT_RULES)]
    named = (told.partition(": ") for told in sentences)
    return "\n" + "".join(f"- **{name}**: {rest}.\n" for name, _, rest in named) + "\n"


def subject_table() -> str:
    """What a rule can be about, KPIs with the same windows together."""
    alike: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for subject in SUBJECTS.values():
        counted = {"contacts": "wilson, min_n" if subject.unit == "ratio" else "min_n", "seconds": "min_n", None: "–"}
        alike.setdefault((subject.windows, counted[subject.behind]), []).append(f"`{subject.id}`")
    rows = ((", ".join(ids), ", ".join(windows), evidence) for (windows, evidence), ids in alike.items())
    return table(("KPI", "windows", "evidence"), rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "default rules": default_rules,
    "rule subjects": subject_table,
    "check queue log": check_queue_log,
    "life cycle": lambda: diagram.block().partition("\n")[2].removesuffix(diagram.END),
    "catalogue": kpi_table,
    "formulas": formula_table,
    "topics": topic_table,
    "kafka rights": rights_table,
    "redis users": redis_users,
    "tally keys": tally_table,
    "alert families": alert_family_table,
    "wallboard families": wallboard_family_table,
    "metric families": family_table,
    "faust": faust_table,
}


def renewed(text: str) -> str:
    """The text with every generated block as the code has it. Raises KeyError for a block that nothing generates."""
    return BLOCK.sub(lambda found: found[1] + BLOCKS[found[2]]() + found[3], text)


def main() -> None:
    for path in DOCUMENTS:
        path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
