"""What the documents say is so: blocks taken from the code, commands, settings, names, links."""

import re
import runpy
import shlex
from pathlib import Path

import click
import msgspec
import pytest

from callpulse import cli, settings
from callpulse.alerts.metrics import FAMILIES as ALERT_FAMILIES
from callpulse.edges.rights import NEEDS, kafka_rights
from callpulse.settings import Settings, load
from callpulse.settings.alerts import TABLES, Alerts, RuleTable
from callpulse.settings.channels import CHANNELS
from callpulse.settings.wallboard import Token, Wallboard
from callpulse.stream.core import events
from callpulse.stream.core.events import Reason
from callpulse.stream.core.kpis import Policy
from callpulse.stream.metrics.names import BY_NAME
from callpulse.stream.topic_list import TOPICS, changelogs, group
from callpulse.wallboard.metrics import FAMILIES as WALL_FAMILIES
from tests.chaos.guards import WITHOUT

ROOT = Path(__file__).parents[2]
GENERATE = runpy.run_path(str(ROOT / "docs" / "generate.py"))
README = ROOT / "README.md"
IN_LINES = (
    "docs/WALL.md",
    "CHANGELOG.md",
    "Makefile",
    "callpulse/demo/alerts.toml",
    "callpulse/simulator/scenarios/demo.toml",
)
EXAMPLE = ROOT / "examples" / "callpulse.toml"
DOCUMENTS = [README, ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("examples/**/*.md"))]
SECTIONS = (
    "site",
    "kafka",
    "redis",
    "metrics",
    "monitoring",
    "worker",
    "source",
    "queue_defaults",
    "alerts",
    "wallboard",
)
SETTABLE = {
    f"CALLPULSE_{section}_{key}".upper(): (section, key)
    for section in SECTIONS
    for key in type(getattr(Settings(), section)).__struct_fields__
    if key not in TABLES | {"tokens"}
}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def headings(path: Path) -> set[str]:
    return {line.lstrip("#").strip() for line in text_of(path).splitlines() if line.startswith("#")}


def slug(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# -- taken from the code


@pytest.mark.parametrize("path", GENERATE["DOCUMENTS"], ids=named)
def test_what_is_generated_is_as_the_code_has_it(path: Path) -> None:
    text = text_of(path)
    assert GENERATE["renewed"](text) == text, "run: python docs/generate.py"


def test_every_block_that_can_be_generated_stands_somewhere() -> None:
    everything = "".join(map(text_of, GENERATE["DOCUMENTS"]))
    assert all(f"<!-- {name}: generated -->" in everything for name in GENERATE["BLOCKS"])


def test_a_block_that_is_out_of_date_is_noticed() -> None:
    text = "before\n<!-- formulas: generated -->\nold\n<!-- end -->\nafter\n"
    renewed = GENERATE["renewed"](text)
    assert renewed != text
    assert renewed.startswith("before\n<!-- formulas: generated -->\n|")
    assert renewed.endswith("|\n<!-- end -->\nafter\n")


@pytest.mark.parametrize(("path", "most"), [(README, 200), (ROOT / "docs" / "ARCHITECTURE.md", 150)], ids=str)
def test_what_is_read_first_stays_short(path: Path, most: int) -> None:
    assert len(text_of(path).splitlines()) <= most


@pytest.mark.parametrize("name", IN_LINES)
def test_no_line_is_longer_than_a_line_of_code(name: str) -> None:
    lines = [line for line in text_of(ROOT / name).splitlines() if not line.startswith("|")]  # a row of a table is one
    assert [line for line in lines if len(line) > 120] == []


# -- commands


def commands_in_readme() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", text_of(README), re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("callpulse ")]


@pytest.mark.parametrize("line", commands_in_readme())
def test_a_command_of_the_readme_can_be_called_as_written(line: str, tmp_path: Path) -> None:
    command: click.Command = cli.main
    words = shlex.split(line)[1:]
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"{line}: no command {name}"
        command = found
    top = click.Context(cli.main, **cli.main.context_settings)
    assert command.make_context(command.name, words, parent=top) is not None
    files = [word for word in words if word.startswith("examples/")]
    assert all((ROOT / file).is_file() for file in files), f"{line}: {files}"


def test_every_command_is_in_the_readme() -> None:
    told = " ".join(commands_in_readme()) + text_of(README).replace("make demo", "callpulse demo")
    assert [name for name in cli.COMMANDS if f"callpulse {name}" not in told] == []


def test_options_named_in_passing_exist() -> None:
    known = {
        option
        for name in cli.COMMANDS
        for parameter in cli.main.get_command(click.Context(cli.main), name).params  # type: ignore[union-attr]
        for option in parameter.opts
    } | {option for parameter in cli.main.params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)", text_of(README))) <= known


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_a_command_that_is_named_exists(path: Path) -> None:
    named_ = set(re.findall(r"`callpulse ([a-z]+)", text_of(path)))
    assert named_ <= set(cli.COMMANDS)


def test_figures_of_sizing_are_those_that_were_measured() -> None:
    sizing = text_of(ROOT / "docs" / "OPERATIONS.md").partition("## Sizing")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| .* \| `(\w+)`, `(\w+)` \| (\S+) \|$", sizing, re.MULTILINE)
    assert len(rows) > 10
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text_of(ROOT / "docs" / "PERFORMANCE.md"), re.M | re.S))
    for benchmark, figure, value in rows:
        assert f"| {figure} | {value} |" in sections[benchmark], f"{benchmark}: {figure}"


# -- settings


def test_the_example_of_the_settings_states_the_defaults() -> None:
    assert load(EXAMPLE, {}) == Settings()


def test_the_example_names_every_setting() -> None:
    stated = set(re.findall(r"^(?:# )?(\w+) = ", text_of(EXAMPLE), re.MULTILINE))
    assert {key for _, key in SETTABLE.values()} <= stated


def test_what_is_commented_out_in_the_example_is_valid_too(tmp_path: Path) -> None:
    file = tmp_path / "all.toml"
    file.write_text(re.sub(r"^# (?=\[|\w+ = )", "", text_of(EXAMPLE), flags=re.MULTILINE), encoding="utf-8")
    found = load(file, {})
    shared = msgspec.to_builtins(found.queue_defaults)
    assert {name: shared[name] for name in Policy.__struct_fields__} == msgspec.to_builtins(Policy())
    assert found.policy("sales") == msgspec.structs.replace(Policy(), threshold_s=30, target=0.85)
    assert found.groups["customers"].queues == ("sales", "support*")
    assert [rule.name for rule in settings.rules_of(found)][-1] == "slow_answer"


@pytest.mark.parametrize("path", [*DOCUMENTS, EXAMPLE], ids=named)
def test_a_variable_of_the_environment_that_is_named_is_read(path: Path) -> None:
    for variable in re.findall(r"CALLPULSE_[A-Z_]+", text_of(path)):
        assert variable.removesuffix("_FILE") in SETTABLE or variable == settings.PREFIX + "CONFIG", variable


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_a_setting_named_by_its_section_exists(path: Path) -> None:
    for section, key in re.findall(rf"`({'|'.join(SECTIONS)})\.(\w+)`", text_of(path)):
        if key not in ("py", "yml", "yaml"):
            assert (section, key) in SETTABLE.values(), f"{section}.{key}"


def test_the_settings_of_alerts_that_are_told_can_be_used_together(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", text_of(ROOT / "docs" / "ALERTS.md"), re.DOTALL)
    (tmp_path / "secret").write_text("whsec_x")
    file = tmp_path / "told.toml"
    file.write_text("\n".join(blocks).replace("/run/secrets/alerts", str(tmp_path / "secret")), encoding="utf-8")
    assert [rule.name for rule in settings.rules_of(load(file, {}))] == [
        "service_level", "abandonment_severe", "nobody_free",
    ]  # fmt: skip


def test_the_settings_of_the_wall_that_are_told_can_be_used(tmp_path: Path) -> None:
    text = re.sub(r"^  ", "", text_of(ROOT / "docs" / "WALL.md"), flags=re.MULTILINE)
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(blocks) > 2
    for name in ("hall", "ann"):
        (tmp_path / name).write_text(f"the-key-of-{name}-is-long")
    for block in blocks:
        file = tmp_path / "told.toml"
        file.write_text(block.replace("/run/secrets", str(tmp_path)), encoding="utf-8")
        assert load(file, {}) != Settings()


def test_every_key_of_the_wallboard_is_told() -> None:
    told = text_of(ROOT / "docs" / "WALL.md")
    keys = {key.removesuffix("_key").upper() for key in (*Wallboard.__struct_fields__, *Token.__struct_fields__)}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", told, re.IGNORECASE)] == []


def test_every_key_of_a_rule_and_of_a_channel_is_told() -> None:
    told = text_of(ROOT / "docs" / "ALERTS.md")
    shapes = (RuleTable, Alerts, *CHANNELS.values())
    keys = {key for shape in shapes for key in shape.__struct_encode_fields__}
    assert [key for key in sorted(keys) if not re.search(rf"[`.]{key}\b", told)] == []


# -- names


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_a_metric_that_is_named_is_served(path: Path) -> None:
    for name in re.findall(r"\bcallpulse_[a-z0-9_]+\b(?!:)", text_of(path)):
        assert name in BY_NAME or name in {family.name for family in (*ALERT_FAMILIES, *WALL_FAMILIES)}, name


def events_told() -> dict[str, str]:
    """Type -> the rest of its row."""
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| (.*) \|$", text_of(ROOT / "docs" / "EVENTS.md"), re.MULTILINE)
    return {kind: rest for kinds, rest in rows for kind in re.findall(r"`([a-z_]+)`", kinds)}


def test_every_event_and_every_field_of_it_is_told() -> None:
    told, common = events_told(), {"at", "source", "queue", "contact_id", "channel", "site"}
    for kind in events.Call.__args__:
        row = told[kind.__struct_config__.tag]
        missing = [field for field in kind.__struct_fields__ if field not in common and f"`{field}`" not in row]
        assert not missing, (kind.__struct_config__.tag, missing)


def test_every_reason_of_a_refusal_is_told() -> None:
    text = text_of(ROOT / "docs" / "EVENTS.md")
    assert [reason.value for reason in Reason if f"`{reason.value}`" not in text] == []


def test_every_room_is_on_the_map() -> None:
    text = text_of(ROOT / "docs" / "ARCHITECTURE.md")
    rooms = [path.parent.relative_to(ROOT) for path in (ROOT / "callpulse").glob("**/__init__.py")]
    assert [str(room) for room in rooms if f"| `{room}" not in text] == []


# -- links


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_to_files_and_headings_resolve(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(path)):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file) if file else path
        assert place.exists(), target
        assert not anchor or anchor in map(slug, headings(place)), target


def test_what_docstrings_refer_to_is_there() -> None:
    for source in [*ROOT.glob("callpulse/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        for file, heading in re.findall(r'(docs/[\w/-]+\.md)(?:,\s+"([^"]+)")?', text_of(source)):
            assert (ROOT / file).is_file(), f"{named(source)}: {file}"
            assert not heading or " ".join(heading.split()) in headings(ROOT / file), f"{named(source)}: {heading}"


def test_the_picture_needs_nobody_elses_site() -> None:
    picture = text_of(ROOT / "docs" / "images" / "top.svg")
    assert set(re.findall(r"https?://[^\s\"']+", picture)) == {"http://www.w3.org/2000/svg"}


def test_every_guard_is_told_with_the_tests_that_take_it_away() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)`: [^|]*\| ([^|]*) \|", text_of(ROOT / "docs" / "decisions" / "guards.md"), re.MULTILINE
    )
    assert {guard for guard, _ in rows} == set(WITHOUT)
    for guard, tests in rows:
        for path in re.findall(r"`(tests/\S+\.py)`", tests):
            taken_away = f'"{guard}"' in text_of(ROOT / path)
            assert taken_away != tests.startswith("not shown; "), f"{guard}: {path}"


def test_every_topic_and_group_has_its_rights() -> None:
    rights = [right for process in NEEDS for right in kafka_rights(process, "callpulse")]
    read, written = (
        {r.name for r in rights if each in r.operations and r.kind == "topic"} for each in ("Read", "Write")
    )
    assert {*(topic.name("callpulse") for topic in TOPICS), f"{group('callpulse')}-"} == read & written
    assert all(each.startswith(f"{group('callpulse')}-") for each in changelogs("callpulse"))
    assert {right.name for right in rights if right.kind == "group"} == {group("callpulse"), "callpulse.alerts"}
