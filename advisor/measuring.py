"""Measure frameworks on this machine: the plan to consent to, doing it, the document, the page and a proposal.

Nothing is installed before `measure` is called, and that is the caller's to decide. What a figure means for a criterion
is in `advisor.measured_evidence`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import probes
from advisor.settings import Settings
from probes.measuring import documents, environments, page, pictures, session, summary
from probes.measuring import plan as plans
from probes.measuring.documents import Measurement
from probes.measuring.faults import Busy
from probes.measuring.plan import Effort, Plan
from probes.measuring.session import Progress
from rules.faults import Fault, InvalidInput, shown
from rules.hardware import Profile

MAX_REPEATS = 100
PICTURES = "pictures"
PAGE, DOCUMENT = "measurements.md", "measurements.json"

__all__ = ["Busy", "Intention", "Measurement", "dump", "intention", "load", "measure", "read", "text", "told", "write"]


@dataclass(frozen=True, slots=True)
class Intention:
    """What a person is asked to consent to: the plan, where it would work, what is there already."""

    plan: Plan
    folder: Path
    machine: Profile
    present: tuple[tuple[str, ...], ...]  # environments that are ready

    def missing(self) -> dict[tuple[str, ...], int]:
        """The environments that would be made, each with about the megabytes it takes."""
        return {needed: mb for needed, mb in self.plan.environments().items() if needed not in self.present}

    def as_document(self) -> dict[str, Any]:
        """The plan as plain parts."""
        missing = self.missing()
        return {
            "subjects": [each.id for each in self.plan.subjects],
            "environments": [
                {"requirements": list(needed), "about_mb": mb, "ready": needed not in missing}
                for needed, mb in self.plan.environments().items()
            ],
            "runs": len(self.plan.cells()) * self.plan.effort.repeats,
            "repeats": self.plan.effort.repeats,
            "threads": self.plan.threads,
        }


def intention(
    settings: Settings,
    chosen: Sequence[str] = (),
    *,
    repeats: int | None = None,
    quick: bool = False,
    pins: Sequence[str] = (),
) -> Intention:
    """What measuring would do; looks at this machine and installs nothing.

    Raises:
        InvalidInput: an unknown framework, a pin that is none, or a number of repeats out of range.
    """
    if repeats is not None and not 1 <= repeats <= MAX_REPEATS:
        raise InvalidInput([Fault("--repeats", shown(repeats), f"a whole number from 1 to {MAX_REPEATS}")])
    effort = plans.QUICK if quick else Effort()
    machine = probes.local(deadline_s=settings.probe_deadline_s)
    threads = max(1, int(machine.usable_cores or machine.logical_cores or 1))
    plan = plans.plan(chosen, replace(effort, repeats=repeats or effort.repeats), threads, pins)
    folder = settings.home.expanduser() / "measuring"
    needed = plan.environments()
    present = tuple(each for each in needed if environments.ready(folder / "environments", each))
    return Intention(plan, folder, machine, present)


def measure(meant: Intention, *, fresh: bool = False, tell: Progress | None = None) -> Measurement:
    """Do what was consented to; what fails is said in the measurement.

    Raises:
        Busy: another measurement is going on in the same home folder.
        OSError: the home folder cannot be used.
    """
    return session.measure(meant.plan, meant.folder, meant.machine, fresh=fresh, tell=tell)


def read(value: object) -> Measurement:
    """The measurement in a document.

    Raises:
        InvalidInput: with every fault.
    """
    return documents.parse(value)


def told(measurement: Measurement) -> dict[str, Any]:
    """The measurement for programs: the document, and beside it the figures that follow from it."""
    return {
        "measurement": documents.document(measurement),
        "cells": [_cell(each) for each in summary.cells(measurement)],
    }


def _cell(cell: summary.Cell) -> dict[str, Any]:
    names = ("subject", "task", "mode", "done", "failed", "why", "parity", "off", "disturbed")
    figures = {
        name: {
            "median": f.median,
            "mad": f.mad,
            "least": f.least,
            "most": f.most,
            "count": f.count,
            "unsteady": f.unsteady,
        }
        for name, f in cell.figures.items()
    }
    off = None if cell.off is None or cell.off == float("inf") else cell.off
    return {**{name: getattr(cell, name) for name in names}, "off": off, "figures": figures}


def text(measurement: Measurement) -> str:
    """The figures in Markdown, without pictures."""
    return page.section(measurement, [])


def dump(measurement: Measurement) -> str:
    """The document as text; `read` takes it back from what `json` makes of it."""
    return documents.dump(measurement)


def write(measurement: Measurement, folder: Path) -> list[Path]:
    """Write the page (its prose is kept, its figures are replaced), the pictures and the document; what was written.

    Raises:
        OSError: the folder cannot be written.
    """
    drawn = pictures.pictures(measurement)
    target = folder / PAGE
    prose = target.read_text(encoding="utf-8") if target.exists() else ""
    contents: Mapping[Path, str] = {
        target: page.inserted(prose, page.section(measurement, list(drawn), PICTURES)),
        folder / DOCUMENT: dump(measurement),
        **{folder / PICTURES / name: drawing for name, drawing in drawn.items()},
    }
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        path.write_text(content, encoding="utf-8")
    return list(contents)


def load(path: Path) -> Measurement:
    """The measurement in a file.

    Raises:
        InvalidInput: it is no such document, or has faults.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(documents.MAX_DOCUMENT_BYTES + 1)
    if len(content) > documents.MAX_DOCUMENT_BYTES:
        raise InvalidInput([Fault("--from", f"more than {documents.MAX_DOCUMENT_BYTES} bytes", "a measurement")])
    try:
        return read(json.loads(content))
    except (ValueError, RecursionError):
        raise InvalidInput(
            [Fault("--from", shown(path.name), "a JSON document, as `steelyard measure` writes it")]
        ) from None
