"""`callpulse top`: the board in a terminal, from Redis alone."""
