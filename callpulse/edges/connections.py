"""How many connections who listens has open at once. Silent ones cost a descriptor each, and without a bound those that
Kafka, Redis and the next probe need. One too many has the one go that has asked nothing for longest."""

import contextlib
import resource
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def descriptors() -> int:
    """How many this process may open, once it has asked for as many as it may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # where none can have as many as that
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2**20 if soft == resource.RLIM_INFINITY else soft


class Connections:
    """`most` at once, or a third of the descriptors where these are fewer: the event loop lets in as many again before
    it has closed those that are to go."""

    def __init__(self, most: int) -> None:
        self._most = min(most, descriptors() // 3)
        self._idle: OrderedDict[Any, socket.socket] = OrderedDict()  # by the other side's address, longest idle first
        self._asking: OrderedDict[Any, socket.socket] = OrderedDict()  # something is being answered

    def came(self, connection: socket.socket, address: Any) -> None:
        """One more. Those that have ended meanwhile go like the idle ones; only then one that is being answered."""
        while len(self._idle) + len(self._asking) >= self._most:
            _, oldest = (self._idle or self._asking).popitem(last=False)
            with contextlib.suppress(OSError):  # it has ended
                oldest.shutdown(socket.SHUT_RDWR)  # the event loop closes it, as if the other side had gone
        for left in (self._idle, self._asking):  # by one that has ended, whose address comes again
            left.pop(address, None)
        self._idle[address] = connection

    @web.middleware
    async def asked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """For the application: whoever is being answered is not idle."""
        address = request.transport and request.transport.get_extra_info("peername")
        connection = self._idle.pop(address, None)
        if connection is None:
            return await handler(request)
        self._asking[address] = connection
        try:
            return await handler(request)
        finally:
            if self._asking.get(address) is connection:
                del self._asking[address]
                self._idle[address] = connection


class Entrance(socket.socket):
    """A socket that listens, and tells of everyone who comes."""

    connections: Connections

    def accept(self) -> tuple[socket.socket, Any]:
        connection, address = super().accept()
        self.connections.came(connection, address)
        return connection, address


def entrance(family: int, address: Any, connections: Connections) -> Entrance:
    """Raises OSError."""
    made = Entrance(family, socket.SOCK_STREAM)
    made.connections = connections
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 has a socket of its own
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made
