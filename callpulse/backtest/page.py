"""A report as one HTML file that needs nothing else: no network, no script."""

from collections.abc import Sequence

from callpulse.backtest import rows, words
from callpulse.backtest.alert import SITE, Alert
from callpulse.backtest.markup import element, text
from callpulse.backtest.picture import Lane, picture
from callpulse.backtest.rows import Rows
from callpulse.backtest.run import ALWAYS_DRAWN, Report
from callpulse.backtest.style import PATTERNS, STYLE

LEGEND = (
    "Bands are alerts: W = warning (one hatch), C = critical (two hatches). A full band was told to somebody; a low "
    "one with a broken edge was only shown. Broken lines are the levels at which rules begin."
)


def to_html(report: Report, zone: str, file: str) -> str:
    """Valid as HTML and as XML."""
    title = f"Backtest of {file}"
    head = element("meta", charset="utf-8") + element(
        "meta", name="viewport", content="width=device-width, initial-scale=1"
    )
    head += element("title", text(title)) + element("style", STYLE)
    body = [element("h1", text(title)), *_summary(report, zone), PATTERNS]
    if report.first_ms:
        body += [*_tables(report, zone), *_pictures(report, zone)]
    html = element("html", element("head", head), element("body", element("main", *body)), lang="en")
    return f"<!DOCTYPE html>\n{html}\n"


def _summary(report: Report, zone: str) -> list[str]:
    if not report.first_ms:
        return [element("p", text("No event in this log."))]
    sets = [
        element("p", element("b", text(letter or "Rules")), text(f": {outcome.name}"))
        for letter, outcome in zip(rows.letters(report), report.outcomes, strict=True)
    ]
    return [element("p", text(f"{rows.span(report, zone)}; {len(report.recording.events):,} events.")), *sets]


def _tables(report: Report, zone: str) -> list[str]:
    found = rows.alerts(report, zone)
    shown = _table(found, class_="alerts") if found.rows else element("p", text("No alert would have been."))
    heads = (element("h2", text(head)) for head in ("Alerts", "Totals per rule"))
    return [next(heads), shown, next(heads), _table(rows.totals(report))]


def _pictures(report: Report, zone: str) -> list[str]:
    found = [element("h2", text("Pictures")), element("p", text(LEGEND), class_="legend"), *_site(report, zone)]
    for queue in sorted(report.lines):
        lanes = _lanes(report, queue)
        asked = {(rule.kpi, rule.windows[0]) for lane in lanes for rule in lane.rules}
        lines = {
            each: line
            for each, line in report.lines[queue].items()
            if each in ALWAYS_DRAWN or (each in asked and line.has_values())
        }
        drawn = picture(queue, lines, lanes, report.first_ms, report.last_ms, zone)
        found.append(element("section", element("h3", text(queue)), element("figure", drawn)))
    return found


def _site(report: Report, zone: str) -> list[str]:
    """Trouble of the whole site, which no queue's picture has, and whom it concerned; nothing where there was none."""
    lanes = _lanes(report, SITE)
    times = rows.times_of(report, zone)
    alerts = [
        element(
            "li", text(f"{lane.letter} {words.lasted(alert, times)}, {alert.severity}: {words.queues(alert)}".strip())
        )
        for lane in lanes
        for alert in lane.alerts
    ]
    if not alerts:
        return []
    drawn = picture(SITE, {}, lanes, report.first_ms, report.last_ms, zone)
    return [element("section", element("h3", text("The whole site")), element("figure", drawn), element("ul", *alerts))]


def _lanes(report: Report, queue: str) -> list[Lane]:
    return [
        Lane(letter, _of(outcome.alerts, queue), outcome.rules.get(queue, ()))
        for letter, outcome in zip(rows.letters(report), report.outcomes, strict=True)
    ]


def _of(alerts: Sequence[Alert], queue: str) -> list[Alert]:
    return [alert for alert in alerts if alert.queue == queue]


def _table(found: Rows, **attributes: str) -> str:
    sides = ["right" if head in found.figures else "left" for head in found.heads]
    top = element("tr", *(_cell("th", *each) for each in zip(found.heads, sides, strict=True)))
    body = [element("tr", *(_cell("td", *each) for each in zip(row, sides, strict=True))) for row in found.rows]
    table = element("table", element("thead", top), element("tbody", *body), **attributes)
    return element("div", table, class_="wide")


def _cell(tag: str, said: str, side: str) -> str:
    return element(tag, text(said), class_=side)
