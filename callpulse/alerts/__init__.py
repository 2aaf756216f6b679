"""KPI values in, notices out: when people are told that a queue is in trouble."""
