"""What can be typed: help, version, and choices that agree with the rest of the house."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main

from advisor import questioning, records
from cli import choices, commands
from knowledge_base import schema
from probes import catalogue
from rules.release import ROLES
from tests.commanding import Steelyard

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in sorted(group.commands.items()):
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))


ALL = list(_commands(typer.main.get_command(commands.app)))
LEAVES = [(path, command) for path, command in ALL if not hasattr(command, "commands")]


def test_the_commands_are_those_of_the_contract_so_far() -> None:
    assert [" ".join(path) for path, _ in LEAVES] == [
        "ask",
        "catalogue",
        "compare",
        "consolidate",
        "coverage",
        "db upgrade",
        "diff",
        "drift",
        "explain",
        "feasibility",
        "hardware diff",
        "hardware forget",
        "hardware list",
        "knowledge cases",
        "knowledge claims",
        "knowledge diff",
        "knowledge draft",
        "knowledge evidence",
        "knowledge health",
        "knowledge impact",
        "knowledge lint",
        "knowledge proposals",
        "knowledge propose",
        "knowledge publish",
        "knowledge refresh",
        "knowledge releases",
        "knowledge show",
        "measure",
        "policy add",
        "policy check",
        "policy list",
        "policy show",
        "probe",
        "projects",
        "recommend",
        "record",
        "replay",
        "rule-of-thumb",
        "score",
        "serve",
        "signing-key create",
        "verify",
        "what-if",
        "why-not",
        "work",
    ]


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_and_every_part_of_it_is_explained(
    steelyard: Steelyard, path: tuple[str, ...], command: Any
) -> None:
    ended = steelyard(*path, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: steelyard {' '.join(path)}")
    assert command.help
    for parameter in command.params:
        assert parameter.help, parameter.name
    assert "..." not in ended.out.partition("Commands:")[2]


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[" ".join(path) for path, _ in LEAVES])
def test_the_page_on_the_command_line_knows_every_command_and_option(path: tuple[str, ...], command: Any) -> None:
    _head, _, rest = PAGE.partition(f"\n### `steelyard {' '.join(path)}")
    assert rest, f"docs/command-line.md has no part on {' '.join(path)}"
    part = f"`steelyard {' '.join(path)}" + re.split(r"\n##", rest)[0]
    for parameter in command.params:
        names = [*parameter.opts, *parameter.secondary_opts] if parameter.param_type_name == "option" else []
        for name in names:
            assert name in part, f"{name} of {' '.join(path)}"


def test_choices_agree_with_the_house() -> None:
    assert tuple(choices.Role) == ROLES
    assert tuple(choices.MachineClass) == catalogue.CLASSES
    assert tuple(choices.Depth) == get_args(questioning.Depth)
    assert tuple(choices.RecordFormat) == records.FORMATS
    assert tuple(choices.Verdict) == get_args(schema.Verdict)
    assert tuple(choices.SourceKind) == get_args(schema.SourceKind)


def test_version(steelyard: Steelyard) -> None:
    assert re.fullmatch(r"steelyard \d+\.\d+\.\d+\n", steelyard("--version").out)


def test_no_command_shows_the_help(steelyard: Steelyard) -> None:
    ended = steelyard()
    assert (ended.code, ended.err) == (0, "")
    assert "Commands:" in ended.out


HEAVY = {"numpy", "sqlalchemy", "pydantic", "rich", "yaml", "uvicorn", "advisor", "rules"}


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(argument: str) -> None:
    code = f"import sys; from cli import main; main.run([{argument!r}]); print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & {name.partition(".")[0] for name in ended.stderr.split()} == set()


def test_json_waits_for_no_renderer(home: Path) -> None:
    code = (
        "import sys; from cli import main; main.run(['recommend', '-', '--json']); print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], input="stage: research", capture_output=True, text=True, check=True
    )
    assert {"rich", "alembic", "uvicorn", "fastapi"} & {
        name.partition(".")[0] for name in ended.stderr.split()
    } == set()
