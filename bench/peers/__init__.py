"""The simple job: decode, and count four kinds of events per queue and 10 s; others as they document it, and ours.

Each program in `bench/peers/` is written as its own documentation shows it, with state that survives a restart where it
has that without a disk to set up. Ours is the transport and the tables of the worker around the same four counters. The
programs of a round take turns on the same topic; slow ones read a topic with the first part of the same events. A
program counts from its first event to its last, by the clock and in CPU time of all its processes and threads, so
starting Python or Java is left out and what a JVM compiles meanwhile is not. What every program has counted in the end
is compared with what was sent, cell by cell: one that differs is an error, not a figure.

`ratio_X` is our events per second over those of X, `ratio_X_cpu` the CPU time of X over ours, of the same round.
"""
