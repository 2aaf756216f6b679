"""Colours of the wall against what they stand on, as most people see them and as those do who lack one kind of cone.

Contrast: WCAG 2.2, relative luminance. Sight: Machado, Oliveira and Fernandes (2009), severity 1, on linear light.
"""

import re
from pathlib import Path

import numpy as np
import pytest

import callpulse.wallboard

CSS = (Path(callpulse.wallboard.__file__).parent / "static" / "tokens.css").read_text("utf-8")
SIGHT = {
    "usual": np.eye(3),
    "without red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "without green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "without blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
LEFT = 0.85  # of the contrast, for who lacks a kind of cone: text keeps 6 to 1
BAND, TINT = 3, 1.5
GROUNDS = ("ground", "surface", "raise", "watch-tint", "act-tint")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink2") for ground in (*GROUNDS, "hatch-ink")),
    *(("watch", ground) for ground in ("ground", "surface", "watch-tint")),
    *(("act", ground) for ground in ("surface", "act-tint")),
    ("act-on", "act-fill"),
]
GRAPHICS = [
    *(("mark", ground) for ground in GROUNDS),
    *(("quiet", ground) for ground in ("surface", "raise")),
    *(("watch-mark", ground) for ground in ("ground", "surface", "watch-tint")),
    *(("act-mark", ground) for ground in ("ground", "surface", "act-tint")),
    ("act-fill", "ground"),
    ("miss", "quiet"),
]


def _tokens(theme: str) -> dict[str, np.ndarray]:
    block = next(block for block in re.findall(r"\{[^}]*\}", CSS) if f"color-scheme: {theme}" in block)
    found = re.findall(r"--([\w-]+): #([0-9a-f]{3,6});", block)
    return {name: _linear(colour * 2 if len(colour) == 3 else colour) for name, colour in found}


def _linear(colour: str) -> np.ndarray:
    part = np.array([int(colour[at : at + 2], 16) for at in (0, 2, 4)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _contrast(one: np.ndarray, other: np.ndarray, sight: np.ndarray) -> float:
    light = sorted(float(np.clip(sight @ colour, 0, 1) @ (0.2126, 0.7152, 0.0722)) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 7.0), (GRAPHICS, 3.0)], ids=["text", "graphics"])
def test_everything_is_seen_on_all_that_it_stands_on(
    theme: str, pairs: list[tuple[str, str]], least: float, sight: str
) -> None:
    tokens, needed = _tokens(theme), least if sight == "usual" else LEFT * least
    found = {f"{ink} on {ground}": _contrast(tokens[ink], tokens[ground], SIGHT[sight]) for ink, ground in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < needed} == {}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_act_has_more_ink_than_watch_whoever_looks(theme: str, sight: str) -> None:
    """A filled band stands out from its ground more than a tint with an edge does."""
    tokens = _tokens(theme)
    band = _contrast(tokens["act-fill"], tokens["surface"], SIGHT[sight])
    tint = _contrast(tokens["watch-tint"], tokens["surface"], SIGHT[sight])
    assert band > BAND > TINT > tint
