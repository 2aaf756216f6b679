"""Whether everything around callpulse is as it has to be: looked at by a thin shell, judged by pure functions."""
