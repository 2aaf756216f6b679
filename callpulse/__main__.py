"""Where the program begins: `callpulse` and `python -m callpulse`."""

import sys

from callpulse.exit_codes import BROKEN_OFF


def run() -> None:
    """The command line. Ctrl-C while its parts are still being loaded ends it without a word."""
    try:
        from callpulse.cli import main  # noqa: PLC0415 -- loading takes long enough for somebody to change their mind

        main()
    except KeyboardInterrupt:
        sys.exit(BROKEN_OFF)


if __name__ == "__main__":
    run()
