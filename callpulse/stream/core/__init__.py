"""Pure: no I/O, no clock, no chance. Takes values, returns values."""
