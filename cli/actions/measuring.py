"""Measure frameworks on this machine: show the plan, ask, do it, write what was asked for."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor import measuring as use_case
from advisor.errors import Fault, InvalidInput
from advisor.measuring import Intention, Measurement
from cli import output, progress
from cli.actions import opening
from cli.problems import NO
from rules.faults import shown


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed; see `cli.measuring`."""

    frameworks: Sequence[str]
    repeats: int | None
    yes: bool
    quick: bool
    fresh: bool
    pins: Sequence[str]
    given: Path | None
    folder: Path | None
    target: Path | None
    propose: Path | None


def measure(asked: Options, *, as_json: bool) -> int:
    """Show the plan, ask, measure, and write what was asked for; see `cli.measuring.measure`."""
    _check_targets(asked)
    if asked.given is not None:
        return _finish(_given(asked, asked.given), asked, as_json=as_json)
    meant = use_case.intention(
        opening.settings(), asked.frameworks, repeats=asked.repeats, quick=asked.quick, pins=asked.pins
    )
    if not asked.yes:
        _show_plan(meant, as_json=as_json)
        if as_json or not _agreed():
            return NO
    with progress.bar("Measuring") as tell:
        said = (lambda done, total, _what: tell(done, total)) if tell else _say
        found = use_case.measure(meant, fresh=asked.fresh, tell=said)
    return _finish(found, asked, as_json=as_json)


def _given(asked: Options, given: Path) -> Measurement:
    """The measurement to take in the place of a new one.

    Raises:
        InvalidInput: the file is not there or is no measurement, or something was asked that only measuring does.
    """
    if asked.frameworks or asked.pins or asked.quick or asked.fresh or asked.repeats is not None:
        raise InvalidInput([Fault("--from", shown(str(given)), "given without anything to measure")])
    if not given.is_file():
        raise InvalidInput([Fault("--from", shown(str(given)), "a file that exists")])
    return use_case.load(given)


def _check_targets(asked: Options) -> None:
    """Refuse what would only fail after minutes of measuring."""
    faults = []
    for name, path in (("--output", asked.target), ("--propose", asked.propose)):
        if path is not None and (path.exists() or path.is_symlink()):
            faults.append(Fault(name, shown(str(path)), "a file that does not exist yet"))
        elif path is not None and not path.parent.is_dir():
            faults.append(Fault(name, shown(str(path)), "a file in a folder that exists"))
    if asked.folder is not None and not asked.folder.is_dir():
        faults.append(Fault("--folder", shown(str(asked.folder)), "a folder that exists"))
    if faults:
        raise InvalidInput(faults)


def _show_plan(meant: Intention, *, as_json: bool) -> None:
    plan = meant.plan
    if as_json:
        output.emit_json({"plan": meant.as_document(), "measurement": None, "cells": []})
        return
    output.emit(f"To be measured: {', '.join(each.name for each in plan.subjects)}.")
    missing = meant.missing()
    if missing:
        output.emit("To be installed by pip from its configured index, each into an environment of its own:")
        for requirements, disk_mb in missing.items():
            output.emit(f"  {' '.join(requirements)}: about {disk_mb:,} MB on disk")
        output.emit(f"Together about {sum(missing.values()):,} MB, in {meant.folder}.")
    else:
        output.emit("All environments are there; nothing is installed.")
    runs = len(plan.cells()) * plan.effort.repeats
    threads = f"{plan.threads} thread{'' if plan.threads == 1 else 's'}"
    output.emit(f"Then {runs} short processes of {threads} run one after another; nothing else should run meanwhile.")


def _agreed() -> bool:
    """Whether a person at a terminal says yes."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        output.emit("Nothing was done. Agree with --yes.")
        return False
    sys.stderr.write('Install and measure? Type "yes" to agree: ')
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() == "yes":
        return True
    output.emit("Nothing was done.")
    return False


def _say(done: int, total: int, what: str) -> None:
    output.notice(f"{done + 1} of {total}: {what}")


def _finish(found: Measurement, asked: Options, *, as_json: bool) -> int:
    """Write and show what was asked for. Exits with 1 where nothing at all could be measured."""
    if asked.target is not None:
        with asked.target.open("x", encoding="utf-8") as file:
            file.write(use_case.dump(found))
    written = use_case.write(found, asked.folder) if asked.folder is not None else []
    if asked.propose is not None:
        _propose(found, asked.propose)
    if as_json:
        output.emit_json({"plan": None, **use_case.told(found)})
    else:
        for line in use_case.text(found).splitlines():
            output.emit(line)
        for path in [*written, *filter(None, (asked.target, asked.propose))]:
            output.notice(f"wrote {path}")
    return 0 if any(run.told for run in found.runs) else NO


def _propose(found: Measurement, target: Path) -> None:
    from advisor import curation, measured_evidence  # brings the pack's reader with it

    with opening.house() as house:
        pack = curation.present_pack(house)
    with target.open("x", encoding="utf-8") as file:
        file.write(measured_evidence.as_yaml(measured_evidence.propose(found, pack)))
