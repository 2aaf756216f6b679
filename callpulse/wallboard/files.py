"""The files of the pages: read once, for a page is a handful of small ones; no path of a request touches the disk."""

from importlib import resources

from aiohttp import web

FILES = web.AppKey("files", dict[str, bytes])
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}


def files_of_pages() -> dict[str, bytes]:
    """By name."""
    folder = resources.files("callpulse.wallboard").joinpath("static")
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


def file(request: web.Request, name: str) -> web.Response:
    """The one of that name; raises aiohttp's not-found."""
    body = request.app[FILES].get(name)
    kind = KINDS.get("." + name.rpartition(".")[2])
    if body is None or kind is None:
        raise web.HTTPNotFound(text="no such page\n")
    response = web.Response(body=body, content_type=kind, charset="utf-8")
    response.enable_compression()
    return response
