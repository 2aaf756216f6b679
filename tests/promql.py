"""What stands in a PromQL expression, and which series there are at all: for rules and panels alike."""

from collections.abc import Iterator, Mapping
from functools import cache

import promql_parser
from prometheus_client import CollectorRegistry, ProcessCollector

from callpulse.alerts.metrics import FAMILIES as ALERTS
from callpulse.monitoring.recording import groups
from callpulse.settings import Settings
from callpulse.stream.metrics.family import Family
from callpulse.stream.metrics.names import FAMILIES as STREAM
from callpulse.wallboard.metrics import FAMILIES as WALLBOARD

TARGET = frozenset({"site", "job", "instance"})  # what Prometheus gives every series
OF_EVERY_TARGET = ("up", "scrape_duration_seconds", "scrape_samples_scraped")  # by Prometheus itself
OF_ALERTS = ("alertname", "alertstate", "severity", "audience", "rule", "level", "queue", "channel")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}
COUNTERS = frozenset(family.name for family in (*STREAM, *ALERTS, *WALLBOARD) if family.type == "counter")

Node = promql_parser.Expr


def parsed(expr: str) -> Node:
    """Raises ValueError where it is no PromQL."""
    return promql_parser.parse(expr)


def walked(node: Node, above: tuple[Node, ...] = ()) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """Every part of it, with what it stands in, the outermost first."""
    yield node, above
    for inner in _inside(node):
        yield from walked(inner, (*above, node))


def _inside(node: Node) -> Iterator[Node]:
    for name in ("lhs", "rhs", "expr", "param", "vector_selector"):
        found = getattr(node, name, None)
        if isinstance(found, Node) or type(found).__name__.endswith(("Expr", "Selector", "Literal", "Call")):
            yield found
    yield from getattr(node, "args", ())


def selectors(expr: str) -> list[promql_parser.VectorSelector]:
    """Every choice of series in it."""
    return [node for node, _ in walked(parsed(expr)) if isinstance(node, promql_parser.VectorSelector)]


@cache
def series() -> Mapping[str, frozenset[str]]:
    """Name -> labels, of all that a process of ours tells, Prometheus adds, or a recording rule makes."""
    found = dict.fromkeys((*OF_EVERY_TARGET, *_of_process()), TARGET)
    found["ALERTS"] = TARGET | {*OF_ALERTS}
    for family in (*STREAM, *ALERTS, *WALLBOARD):
        found |= {name: TARGET | labels for name, labels in _of_family(family)}
    for rule in (rule for group in groups(Settings()) for rule in group["rules"] if "record" in rule):
        found[rule["record"]] = labels_of(parsed(rule["expr"]), found) | set(rule.get("labels", ()))
    return found


def _of_family(family: Family) -> Iterator[tuple[str, frozenset[str]]]:
    for suffix in SUFFIXES.get(family.type, ("",)):
        yield family.name + suffix, frozenset(family.labels) | ({"le"} if suffix == "_bucket" else set())


def _of_process() -> Iterator[str]:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    yield from (sample.name for metric in registry.collect() for sample in metric.samples)


def labels_of(node: Node, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Those that the series of an expression may have: of what is in it, but what an aggregation drops."""
    if isinstance(node, promql_parser.VectorSelector):
        return known.get(node.name, frozenset())
    inner = frozenset[str]().union(*(labels_of(each, known) for each in _inside(node)))
    if isinstance(node, promql_parser.Call) and node.func.name == "label_replace":
        return inner | {node.args[1].val}
    if not isinstance(node, promql_parser.AggregateExpr) or str(node.op) in KEEPING:
        return inner
    if node.modifier is not None:
        named = frozenset(node.modifier.labels)
        return inner & named if node.modifier.type == promql_parser.AggModifierType.By else inner - named
    return frozenset()


KEEPING = ("topk", "bottomk")


def unknown(expr: str) -> list[str]:
    """A sentence for each series, label of a matcher and label of an aggregation that does not exist."""
    said = []
    for selector in selectors(expr):
        if selector.name not in series():
            said.append(f"no series is named {selector.name}")
            continue
        asked = {matcher.name for matcher in selector.matchers.matchers}
        said += [f"{selector.name} has no label {name}" for name in sorted(asked - series()[selector.name])]
        nothing = [matcher.name for matcher in selector.matchers.matchers if not matcher.value]
        said += [f"{selector.name} is asked for {name} of no value" for name in nothing]
    for node, _ in walked(parsed(expr)):
        said += _unmatched(node)
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            there = labels_of(node.expr, series())
            said += [f"{node.op} by {name}: no series in it has that label" for name in node.modifier.labels
                     if name not in there]  # fmt: skip
    return said


def _unmatched(node: Node) -> Iterator[str]:
    """`on` and `group_left` name labels that both sides have."""
    matching = node.modifier.matching if isinstance(node, promql_parser.BinaryExpr) and node.modifier else None
    if matching is not None and matching.type == promql_parser.LabelModifierType.Include:
        for side in (node.lhs, node.rhs):
            there = labels_of(side, series())
            yield from (f"on {name}: {side} has no such label" for name in matching.labels if name not in there)
