"""The whole line on one machine, for a first look."""
