"""What browsers and programs send: all of it, soon, and no more than the application takes (`client_max_size`)."""

import asyncio
from urllib.parse import parse_qs

from aiohttp import web

WITHIN_S = 5.0
FORM = "application/x-www-form-urlencoded"


async def body_of(request: web.Request) -> bytes:
    """Raises what aiohttp answers with instead."""
    try:
        async with asyncio.timeout(WITHIN_S):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="the body did not come\n") from None
    except (ConnectionError, web.RequestPayloadError):
        raise web.HTTPBadRequest(text="the body cannot be read\n") from None


async def form_of(request: web.Request) -> dict[str, str] | None:
    """The fields of a form, the first of each name; None where it is something else."""
    body = await body_of(request)
    if request.content_type != FORM:
        return None
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=10).items()}
    except ValueError:
        return None
