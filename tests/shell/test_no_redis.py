"""Where something answers that is no Redis, all who use Redis are told as of any other trouble with it."""

import pytest

from callpulse.current.connection import FAILURES, connect
from callpulse.current.keys import Keys
from callpulse.current.reader import Reader, RedisAwayError
from tests.stranger import NO_REDIS, answering


@pytest.mark.parametrize("what", ["no_length", "deep", "endless", "http"])
async def test_an_answer_that_cannot_be_read_is_a_failure_of_redis(what: str) -> None:
    async with answering(NO_REDIS[what]) as port, connect(f"redis://127.0.0.1:{port}/0", 1) as client:
        with pytest.raises(FAILURES):
            await client.echo("a worker that writes goes on")
        with pytest.raises(RedisAwayError):
            await Reader(client, Keys("main")).read()
