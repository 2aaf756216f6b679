"""`callpulse simulate`"""

import asyncio

import click

from callpulse import clock, kafka
from callpulse.commands.common import fail, hush_kafka, settings_of, speed_of
from callpulse.commands.logs import to_stderr
from callpulse.exit_codes import TROUBLE, WRONG
from callpulse.settings import SettingsError
from callpulse.simulator.run import Plan, run
from callpulse.simulator.scenario import ScenarioError
from callpulse.sources.produce import ProduceError
from callpulse.sources.sinks import SinkError


@click.command()
@click.option("--scenario", default="demo", show_default=True, help="demo, day, or a TOML file.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same day.")
@click.option("--speed", help="1 = real time, 60 = a minute a second, max (default: 1; to a file: max).")
@click.option(
    "--to", default="kafka", show_default=True, help="kafka, a file for JSON lines, or - for standard output."
)
@click.option("--rebase", help="now, or the time at which the day starts (default: now at speed 1).")
@click.option("--since", type=int, help="Go on with what was begun then (ms since the epoch); repeats are copies.")
@click.option("--duration", type=float, help="Seconds of simulated time (default: to the end of the scenario).")
@click.option("--warmup", type=float, help="Seconds before the start that are sent at once.")
@click.option("--late", type=float, help="Share of events that come late.")
@click.option("--double", type=float, help="Share of events that come twice.")
@click.option("--dead-feed", multiple=True, help="START:SECONDS in which nothing comes.")
@click.pass_context
def simulate(  # noqa: PLR0913, PLR0917 -- one argument an option
    context: click.Context,
    scenario: str,
    seed: int,
    speed: str | None,
    to: str,
    rebase: str | None,
    since: int | None,
    duration: float | None,
    warmup: float | None,
    late: float | None,
    double: float | None,
    dead_feed: tuple[str, ...],
) -> None:
    """Play a believable contact-centre day."""
    settings = settings_of(context)
    pace = speed_of(speed or ("1" if to in {"kafka", "-"} else "max"))
    to_stderr(settings.logs, "callpulse.source")
    hush_kafka()
    try:
        plan = Plan(
            scenario=scenario,
            seed=seed,
            speed=pace,
            to=to,
            rebase=rebase,
            since_ms=since,
            duration_s=duration,
            warmup_s=warmup,
            late=late,
            double=double,
            dead_feed=dead_feed,
            client=kafka.client(settings.kafka),
            idempotent=settings.kafka.idempotence,
            calls_topic=kafka.topic(settings.kafka, "calls"),
            agents_topic=kafka.topic(settings.kafka, "agents"),
        )
        asyncio.run(run(plan, now_ms=clock.now_ms, sleep=asyncio.sleep))
    except (ScenarioError, SettingsError) as error:
        fail(str(error), WRONG)
    except (SinkError, ProduceError) as error:
        fail(str(error), TROUBLE)
    except KeyboardInterrupt:
        pass
