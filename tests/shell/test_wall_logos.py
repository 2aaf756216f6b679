"""The logo of a board: verified before anything is served, and served so that nothing in it can act."""

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from callpulse import cli
from callpulse.current.connection import connect
from callpulse.settings import load
from callpulse.wallboard.app import app_of
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.logos import Logo, UnfitError, alt_of, logos_of, recognised
from tests.core.readings import picture, reading
from tests.pictures import BAD_SVG, png
from tests.shell.test_wallboard import NOBODY, Events

SIZED = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
DOCTYPE = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
UNSIZED = "an SVG without a size; expected viewBox, or width and height, above 0"
LAUGHS = b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


def sized(how: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {how}/>'.encode()


def encoded(name: str) -> bytes:
    return f'<?xml version="1.0" encoding="{name}"?>'.encode() + SIZED


@pytest.mark.parametrize(
    "how", ['viewBox="0 0 60 20"', 'viewBox=" -1.5,0 6e1 .5 " width="100%"', 'width="60" height="2mm"']
)
def test_a_size_is_a_box_or_two_sides(how: str) -> None:
    assert recognised(sized(how)).body == sized(how)


@pytest.mark.parametrize("body", [SIZED, b"\n" + SIZED, b'<?xml version="1.0"?>' + DOCTYPE + SIZED, BAD_SVG])
def test_an_svg_is_one_by_what_it_holds(body: bytes) -> None:
    assert recognised(body) == Logo(body, "image/svg+xml")
    marked = b"\xef\xbb\xbf" + SIZED
    assert recognised(marked).kind == recognised(SIZED.decode().encode("utf-16")).kind == "image/svg+xml"


def test_a_png_is_one_by_what_it_holds() -> None:
    assert recognised(png()) == Logo(png(), "image/png")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "neither of the two; expected a PNG or an SVG file"),
        (b"GIF89a", "neither of the two; expected a PNG or an SVG file"),
        (b"<html><body></body></html>", "XML that is no SVG: it begins with 'html'; expected a PNG or an SVG file"),
        (b'<svg width="1" height="1"/>', "XML that is no SVG: it begins with 'svg'; expected a PNG or an SVG file"),
        (b"<svg", "not XML (unclosed token: line 1, column 0); expected a PNG or an SVG file"),
        (SIZED[:-2] + b">", "not XML (no element found: line 1, column 61); expected a PNG or an SVG file"),
        (SIZED.replace(b'width="1" ', b""), UNSIZED),
        (sized('viewBox=""'), UNSIZED),
        (sized('viewBox="0 0 60"'), UNSIZED),
        (sized('viewBox="0 0 60 0" width="60" height="20"'), UNSIZED),
        (sized('viewBox="0 0 60 20" width="0" height="20px"'), UNSIZED),
        (sized('width="0" height="0"'), UNSIZED),
        (sized('width="" height="wide"'), UNSIZED),
        (encoded("foo"), "not XML (unknown encoding: foo); expected a PNG or an SVG file"),
        (LAUGHS + SIZED, "an SVG that declares entities; expected one that says everything itself"),
        (png()[:-20], "a PNG that is not whole; expected all of it"),
        (png()[:20], "a PNG that is not whole; expected all of it"),
        (png(0, 5), "0 by 5 pixels; expected 1 to 2048 on a side"),
        (png(2049, 1), "2049 by 1 pixels; expected 1 to 2048 on a side"),
    ],
)
def test_what_is_no_logo_is_refused_in_words(body: bytes, said: str) -> None:
    with pytest.raises(UnfitError) as refused:
        recognised(body)
    assert str(refused.value) == said


@given(st.binary() | st.binary().map(lambda tail: png()[:30] + tail) | st.binary().map(lambda tail: SIZED[:40] + tail))
def test_no_file_brings_it_down(body: bytes) -> None:
    with contextlib.suppress(UnfitError):
        assert recognised(body).body == body


NAMES = (
    "foo",
    "Shift_JIS",
    "utf-7",
    "utf-16",
    "utf_32",
    "cp500",
    "rot13",
    "base64",
    "idna",
    "undefined",
    "mbcs",
    "hex",
)
names = st.sampled_from(NAMES) | st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,12}", fullmatch=True)


@given(names, st.binary(max_size=5))
def test_no_encoding_brings_it_down(name: str, tail: bytes) -> None:
    with contextlib.suppress(UnfitError):
        assert recognised(encoded(name) + tail).kind == "image/svg+xml"


def test_what_is_read_out_in_its_place_is_the_name_of_the_file() -> None:
    assert [alt_of(path) for path in ("logo.png", "img/Acme-Bank_2.svg")] == ["logo", "Acme Bank 2"]


def checked(folder: Path, text: str) -> Result:
    (folder / "callpulse.toml").write_text(text)
    return CliRunner().invoke(cli.main, ["--config", str(folder / "callpulse.toml"), "wallboard", "--check"])


def test_check_names_each_logo_that_cannot_be_shown(tmp_path: Path) -> None:
    (tmp_path / "good.png").write_bytes(png())
    (tmp_path / "text.svg").write_text("logo")
    (tmp_path / "large.svg").write_bytes(SIZED + b" " * 300_000)
    text = f'[boards.a]\nlogo = "{tmp_path}/good.png"\n'
    assert f"/b/a: all queues, en, shape wall, logo {tmp_path}/good.png" in checked(tmp_path, text).stdout
    os.mkfifo(tmp_path / "pipe")
    for name, file in (("b", "none.png"), ("c", "text.svg"), ("d", "large.svg"), ("e", ""), ("f", "pipe")):
        text += f'[boards.{name}]\nlogo = "{tmp_path}/{file}"\n'
    done = checked(tmp_path, text)
    expected = "expected a PNG or an SVG file"
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"callpulse: boards.b.logo = '{tmp_path}/none.png': cannot be read (No such file or directory); {expected}",
        f"callpulse: boards.c.logo = '{tmp_path}/text.svg': neither of the two; {expected}",
        f"callpulse: boards.d.logo = '{tmp_path}/large.svg': larger than 256 KiB; expected less: every screen loads it",
        f"callpulse: boards.e.logo = '{tmp_path}/': cannot be read (Is a directory); {expected}",
        f"callpulse: boards.f.logo = '{tmp_path}/pipe': cannot be read (not a regular file); {expected}",
    ]


def test_what_else_is_wrong_is_named_with_them(tmp_path: Path) -> None:
    done = checked(tmp_path, '[boards.a]\nlogo = "none.png"\nshape = "round"')
    assert [line.partition("boards.")[2].split(" = ")[0] for line in done.stderr.splitlines()] == ["a.shape", "a.logo"]


def test_a_rotation_has_the_logos_of_its_boards(tmp_path: Path) -> None:
    done = checked(tmp_path, '[boards.a]\n[boards.b]\nrotate = ["a"]\nlogo = "a.png"')
    assert "boards.b.rotate beside logo: expected that in the boards it shows" in done.stderr


async def test_it_is_served_from_our_own_address_and_nothing_in_it_can_act(tmp_path: Path) -> None:
    (tmp_path / "acme.svg").write_bytes(BAD_SVG)
    (tmp_path / "callpulse.toml").write_text(f'[boards.a]\nlogo = "{tmp_path}/acme.svg"\n[boards.b]\n')
    settings = load(tmp_path / "callpulse.toml", {})
    hub = Hub(settings, connect(NOBODY))
    await hub.show(picture({"sales": reading()}))
    async with TestClient(TestServer(app_of(hub, logos=logos_of(settings)))) as client:
        _, told = await Events(await client.get("/events/a")).next()
        assert (told["look"]["logo"], told["look"]["alt"]) == ("/logos/a", "acme")
        answer = await client.get("/logos/a")
        assert (answer.status, answer.content_type, await answer.read()) == (200, "image/svg+xml", BAD_SVG)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        assert (await client.get("/logos/b")).status == (await client.get("/logos/..%2Fa")).status == 404


async def test_who_has_it_does_not_load_it_again(tmp_path: Path) -> None:
    (tmp_path / "acme.png").write_bytes(png())
    text = f'[boards.a]\nlogo = "{tmp_path}/acme.png"\n[wallboard]\nviewer_key = "0123456789abcdef"'
    (tmp_path / "callpulse.toml").write_text(text)
    settings = load(tmp_path / "callpulse.toml", {})
    app = app_of(Hub(settings, connect(NOBODY)), logos=logos_of(settings))
    key = {"Authorization": "Bearer 0123456789abcdef"}
    async with TestClient[Any, Any](TestServer(app)) as client:
        tag = (await client.get("/logos/a", headers=key)).headers["ETag"]
        for sent in (tag, f'"another", W/{tag}', "*"):
            again = await client.get("/logos/a", headers={**key, "If-None-Match": sent})
            assert (again.status, again.headers["ETag"], await again.read()) == (304, tag, b"")
            assert again.headers["Content-Security-Policy"].endswith("sandbox")
        assert (await client.get("/logos/a", headers={**key, "If-None-Match": '"another"'})).status == 200
        assert (await client.get("/logos/a", headers={"If-None-Match": tag})).status == 401


async def test_who_is_not_let_in_sees_no_logo(tmp_path: Path) -> None:
    (tmp_path / "acme.png").write_bytes(png())
    text = f'[boards.a]\nlogo = "{tmp_path}/acme.png"\n[wallboard]\nviewer_key = "0123456789abcdef"'
    (tmp_path / "callpulse.toml").write_text(text)
    settings = load(tmp_path / "callpulse.toml", {})
    app = app_of(Hub(settings, connect(NOBODY)), logos=logos_of(settings))
    async with TestClient[Any, Any](TestServer(app)) as client:
        assert (await client.get("/logos/a")).status == 401
        seen = await client.get("/logos/a", headers={"Authorization": "Bearer 0123456789abcdef"})
        assert (seen.status, await seen.read()) == (200, png())
