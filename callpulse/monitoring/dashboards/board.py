"""A dashboard as a file: its panels on shelves, its variables, and the way to the others."""

import json
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    AnnotationContainer,
    Dashboard,
    DashboardCursorSync,
    DashboardDashboardTemplating,
    DashboardDashboardTime,
    DashboardLink,
    DashboardLinkType,
    GridPos,
    Panel,
    RowPanel,
    VariableModel,
)

from callpulse.settings import Settings

WIDTH = 24
TAG = "callpulse"


class Shelf(NamedTuple):
    """Panels side by side, (panel, width) each, `height` units high: 22 units are on a screen of 1080 lines. `title`:
    of the line above them."""

    height: int
    panels: Sequence[tuple[Panel, int]]
    title: str = ""


class Board(NamedTuple):
    """`uid` never changes: links and bookmarks have it."""

    uid: str
    title: str
    description: str
    variables: Sequence[VariableModel]
    shelves: Sequence[Shelf]
    since: str = "now-3h"
    refresh: str = "15s"


OTHERS = {  # uid -> title, and whether the same queues can be shown there
    "callpulse-service": ("Service", True),
    "callpulse-queue": ("Queue", False),
    "callpulse-supervisor": ("Supervisor day", True),
    "callpulse-operations": ("Operations", False),
    "callpulse-definitions": ("Definitions", True),
}


def as_json(board: Board, settings: Settings) -> str:
    """The text of its file."""
    dashboard = Dashboard(
        uid=board.uid,
        title=f"callpulse / {board.title}",
        description=board.description,
        tags=[TAG],
        timezone=settings.site.zone,
        editable=False,
        graph_tooltip=DashboardCursorSync.CROSSHAIR,
        time=DashboardDashboardTime(from_val=board.since, to="now"),
        refresh=board.refresh,
        templating=DashboardDashboardTemplating(list_val=list(board.variables)),
        annotations=AnnotationContainer(list_val=[]),
        links=links(board.uid, settings),
        panels=placed(board.shelves),
    )
    return json.dumps(dashboard, cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"


def placed(shelves: Sequence[Shelf]) -> list[Panel | RowPanel]:
    """From the top, each panel with its place and number."""
    found: list[Panel | RowPanel] = []
    top = 0
    for shelf in shelves:
        if shelf.title:
            found.append(RowPanel(title=shelf.title, grid_pos=GridPos(h=1, w=WIDTH, x=0, y=top)))
            top += 1
        left = 0
        for panel, width in shelf.panels:
            panel.grid_pos = GridPos(h=shelf.height, w=width, x=left, y=top)
            found.append(panel)
            left += width
        top += shelf.height
    for number, panel_or_row in enumerate(found, 1):
        panel_or_row.id_val = number
    return found


def links(own: str, settings: Settings) -> list[DashboardLink]:
    """To the other dashboards, and to the wall where its address is set."""
    others = [_to(uid, title, same) for uid, (title, same) in OTHERS.items() if uid != own]
    wall = settings.alerts.wall_url
    if urlsplit(wall).scheme in ("http", "https"):
        others.append(
            DashboardLink(
                title="Wall",
                type_val=DashboardLinkType.LINK,
                icon="external link",
                tooltip="The board on the wall",
                url=wall,
                target_blank=True,
            )
        )
    return others


def _to(uid: str, title: str, same: bool) -> DashboardLink:
    """With the time that is shown; the queues too, where that board can show as many."""
    kept = "" if same else "?${datasource:queryparam}&${site:queryparam}"
    return DashboardLink(
        title=title,
        type_val=DashboardLinkType.LINK,
        icon="dashboard",
        tooltip=f"The dashboard {title}",
        url=f"/d/{uid}{kept}",
        include_vars=same,
        keep_time=True,
    )
