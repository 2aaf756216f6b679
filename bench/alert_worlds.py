"""The worlds in which alert rules are compared: what is simulated of each size of queue, by its calls in half an hour.

`base` is the study's. The others are what it left open or did badly in: a plan with hardly more agents than calls need,
a large floor, arrivals a quarter off the profile, agents who serve a second queue as well, agents who pause once an
hour for three minutes (`uneven`: for three minutes on average, by an exponential law), and the loss of one agent.
"""

from collections.abc import Mapping

from bench.alert_queue import Case

SMALL, LARGE = Case(20, 4, 2), Case(100, 14, 10)
WORLDS: Mapping[str, Mapping[str, Case]] = {
    "base": {"20": SMALL, "100": LARGE},
    "lean": {"100": Case(100, 13, 9)},
    "busy": {"400_45": Case(400, 45, 32), "400_47": Case(400, 47, 34)},
    "wrong_profile": {"20": SMALL._replace(profile_error=0.25), "100": LARGE._replace(profile_error=0.25)},
    "shared": {"20": Case(20, 14, 10, also_calls=80), "100": Case(100, 25, 18, also_calls=100)},
    "pausing": {
        "20": Case(20, 5, 3, pauses=1),
        "20_uneven": Case(20, 5, 3, pauses=1, uneven=True),
        "100": Case(100, 15, 11, pauses=1),
    },
    "one_lost": {"20": Case(20, 4, 3), "100": Case(100, 14, 13)},
}
