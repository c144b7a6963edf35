"""From a measurement to a proposal: its source, and evidence with grades and comparisons where a rubric speaks of it.

It is modest on purpose: small models on one processor bear out what an installation takes and how near neighbours stand
on such models. Every note says so, and no difference counts for more than "clearly".
"""

from collections.abc import Mapping, Sequence, Set
from itertools import combinations
from math import exp, log
from statistics import fmean
from typing import Any

from knowledge_base import proposal as proposals
from knowledge_base.pack import Pack
from knowledge_base.proposal import Proposal
from probes.measuring.documents import Measurement
from probes.measuring.plan import NETWORKS, TASK_NAMES
from probes.measuring.summary import Cell, Figure, cells, doubtful

RELIABILITY = 0.7  # one machine, small models: below what an own measurement may have at most
SLIGHTLY, CLEARLY = 1.25, 2.0  # ratios from which a difference is said to be one
# Installed megabytes up to which a level of the footprint's rubric holds, half levels between its words.
FOOTPRINT_LEVELS = ((10, 4.0), (25, 3.5), (100, 3.0), (150, 2.5), (400, 2.0), (700, 1.5), (1500, 1.0), (2500, 0.5))

LEAST_RUNS = 3
MOST_NOTE = 1200  # characters, by the schema of evidence
Way = Mapping[str, Figure]  # task -> figure
Observed = Mapping[str, Mapping[str, Way]]  # alternative -> subject -> what it took


def propose(measurement: Measurement, pack: Pack) -> Proposal:
    """The proposal; it may hold no evidence, and then says so in its notes.

    Only alternatives and criteria of the pack are spoken of, and a criterion only of those with one of its roles.
    """
    found = cells(measurement)
    day = measurement.made_at[:10]
    named = f"measured-{day}-{_time(measurement)}"
    conditions = _conditions(measurement)
    pieces = [
        _footprint(measurement, pack),
        *(
            _compared(pack, criterion, dimension, _by_alternative(measurement, found, figure, tasks, mode), higher,
                      tasks, conditions)
            for criterion, dimension, figure, tasks, mode, higher in (
                ("cpu_training_speed", "CPU training speed, small networks", "throughput", NETWORKS, "train", True),
                ("cpu_training_speed", "CPU training speed, boosted trees", "throughput", ("table",), "train", True),
                ("memory_efficiency", "peak memory, small networks", "peak_mb", NETWORKS, "train", False),
                ("memory_efficiency", "peak memory, boosted trees", "peak_mb", ("table",), "train", False),
                ("inference_speed", "one answer on the CPU", "prediction_p50_s", ("mlp", "cnn"), "predict", False),
            )
        ),
    ]  # fmt: skip
    evidence = [
        {"id": f"{named}-{number}", "source": named, "as_of": day, "verdict": "holds", **piece}
        for number, piece in enumerate(filter(None, pieces), 1)
    ]
    return proposals.parse(_yaml(named, day, measurement, pack, evidence, conditions), "measurement")


def as_yaml(proposal: Proposal) -> str:
    """The proposal as the document that a curator reviews."""
    return proposals.dump(proposal)


def _yaml(
    named: str, day: str, measurement: Measurement, pack: Pack, evidence: Sequence[dict[str, Any]], conditions: str
) -> str:
    from knowledge_base import yaml_files

    source = {
        "id": named,
        "kind": "own_measurement",
        "publisher": "Steelyard",
        "title": "Small models trained and run by each framework in an environment of its own",
        "url": None,
        "date": day,
        "accessed": day,
        "reliability": RELIABILITY,
        "note": f"{conditions} {measurement.made_by}, {measurement.settings.repeats} fresh processes a cell, "
        "losses and outputs held to a NumPy reference.",
    }
    return yaml_files.dump(
        {
            "proposal": {
                "title": f"Measured on {day}",
                "author": measurement.made_by,
                "reason": "An own measurement of installed sizes, training, answers and memory on small models.",
                "created": day,
            },
            "add": {"sources": [source] if evidence else [], "evidence": list(evidence)},
            "notes": _notes(measurement, pack, evidence),
        }
    )


def _notes(measurement: Measurement, pack: Pack, evidence: Sequence[dict[str, Any]]) -> list[str]:
    """What a curator should weigh before taking this up."""
    notes = ["Small models on one processor: check each note, and take out what should not count."]
    if measurement.quick:
        notes.append("This was a quick run, made to see that it works: do not take it up.")
    if not evidence:
        notes.append("Nothing in the measurement speaks of a criterion of this pack.")
    about = {name for piece in evidence for name in piece["about"]}
    own = {source.id for source in pack.sources if source.kind == "own_measurement"}
    criteria = {
        entry["criterion"] for piece in evidence for key in ("grades", "comparisons") for entry in piece.get(key, [])
    }
    for each in pack.evidence:
        judged = {grade.criterion for grade in each.grades} | {pair.criterion for pair in each.comparisons}
        if each.source in own and each.verdict == "holds" and about & set(each.about) and criteria & judged:
            notes.append(f"{each.id} is an earlier measurement of the same kind: is it superseded by this one?")
    return notes


def _footprint(measurement: Measurement, pack: Pack) -> dict[str, Any] | None:
    """Installed sizes as absolute grades; of a framework measured in several ways, the smallest."""
    host = measurement.machine.get("host") or {}
    sizes: dict[str, float] = {}
    for each in measurement.subjects:
        if each.framework and each.install_mb and each.framework in _graded(pack, "footprint"):
            sizes[each.framework] = min(each.install_mb, sizes.get(each.framework, each.install_mb))
    if not sizes:
        return None
    return {
        "locator": "installed sizes with all dependencies and byte code, over the bare environment",
        "about": sorted(sizes),
        "dimension": "footprint",
        "note": f"{_listed({name: f'{size:,.0f} MB' for name, size in sizes.items()})}. CPU builds, "
        f"{host.get('os', 'unknown system')} {host.get('arch', '')}, Python {measurement.python}.",
        "grades": [
            {"criterion": "footprint", "alternative": name, "level": _level(size)}
            for name, size in sorted(sizes.items())
        ],
    }


def _level(size_mb: float) -> float:
    return next((level for most, level in FOOTPRINT_LEVELS if size_mb <= most), 0.0)


def _by_alternative(
    measurement: Measurement, found: Sequence[Cell], figure: str, tasks: Sequence[str], mode: str
) -> Observed:
    """The steady figures of cells that computed what they should, of every way that an alternative was measured in."""
    framework = {each.id: each.framework for each in measurement.subjects}
    seen: dict[str, dict[str, dict[str, Figure]]] = {}
    for cell in found:
        name, each = framework[cell.subject], cell.figures.get(figure)
        usable = cell.parity == "agrees" and each is not None and not doubtful(cell, figure)
        if name and each and usable and each.count >= LEAST_RUNS and cell.task in tasks and cell.mode == mode:
            seen.setdefault(name, {}).setdefault(cell.subject, {})[cell.task] = each
    return seen


def _compared(
    pack: Pack,
    criterion: str,
    dimension: str,
    seen: Observed,
    higher_is_better: bool,
    tasks: Sequence[str],
    conditions: str,
) -> dict[str, Any] | None:
    """Comparisons of every two that did the same tasks, where they differ by more than their spread."""
    allowed = _graded(pack, criterion)
    values = {name: ways for name, ways in seen.items() if name in allowed}
    everything = {task for ways in values.values() for way in ways.values() for task in way}
    pairs = []
    for one, other in combinations(sorted(values), 2):
        ratio = _ratio(list(values[one].values()), list(values[other].values()), everything)
        if ratio is not None and max(ratio, 1 / ratio) >= SLIGHTLY:
            better, worse = (one, other) if (ratio > 1) == higher_is_better else (other, one)
            clear = max(ratio, 1 / ratio) >= CLEARLY and criterion != "memory_efficiency"  # most of it is the import
            by = "clearly" if clear else "slightly"
            pairs.append({"criterion": criterion, "better": better, "worse": worse, "by": by})
    if not pairs:
        return None
    spoken = sorted({pair[side] for pair in pairs for side in ("better", "worse")})
    names = [TASK_NAMES[task] for task in (*NETWORKS, "table") if task in tasks]
    told = _listed({way: _worded(each, higher_is_better) for name in spoken for way, each in values[name].items()})
    return {
        "locator": f"{dimension}: {'; '.join(names)}",
        "about": spoken,
        "dimension": dimension,
        "note": _noted(told, conditions),
        "comparisons": pairs,
    }


def _ratio(one: Sequence[Way], other: Sequence[Way], tasks: Set[str]) -> float | None:
    """How many times one's figures are the other's: the mean ratio over tasks of the two ways that are nearest.

    None where they cannot be told apart: one of the tasks is missing, runs overlap, or ways or tasks disagree.
    """
    logs = []
    for first in one:
        for second in other:
            if set(first) != tasks or set(second) != tasks:
                return None
            pairs = [(first[task], second[task]) for task in sorted(tasks)]
            signs = {a.median > b.median for a, b in pairs}
            if len(signs) != 1 or any(a.least <= b.most and b.least <= a.most for a, b in pairs):
                return None
            logs.append(fmean(log(a.median / b.median) for a, b in pairs))
    if len({each > 0 for each in logs}) != 1:
        return None
    return exp(min(logs, key=abs))


def _noted(told: str, conditions: str) -> str:
    """A note of at most the length that evidence may have; the figures give way, the conditions stay."""
    room = MOST_NOTE - len(conditions) - len("… ")
    return f"{told}. {conditions}" if len(told) < room else f"{told[:room]}… {conditions}"


def _worded(figures: Mapping[str, Figure], is_rate: bool) -> str:
    def said(value: float) -> str:
        if is_rate:
            return f"{value:,.0f}/s" if value < 1e6 else f"{value / 1e6:.1f} M/s"
        return f"{value * 1e6:,.0f} µs" if value < 1 else f"{value:,.0f} MB"

    return ", ".join(f"{said(each.median)} ({task})" for task, each in figures.items())


def _listed(parts: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {told}" for name, told in sorted(parts.items()))


def _graded(pack: Pack, criterion: str) -> set[str]:
    """The alternatives that are graded in this pack and play a role of the criterion."""
    roles = {role for each in pack.criteria if each.id == criterion for role in each.roles}
    return {each.id for each in pack.alternatives if each.graded and roles & set(each.roles)}


def _conditions(measurement: Measurement) -> str:
    cpu = measurement.machine.get("cpu") or {}
    threads = measurement.settings.threads
    return f"Small models, CPU, {threads} core{'s' if threads > 1 else ''} ({cpu.get('model') or 'unnamed'})."


def _time(measurement: Measurement) -> str:
    """The time of day, which tells two measurements of a day apart."""
    return measurement.made_at[11:19].replace(":", "")
