"""One small file a command: reads options and settings, calls one function, chooses the exit code."""
