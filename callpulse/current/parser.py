"""What answers in the place of Redis may be anything: an answer that is none is trouble with Redis like any other."""

from typing import Any

from redis._parsers import _AsyncRESP2Parser
from redis.exceptions import InvalidResponse


class Parser(_AsyncRESP2Parser):
    """redis-py's, which raises what Python does where a length is no number or lists are too deep in each other."""

    async def read_response(self, disable_decoding: bool = False) -> Any:
        """Raises RedisError, OSError."""
        try:
            return await super().read_response(disable_decoding)
        except (ValueError, LookupError, RecursionError) as error:
            raise InvalidResponse("what answers there does not speak as Redis does") from error
