"""What the exit code of every command says; in one place, so that the same fault has one code everywhere."""

FINE = 0  # also what runs until it is told to stop, when it was told: worker, source, top, demo, simulate
TROUBLE = 1  # the call was right, but not the world or the data: a file, Kafka, its topics, Redis, a port
WRONG = 2  # the call or the configuration: options, settings, a mapping, a scenario
BROKEN_OFF = 130  # Ctrl-C before the work was done
