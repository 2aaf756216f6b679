"""Why a repartition is refused, or could not go on; each message says what to do."""

from callpulse.exit_codes import TROUBLE


class RepartitionError(Exception):
    """`code`: one of exit_codes.py."""

    def __init__(self, message: str, code: int = TROUBLE) -> None:
        super().__init__(message)
        self.code = code
