"""The only thing that is stored and added up: counts, sums, sums of squares and wait histograms of one queue in one
time bucket.

A tally is a sparse `dict[int, int]`: what is not there is 0, what is 0 is not there, so two tallies with the same
content are equal. Merging adds, correcting subtracts; both are exact because everything is an integer (milliseconds,
milliseconds squared). Configuration never enters: T, formula and short-abandon limit are applied when it is read.

Its histograms have a bin for each exact whole second and one for each open second between (core/histogram.py).
"""

from collections.abc import Callable, Iterable

from callpulse.stream.core import histogram as histograms
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXIT_CAUSES, EXITED, LOST, LOST_WHYS, NOT_OFFERED_WHYS
from callpulse.stream.core.histogram import Histogram, bin_of

Tally = dict[int, int]
Items = tuple[tuple[int, int], ...]
Change = Callable[[Tally, Items], None]  # add or subtract

OFFERED, HANDLED, TRANSFERRED, TALK_MS, HOLD_MS, WRAP_UP_MS, HANDLE_MS_SQUARED, UNMATCHED = range(8)
CUSTOMER_WAIT_COUNT, CUSTOMER_WAIT_MS = 8, 9
NOT_OFFERED_COUNT = 10
_COUNT, _WAIT_MS, _WAIT_MS_SQUARED = 10, 14, 18  # + kind of outcome, 2..5
_EXITED, _LOST, _NOT_OFFERED, _AGENT_MS = 32, 48, 64, 80
_BINS, _SERIES = 128, 8
HANDLE_SERIES = 6
_COMMON = _SERIES - 1 - (ANSWERED ^ ABANDONED)  # the bits that bins of an answer and of an abandon have in common

WORKING_STATES = ("ready", "ringing", "talking", "hold", "wrapup", "not_ready")
EXITED_KEY = {cause: _EXITED + i for i, cause in enumerate(EXIT_CAUSES)}
LOST_KEY = {why: _LOST + i for i, why in enumerate(LOST_WHYS)}
NOT_OFFERED_KEY = {why: _NOT_OFFERED + i for i, why in enumerate(NOT_OFFERED_WHYS)}
AGENT_MS_KEY = {state: _AGENT_MS + i for i, state in enumerate(WORKING_STATES)}
_WORD_KEY = {EXITED: EXITED_KEY, LOST: LOST_KEY}

COUNT_KEY = {kind: _COUNT + kind for kind in (ANSWERED, ABANDONED, EXITED, LOST)}
WAIT_MS_KEY = {kind: _WAIT_MS + kind for kind in COUNT_KEY}
WAIT_MS_SQUARED_KEY = {kind: _WAIT_MS_SQUARED + kind for kind in COUNT_KEY}

OFFERED_ITEMS: Items = ((OFFERED, 1),)
UNMATCHED_ITEMS: Items = ((UNMATCHED, 1),)


def outcome_items(kind: int, wait_ms: int, word: str | None, ivr_ms: int | None) -> Items:
    """What one outcome adds. `word` = cause of an exit, why of a loss; `ivr_ms` = time before the queue, if known."""
    items = [(_COUNT + kind, 1), (_BINS + bin_of(wait_ms) * _SERIES + kind, 1)]
    if wait_ms:
        items += [(_WAIT_MS + kind, wait_ms), (_WAIT_MS_SQUARED + kind, wait_ms * wait_ms)]
    if kind == ANSWERED:
        if ivr_ms is not None:
            items.append((CUSTOMER_WAIT_COUNT, 1))
            if ivr_ms + wait_ms:
                items.append((CUSTOMER_WAIT_MS, ivr_ms + wait_ms))
    elif kind != ABANDONED:
        items.append((_WORD_KEY[kind][word or "other"], 1))
    return tuple(items)


def handled_items(talk_ms: int, hold_ms: int, wrap_up_ms: int, transferred: bool) -> Items:
    """What one handled visit adds, but for its bin."""
    handle_ms = talk_ms + hold_ms + wrap_up_ms
    items = [(HANDLED, 1)]
    if transferred:
        items.append((TRANSFERRED, 1))
    if talk_ms:
        items.append((TALK_MS, talk_ms))
    if hold_ms:
        items.append((HOLD_MS, hold_ms))
    if wrap_up_ms:
        items.append((WRAP_UP_MS, wrap_up_ms))
    if handle_ms:
        items.append((HANDLE_MS_SQUARED, handle_ms * handle_ms))
    return tuple(items)


def handle_bin_items(handle_ms: int) -> Items:
    """Its bin. Conversations last for minutes: there are more bins of them than of all else together, and no figure of
    a window asks for them, so only totals have them."""
    return ((_BINS + bin_of(handle_ms) * _SERIES + HANDLE_SERIES, 1),)


def not_offered_items(why: str) -> Items:
    """What one contact that never entered the queue adds."""
    return ((NOT_OFFERED_COUNT, 1), (NOT_OFFERED_KEY[why], 1))


def add(tally: Tally, items: Iterable[tuple[int, int]]) -> None:
    """Book items into an accumulator, in place (the hot path)."""
    for key, amount in items:
        tally[key] = tally.get(key, 0) + amount


def subtract(tally: Tally, items: Iterable[tuple[int, int]]) -> None:
    """Take items back from an accumulator, in place."""
    for key, amount in items:
        left = tally.get(key, 0) - amount
        if left:
            tally[key] = left
        else:
            tally.pop(key, None)


def merge(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies: associative, order-free, and canonical (no zeros)."""
    each = iter(tallies)
    total = dict(next(each, ()))
    for tally in each:
        for key, amount in tally.items():
            total[key] = total.get(key, 0) + amount
    return total if all(total.values()) else {key: amount for key, amount in total.items() if amount}


def difference(tally: Tally, other: Tally) -> Tally:
    """tally - other, canonical."""
    left = dict(tally)
    subtract(left, other.items())
    return left


def histogram(tally: Tally, series: int) -> Histogram:
    """Of a kind of outcome, or HANDLE_SERIES."""
    keys = [key for key in tally if key % _SERIES == series and key >= _BINS]
    keys.sort()
    return _histogram(tally, keys)


def wait_histograms(tally: Tally) -> tuple[Histogram, Histogram]:
    """Of answered and of abandoned."""
    keys = [key for key in tally if key & _COMMON == ANSWERED and key >= _BINS]  # one way through the tally for both
    keys.sort()
    answered = [key for key in keys if key % _SERIES == ANSWERED]
    return _histogram(tally, answered), _histogram(tally, [key for key in keys if key % _SERIES == ABANDONED])


def _histogram(tally: Tally, keys: list[int]) -> Histogram:
    return histograms.of([(key - _BINS) // _SERIES for key in keys], map(tally.__getitem__, keys))


def without_handle_bins(tally: Tally) -> Tally:
    """As the tallies of windows are."""
    return {key: amount for key, amount in tally.items() if key < _BINS or key % _SERIES != HANDLE_SERIES}
