"""Where the program begins: `callpulse` and `python -m callpulse`."""

import signal
import sys

from callpulse.exit_codes import BROKEN_OFF

READ_AGAIN = ("alerts", "wallboard", "worker")  # their settings, at SIGHUP


def run() -> None:
    """The command line. Ctrl-C while its parts are still being loaded ends it without a word."""
    try:
        from callpulse.cli import COMMANDS, main  # noqa: PLC0415 -- loading takes long enough to change one's mind

        if next((word for word in sys.argv[1:] if word in COMMANDS), "") in READ_AGAIN:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until they listen: it would end them while they load
        main()
    except KeyboardInterrupt:
        sys.exit(BROKEN_OFF)


if __name__ == "__main__":
    run()
