"""What the settings make of the wallboard, in sentences: where it is served, who may see and act, each board. Pure."""

from collections.abc import Iterator

from callpulse.settings import Settings
from callpulse.settings.boards import Board
from callpulse.settings.wallboard import Wallboard
from callpulse.wallboard.boards import TILES
from callpulse.wallboard.tiles import SORTS

EVERY_TILE = tuple(sort.kpi for sort in SORTS)


def sentences(settings: Settings) -> Iterator[str]:
    """A line each."""
    wall = settings.wallboard
    host = f"[{wall.host}]" if ":" in wall.host else wall.host
    yield f"served at http://{host}:{wall.port}/"
    yield from _people(wall)
    yield from _boards(settings)


def _people(wall: Wallboard) -> Iterator[str]:
    for name, token in wall.keys.items():
        yield f"key {name}: {token.role}"
    if wall.trusted_proxies:
        acts = [*wall.supervisors, *(f"group {group}" for group in wall.supervisor_groups)]
        who = ", ".join(acts) or "nobody"
        yield f"users named in {wall.user_header} by {', '.join(wall.trusted_proxies)}: see; act: {who}"
    if wall.open_to_all:
        yield "without a key: everybody who reaches it sees, and nobody acts"
    elif not wall.asks:
        yield "without a key: who sits at this machine sees and acts"
    if wall.asks and not _somebody_acts(wall):
        yield "nobody may take or mute alerts: no key and no user has the role supervisor"


def _somebody_acts(wall: Wallboard) -> bool:
    return bool(wall.supervisors or wall.supervisor_groups) or any(
        token.role == "supervisor" for token in wall.keys.values()
    )


def _boards(settings: Settings) -> Iterator[str]:
    if not settings.boards:
        yield f"/b/all: {', '.join(_page(settings, Board()))}"
    for name, board in settings.boards.items():
        title = f" {board.title!r}" if board.title else ""
        said = _turns(board) if board.rotate else _page(settings, board)
        yield f"/b/{name}{title}: {', '.join(said)}"


def _turns(board: Board) -> Iterator[str]:
    yield f"in turn {', '.join(board.rotate)}"
    yield f"each for {board.every}"


def _page(settings: Settings, board: Board) -> Iterator[str]:
    yield _queues(settings, board)
    yield board.language or settings.site.language
    yield f"shape {board.shape}"
    if board.logo:
        yield f"logo {board.logo}"
    yield f"tiles {', '.join(board.tiles or TILES[board.shape] or EVERY_TILE)}"


def _queues(settings: Settings, board: Board) -> str:
    if board.shape == "sites":
        return f"all queues, a row for each of the groups {', '.join(board.sites or settings.groups)}"
    if board.queue is not None:
        return f"queue {board.queue}"
    if board.group is not None:
        return f"group {board.group} ({', '.join(settings.groups[board.group].queues)})"
    return "all queues"
