"""What stands below the desk's table: its agents, and its intervals."""

from callpulse.board import figures
from callpulse.wallboard.shown import Cell, Interval, People, PeopleIn
from tests.wall.desk import say
from tests.wall.figures import AT_MS, Language, day


def people(language: Language, tone: bool = False) -> People:
    """35 agents."""
    en = (
        ("ready", "ready"),
        ("ringing", "ringing"),
        ("talking", "talking"),
        ("hold", "hold"),
        ("wrapup", "wrap-up"),
        ("not_ready", "not ready"),
    )
    nl = ("beschikbaar", "gaat over", "in gesprek", "ruggespraak", "nawerk", "niet gereed")
    longest_s = (472, 0, 1571, 40, 9, 800)
    states = tuple(
        PeopleIn(
            state=state,
            word=say(language, said, nl[at]),
            count=(10, 1, 17, 1, 2, 4)[at],
            note="Storing" if tone and state == "not_ready" else "max",
            longest=Cell(figures.duration(longest_s[at]), start_ms=AT_MS - 1000 * longest_s[at]),
            tone="act" if tone and state == "not_ready" else "",
        )
        for at, (state, said) in enumerate(en)
    )
    return People(
        title=say(language, "Agents by state", "Agenten per toestand"),
        signed_in=say(language, "35 signed in", "35 aangemeld"),
        occupancy=say(language, "occupancy 15 min 67 %", "bezetting 15 min 67 %"),
        states=states,
    )


def interval(language: Language) -> Interval:
    """14:30 to 15:00, and the day."""
    return Interval(
        title=say(
            language,
            "Interval and day · service level of arrivals, target ≥ 80 % in 20 s",
            "Interval en dag · servicelevel van binnenkomst, doel ≥ 80 % in 20 s",
        ),
        value="100 %",
        span="14:30–15:00 · n 7",
        sentence=say(language, "29 more misses fit (≈ 139 to come)", "nog 29 te laat mag (≈ 139 komen)"),
        day=say(language, "day 87 % · n 1,780", "dag 87 % · n 1.780"),
        day_sentence=say(language, "the next 23 in time bring it back", "de volgende 23 op tijd halen het terug"),
        bars=day(13, 6),
        target=0.8,
        ticks=((0.0, "8:00"), (0.2, "10:00"), (0.4, "12:00"), (0.6, "14:00"), (0.8, "16:00"), (1.0, "18:00")),
    )
