"""What msgspec raises for bytes that nobody can read: not only its own errors."""

import msgspec

UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
