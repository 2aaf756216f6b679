"""What the settings make of the wallboard, in sentences: where it is served, who may see and act, each board. Pure."""

from collections.abc import Iterator

from callpulse.settings import Settings
from callpulse.settings.wallboard import Wallboard


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
        yield f"/b/all: all queues, {settings.site.language}"
    for name, board in settings.boards.items():
        queues = "all queues" if board.group is None else f"group {board.group} ({', '.join(_queues(settings, name))})"
        title = f" {board.title!r}" if board.title else ""
        yield f"/b/{name}{title}: {queues}, {board.language or settings.site.language}"


def _queues(settings: Settings, board: str) -> tuple[str, ...]:
    group = settings.boards[board].group
    return settings.groups[group].queues if group is not None else ()
