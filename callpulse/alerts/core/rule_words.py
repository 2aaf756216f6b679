"""A rule in one sentence, for whoever wants to know what will be told before it is."""

from callpulse.alerts.core.figures import figure, span
from callpulse.alerts.core.levels import CAPACITY_LASTS, HARM_LASTS, WAITS_LASTS, Lasting, levels_for
from callpulse.alerts.core.lifecycle import Severity
from callpulse.alerts.core.rules import NOW, Level, Rule
from callpulse.alerts.core.subjects import SUBJECTS
from callpulse.alerts.core.watched import PAUSED_OVER
from callpulse.alerts.core.words_en import EN
from callpulse.stream.core.windows import PANE_MS


def sentence(rule: Rule, target: float) -> str:
    """In English, at the target (0-1) where its levels are burns. `rule` has no faults."""
    burns = any(level is not None and level.burn for level in (rule.warning, rule.critical))
    plain = rule.at(target)
    (severity, level), *more = plain.levels.items()
    parts = [
        f"{_severity(severity)} when {EN.kpis.get(rule.kpi, rule.kpi)} is {rule.side} {_told(rule, level.enter)}"
        f" {_windows(rule.windows, rule.combine)}{_evidence(rule)}{_lasting(rule)}",
        *(f"{_severity(higher)} {rule.side} {_told(rule, worse.enter)}" for higher, worse in more),
        _over(plain, level, [worse for _, worse in more]),
        _telling(rule),
    ]
    whose = f" (target {figure(target, 'ratio', EN)})" if burns else ""
    return f"{rule.name}{_where(rule)}{whose}: {'; '.join(parts)}"


def capacity_sentences(target: float) -> list[str]:
    """The rules that look ahead (capacity.py), at that target: no file changes them, but it can turn them off."""
    at = levels_for(target)
    aim, below, clear, lost = (figure(share, "ratio", EN) for share in (target, *at.capacity, at.lost_below))
    contacts = figure(at.of_contacts, "ratio", EN)
    harmed, well = (figure(share, "ratio", EN) for share in at.harm)
    slow, fast = (figure(share, "ratio", EN) for share in at.waits)
    missed, waited = at.waits_misses, _for(at.waits_oldest_ms)
    return [
        f"capacity (target {aim}): warning when fewer than {below} of the contacts of the next half hour are expected "
        f"in time ({lost} where agents who usually are there have been missing for {_for(PAUSED_OVER * PANE_MS)}), "
        f"{_held(CAPACITY_LASTS.for_s)} ({_held(at.surge_lasts_s)} while far more call than usual; "
        f"{_held(at.contacts_last_s)} below {contacts} where no agent's state is known); "
        f"{_over_at(CAPACITY_LASTS, clear)}; told at once",
        f"harm (target {aim}): critical when live service level is below {harmed} over 15m and 5m, with "
        f"{at.harm_misses} missed at least, {_lasts(HARM_LASTS, f'{well} over 5m')}; told at once",
        f"waits (target {aim}): only where nothing but waits is known, warning when service level fades below {slow}, "
        f"with {missed} missed in 5m at least and somebody waiting for {waited}, {_lasts(WAITS_LASTS, fast)}; told at "
        "once",
    ]


def _lasts(lasting: Lasting, clear: str) -> str:
    return f"{_held(lasting.for_s)}; {_over_at(lasting, clear)}"


def _held(for_s: int) -> str:
    return f"for {_for(for_s * 1000)}" if for_s else "at once"


def _over_at(lasting: Lasting, clear: str) -> str:
    return f"over at {clear} for {_for(lasting.clear_s * 1000)}"


def _told(rule: Rule, value: float) -> str:
    return figure(value, SUBJECTS[rule.kpi].unit, EN)


def _severity(severity: Severity) -> str:
    return severity.name.lower()


def _where(rule: Rule) -> str:
    queues = "" if rule.queues == ("*",) else f" in {', '.join(rule.queues)}"
    return queues + (f", {rule.hours.in_words()}" if rule.hours else "")


def _windows(windows: tuple[str, ...], combine: str) -> str:
    if windows == (NOW,):
        return "now"
    return "over " + (" and " if combine == "all" else " or ").join(windows)


def _evidence(rule: Rule) -> str:
    sure = ", beyond doubt (95 %)" if rule.evidence.wilson else ""
    return sure + (f", of {rule.evidence.min_n} at least" if rule.evidence.min_n else "")


def _lasting(rule: Rule) -> str:
    return f", for {_for(rule.for_ms)}" if rule.for_ms else ""


def _over(rule: Rule, level: Level, more: list[Level]) -> str:
    better = "more" if rule.side == "below" else "less"
    worse = "".join(f" (no longer critical: {_told(rule, each.clear)})" for each in more)
    lasting = f" for {_for(rule.keep_firing_ms)}" if rule.keep_firing_ms else ""
    windows = _windows(rule.clear_on or rule.windows, "all")
    return f"over at {_told(rule, level.clear)} or {better}{worse} {windows}{lasting}"


def _telling(rule: Rule) -> str:
    alone = f"when another rule agrees or after {_for(rule.alone_after_ms)}" if rule.alone_after_ms else "at once"
    return f"told to {rule.audience} {alone}, again every {_for(rule.repeat_ms)}"


def _for(duration_ms: int) -> str:
    return span(duration_ms, EN).removesuffix(" 0 min")
