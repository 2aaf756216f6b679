"""The board for scripts."""

import msgspec

from callpulse.board.as_values import values_of
from callpulse.board.view import BoardState
from callpulse.current.reader import Picture


def board_json(picture: Picture, board: BoardState) -> str:
    """`{"at", "queues": {queue: {window: {kpi_id: {"value", "n"}}}}, "total": {window: …}, "states": {queue: …},
    "alerts"}`, as board/as_values.py has it."""
    return msgspec.json.format(msgspec.json.encode(values_of(picture, board)), indent=2).decode()
