"""What a dashboard must keep to, by the names that grafana/dashboard-linter gives its rules where it has one; what it
does not have is named in its way. Each looks at one dashboard and says a sentence for every fault.

Left out, with reasons: target-job-rule and target-instance-rule (and template-job-rule, template-instance-rule) but on
the dashboard Operations: a queue is no matter of one process, and `callpulse_` is in the name of every series.
"""

import re
from collections.abc import Callable, Iterator
from itertools import combinations

import promql_parser
from grafana_foundation_sdk.models import units

from callpulse.stream.metrics.family import PREFIX
from callpulse.stream.metrics.names import KPIS, VISITS
from tests.monitoring.boards import Json, panels, plain, queries, targets, variables
from tests.promql import COUNTERS, Node, parsed, unknown, walked

UNITS = frozenset(value for name, value in vars(units).items() if not name.startswith("_") and isinstance(value, str))
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
OF_QUEUES, OF_PROCESSES = ("site", "queue"), ("site", "job", "instance")
LASTING = frozenset(family.name for twins in VISITS for family in twins)  # counters that a restart does not set back
READ_AS_THEY_ARE = {"callpulse_kafka_losses_total": "a restart of the worker is how a loss is acknowledged"}
OF_SITE_ALONE = {
    "callpulse_event_time_seconds": "how far the data reaches is a matter of partitions, which all queues share",
    "ALERTS": "an alert of Prometheus is of a process, a queue or neither",
}
DIVIDED = frozenset(family.name for family in KPIS)
GROWTH = {"rate": ("$__rate_interval",), "irate": ("$__rate_interval",), "increase": ("$__rate_interval", "$__range")}
SCREEN = 22  # units of the grid on 1080 lines, below Grafana's own head
Said = Iterator[str]


def template_datasource_rule(board: Json) -> Said:
    """A variable `datasource` of type prometheus comes first, and means whatever is Grafana's default."""
    first = board["templating"]["list"][0]
    if (first["name"], first["type"], first["query"], first["label"]) != (
        "datasource",
        "datasource",
        "prometheus",
        "Data source",
    ):
        yield f"the first variable is {first['name']}, expected datasource"
    elif first["current"]["value"] != "default":
        yield "datasource is not default at first"


def template_required_variables_rule(board: Json) -> Said:
    """There is a site to choose, and queues or processes."""
    names = set(variables(board))
    wanted = OF_PROCESSES if board["uid"] == "callpulse-operations" else OF_QUEUES
    yield from (f"no variable {name}" for name in wanted if name not in names)


def template_label_promql_rule(board: Json) -> Said:
    """Each variable of labels asks for a label that its series have."""
    for name, variable in variables(board).items():
        if variable["type"] == "query":
            asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"])
            if asked is None:
                yield f"{name}: {variable['query']} is no label_values(series, label)"
            else:
                yield from (f"{name}: {said}" for said in unknown(f"max by ({asked[2]}) ({asked[1]})"))


def template_on_time_change_reload_rule(board: Json) -> Said:
    """What can be chosen follows the time that is shown."""
    yield from (
        f"{name} is not asked again when the time changes"
        for name, variable in variables(board).items()
        if variable["type"] == "query" and variable["refresh"] != 2
    )


def template_unused_rule(board: Json) -> Said:
    """Every variable is used by a panel or another variable."""
    used = [target["expr"] + str(panel["datasource"]) for panel, target in targets(board)]
    used += [str(variable.get("query")) for variable in variables(board).values()]
    yield from (f"{name} is used nowhere" for name in variables(board)
                if not any(re.search(rf"\$\{{?{name}\b", each) for each in used))  # fmt: skip


def template_used_but_unknown(board: Json) -> Said:
    """And nothing is used that is no variable."""
    known = {*variables(board), "__rate_interval", "__range"}
    for panel, target in targets(board):
        for name in re.findall(r"\$\{?(\w+)", target["expr"] + target["legendFormat"]):
            if name not in known:
                yield f"{panel['title']}: ${name} is no variable"


def panel_datasource_rule(board: Json) -> Said:
    """Each panel and query uses the chosen data source."""
    yield from (f"{panel['title']} names a data source" for panel in panels(board) if panel["datasource"] != SOURCE)
    yield from (
        f"{panel['title']} {target['refId']} names a data source"
        for panel, target in targets(board)
        if target["datasource"] != SOURCE
    )


def panel_title_description_rule(board: Json) -> Said:
    """Each panel has both."""
    for panel in panels(board):
        if not panel.get("title") or len(panel.get("description", "")) < 10:
            yield f"panel {panel['id']} ({panel.get('title')}) has no title or no description"
    yield from (f"{p['type']} {p['id']} has no title" for p in board["panels"] if not p.get("title"))


def panel_units_rule(board: Json) -> Said:
    """Each panel, and each column of a table, has a unit that Grafana knows."""
    for panel in panels(board):
        fields = panel["fieldConfig"]
        said = [each["value"] for override in fields["overrides"] for each in override["properties"]
                if each["id"] == "unit"]  # fmt: skip
        yield from (f"{panel['title']}: no unit {unit}" for unit in (fields["defaults"].get("unit"), *said)
                    if unit not in UNITS)  # fmt: skip


def panel_no_targets_rule(board: Json) -> Said:
    """Each panel of data asks for something."""
    yield from (f"{panel['title']} asks for nothing" for panel in panels(board) if not panel["targets"])


def target_promql_rule(board: Json) -> Said:
    """Each query is PromQL."""
    for where, expr in queries(board):
        try:
            parsed(expr)
        except ValueError as error:
            yield f"{where}: {error}"


def element_reference_rule(board: Json) -> Said:
    """Each series, label and column that is named exists."""
    for where, expr in queries(board):
        yield from (f"{where}: {said}" for said in unknown(expr))
    for panel in panels(board):
        names = {target["legendFormat"] for target in panel["targets"]} | set(_columns(panel).values())
        named = [override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]]
        named += [each["displayName"] for each in panel["options"].get("sortBy", ())]
        yield from (f"{panel['title']} has nothing named {name}" for name in named if name not in names)


def _columns(panel: Json) -> dict[str, str]:
    order = [each["options"] for each in panel.get("transformations", ()) if each["id"] == "organize"]
    return order[0]["renameByName"] if order else {}


def target_rate_interval_rule(board: Json) -> Said:
    """A rate is over `$__rate_interval`; what has grown in the time shown, over `$__range`."""
    for panel, target in targets(board):
        for function, over in re.findall(r"\b(\w+)\(\w+\{[^}]*\}\[([^\]]+)\]", target["expr"]):
            if over not in GROWTH.get(function, (over,)):
                yield f"{panel['title']} {target['refId']}: {function} over {over}"


def target_counter_agg_rule(board: Json) -> Said:
    """A counter is read through rate or increase, but where it survives restarts: there differences are exact."""
    for where, expr in queries(board):
        for node, above in walked(parsed(expr)):
            if isinstance(node, promql_parser.VectorSelector) and node.name in COUNTERS - LASTING:
                growing = any(isinstance(each, promql_parser.Call) and each.func.name in GROWTH for each in above)
                if not growing and node.name not in READ_AS_THEY_ARE:
                    yield f"{where}: {node.name} as it is"


def target_histogram_rule(board: Json) -> Said:
    """Buckets are added up by `le`, and never told apart by anything else alone."""
    for where, expr in queries(board):
        for node, above in walked(parsed(expr)):
            if isinstance(node, promql_parser.VectorSelector) and (node.name or "").endswith("_bucket"):
                added = [each for each in above if isinstance(each, promql_parser.AggregateExpr)]
                if not any(each.modifier and "le" in each.modifier.labels for each in added):
                    yield f"{where}: {node.name} is not added up by le"


def target_required_matchers_rule(board: Json) -> Said:
    """Each choice of series follows the chosen site, and queues or processes."""
    usual = OF_PROCESSES if board["uid"] == "callpulse-operations" else OF_QUEUES
    for where, expr in queries(board):
        for node, _ in walked(parsed(expr)):
            if isinstance(node, promql_parser.VectorSelector):
                wanted = usual[:1] if node.name in OF_SITE_ALONE else usual
                found = {matcher.name: matcher for matcher in node.matchers.matchers}
                for name in wanted:
                    matcher = found.get(name)
                    if matcher is None or str(matcher.op) != "MatchOp.Re" or f"${name}" not in matcher.value:
                        yield f'{where}: {node.name} without {name}=~"${name}"'


def legend_rule(board: Json) -> Said:
    """Each query says what its series are called, and its labels are those that are left."""
    for panel, target in targets(board):
        legend = target.get("legendFormat", "")
        if not legend or legend == "__auto":
            yield f"{panel['title']} {target['refId']} has no legend"
        for label in re.findall(r"\{\{(\w+)\}\}", legend):
            yield from (f"{panel['title']} {target['refId']}: {said}"
                        for said in unknown(f"max by ({label}) ({plain(target['expr'])})"))  # fmt: skip


def uneditable_dashboard(board: Json) -> Said:
    """What is changed by hand would be lost at the next start."""
    if board["editable"]:
        yield "can be edited"


def dashboard_refresh_interval(board: Json) -> Said:
    """Not more often than Prometheus asks us."""
    if board["refresh"] not in ("", "15s", "1m"):
        yield f"refreshes every {board['refresh']}"


def unique_ids(board: Json) -> Said:
    """Of panels, their titles, and the queries of each."""
    titles = [panel["title"] for panel in panels(board)]
    yield from (f"{each} is the title of two panels" for each in {each for each in titles if titles.count(each) > 1})
    ids = [panel["id"] for panel in board["panels"]]
    yield from (f"panel id {each} stands twice" for each in {each for each in ids if ids.count(each) > 1})
    for panel in panels(board):
        refs = [target["refId"] for target in panel["targets"]]
        if len(set(refs)) < len(refs):
            yield f"{panel['title']}: a refId stands twice"


def no_overlap(board: Json) -> Said:
    """Panels lie beside each other, within 24 columns."""
    for panel in board["panels"]:
        place = panel["gridPos"]
        if place["x"] < 0 or place["x"] + place["w"] > 24 or min(place["w"], place["h"]) < 1:
            yield f"{panel['title']} lies outside"
    for one, other in combinations(board["panels"], 2):
        a, b = one["gridPos"], other["gridPos"]
        if (
            a["x"] < b["x"] + b["w"]
            and b["x"] < a["x"] + a["w"]
            and a["y"] < b["y"] + b["h"]
            and b["y"] < a["y"] + a["h"]
        ):
            yield f"{one['title']} lies on {other['title']}"


def first_screen(board: Json) -> Said:
    """Nothing is cut by the lower edge of a screen of 1080 lines, and no line of panels ends early."""
    for panel in board["panels"]:
        place = panel["gridPos"]
        if place["y"] < SCREEN < place["y"] + place["h"]:
            yield f"{panel['title']} is cut by the edge of the first screen"
    for top in {panel["gridPos"]["y"] for panel in board["panels"]}:
        if sum(panel["gridPos"]["w"] for panel in board["panels"] if panel["gridPos"]["y"] == top) != 24:
            yield f"the line of panels at {top} is not full"


def ratio_from_counts(board: Json) -> Said:
    """No ratio or mean is averaged, or added up otherwise than as value times n."""
    for where, expr in queries(board):
        for node, _ in walked(parsed(expr)):
            said = _averaged(node)
            if said:
                yield f"{where}: {said}"
    yield from (f"{panel['title']}: the legend averages" for panel in panels(board)
                if "mean" in str(panel["options"].get("legend", {}).get("calcs", "")))  # fmt: skip


def _averaged(node: Node) -> str:
    if isinstance(node, promql_parser.Call) and node.func.name in ("avg_over_time", "quantile_over_time"):
        return node.func.name
    if not isinstance(node, promql_parser.AggregateExpr):
        return ""
    op, names = str(node.op), {each.name for each, _ in walked(node) if isinstance(each, promql_parser.VectorSelector)}
    if op in ("avg", "quantile"):
        return op
    added = op == "sum" and names & DIVIDED
    return f"adds up {', '.join(sorted(names & DIVIDED))}" if added and PREFIX + "kpi_visits" not in names else ""


def nothing_is_not_zero(board: Json) -> Said:
    """What is not there is said to be no data, no line is drawn over a gap, and 0 comes from who knows that it is 0."""
    for panel in panels(board):
        defaults = panel["fieldConfig"]["defaults"]
        if defaults.get("noValue") != "no data":
            yield f"{panel['title']} shows something else than no data"
        if defaults.get("custom", {}).get("spanNulls", False):
            yield f"{panel['title']} draws over gaps"
    for where, expr in queries(board):
        for node, _ in walked(parsed(expr)):
            if isinstance(node, promql_parser.Call) and node.func.name in ("vector", "absent"):
                yield f"{where}: {node.func.name}"
            if isinstance(node, promql_parser.BinaryExpr) and str(node.op) == "or" and not _knows(node):
                yield f"{where}: or {node.rhs}"


def _knows(either: promql_parser.BinaryExpr) -> bool:
    """What stands for what is absent: 0 from a series that says that there is none, or the same series at another
    time."""
    one, other = ({each.name for each, _ in walked(side) if isinstance(each, promql_parser.VectorSelector)}
                  for side in (either.lhs, either.rhs))  # fmt: skip
    return str(either.rhs).startswith("0 * max") or one == other


def stale_is_not_fresh(board: Json) -> Said:
    """A figure of now is asked for now."""
    for panel, target in targets(board):
        now = panel["type"] == "stat" or (panel["type"] == "table" and not panel.get("interval"))
        if now and (not target["instant"] or target["range"]):
            yield f"{panel['title']} {target['refId']} shows the last of what was"
        if panel["type"] == "stat" and panel["options"]["graphMode"] != "none":
            yield f"{panel['title']} shows a picture of one figure"


def links_lead_somewhere(board: Json) -> Said:
    """To each of the other dashboards, with the time that is shown."""
    ours = {"callpulse-service", "callpulse-queue", "callpulse-supervisor", "callpulse-operations",
            "callpulse-definitions"}  # fmt: skip
    led = {match[1] for link in board["links"] if (match := re.match(r"/d/([\w-]+)", link["url"]))}
    yield from (f"no link to {uid}" for uid in ours - led - {board["uid"]})
    yield from (f"a link to {uid}, which is none of ours" for uid in led - ours)


RULES: tuple[Callable[[Json], Said], ...] = (
    template_datasource_rule, template_required_variables_rule, template_label_promql_rule,
    template_on_time_change_reload_rule, template_unused_rule, template_used_but_unknown, panel_datasource_rule,
    panel_title_description_rule, panel_units_rule, panel_no_targets_rule, target_promql_rule, element_reference_rule,
    target_rate_interval_rule, target_counter_agg_rule, target_histogram_rule, target_required_matchers_rule,
    legend_rule, uneditable_dashboard, dashboard_refresh_interval, unique_ids, no_overlap, first_screen,
    ratio_from_counts, nothing_is_not_zero, stale_is_not_fresh, links_lead_somewhere,
)  # fmt: skip
