"""What decides about alerts: pure functions of the ticks of a queue. No I/O, no clock, no chance, no settings."""
