"""Doing a plan: environments, files made beforehand, then repeats in turns, each kept as soon as it is done.

What fails is a row that says so; the others go on. A session that was interrupted is taken up where it ended, as long
as plan, data and installed versions are the same. It asks nobody: consent is the caller's.
"""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import probes
from probes.measuring import data, documents, environments, reference, running
from probes.measuring.documents import Measured, Measurement, Reference, Run, Settings, Told
from probes.measuring.environments import Environment
from probes.measuring.faults import Busy, NotMade
from probes.measuring.plan import DATA_OF, PREPARING, Effort, Mode, Plan, Subject, Task
from probes.measuring.summary import LOSS_TOLERANCE, OUTPUT_TOLERANCE, TABLE_TOLERANCE
from rules.faults import Fault, InvalidInput
from rules.hardware import Profile

Progress = Callable[[int, int, str], None]
COMPARED_SAMPLES = 16


@dataclass(frozen=True, slots=True)
class Provision:
    """What runs are given: the folder with the data file and made models, and what they are held to."""

    folder: Path
    sha256: str
    reference: Reference

    @property
    def file(self) -> Path:
        """The data and first weights."""
        return self.folder / "data.npz"


def measure(
    plan: Plan, folder: Path, machine: Profile, *, fresh: bool = False, tell: Progress | None = None
) -> Measurement:
    """Do a plan and give the measurement.

    Args:
        plan: what and how.
        folder: for environments, data and the session; made where it is not there.
        machine: the profile of this machine.
        fresh: make environments anew, and begin anew.
        tell: told before each step: how many are done, of how many, and what comes.

    Raises:
        Busy: another measurement uses the folder.
        OSError: the folder cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock"):
        needed = plan.environments()
        steps = len(needed) + len(plan.cells()) * plan.effort.repeats
        told = tell or (lambda _done, _total, _what: None)
        made: dict[tuple[str, ...], Environment | NotMade] = {}
        for number, (requirements, disk_mb) in enumerate(needed.items()):
            told(number, steps, f"environment with {', '.join(requirements)}")
            made[requirements] = _environment(folder / "environments", requirements, disk_mb, fresh=fresh)
        provision = provide(folder, plan.effort, {task for _, task, _ in plan.cells()})
        prepared = _prepared(plan, made, provision)
        subjects = [_described(each, made, prepared) for each in plan.subjects]
        settings = _settings(plan, provision)
        journal = folder / "sessions" / f"{_named(settings, subjects)}.jsonl"
        if fresh:
            journal.unlink(missing_ok=True)
        runs = _turns(
            plan, subjects, made, provision, journal, lambda done, what: told(len(needed) + done, steps, what)
        )
        found = Measurement(
            schema="steelyard/measurement/1",
            made_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            made_by=_own_version(),
            python=platform.python_version(),
            quick=plan.effort.least_s < Effort().least_s,
            machine=probes.document(machine),
            settings=settings,
            reference=provision.reference,
            subjects=subjects,
            runs=runs,
        )
        journal.unlink(missing_ok=True)
        return found


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock file that the system gives back when the process ends, however it ends.

    Raises:
        Busy: another process holds it.
        OSError: it cannot be locked at all.
    """
    with lock.open("w") as held:
        try:
            import fcntl  # not on every system: without it nobody is kept out

            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass
        except BlockingIOError:
            raise Busy("another measurement is going on") from None
        except OSError as error:  # network folders cannot always be locked
            why = f"it cannot be locked, so that two measurements could disturb each other ({error.strerror})"
            raise OSError(error.errno, why, str(lock)) from error
        yield


def _environment(folder: Path, requirements: tuple[str, ...], disk_mb: float, *, fresh: bool) -> Environment | NotMade:
    found = None if fresh else environments.ready(folder, requirements)
    try:
        return found or environments.make(folder, requirements, disk_mb)
    except NotMade as failure:
        return failure


def provide(folder: Path, effort: Effort, tasks: AbstractSet[Task]) -> Provision:
    """The data file and the reference for an effort and these tasks, made where they are not there yet."""
    arrays = data.arrays(rows=effort.rows)
    sha256 = data.fingerprint(arrays)
    place = folder / "data" / sha256[:16]
    place.mkdir(parents=True, exist_ok=True)
    learnt = sorted(tasks & set(reference.MODELS))
    kept = place / f"reference-{effort.compared_steps}-{'-'.join(learnt)}.json"
    provision = Provision(place, sha256, _reference(arrays, effort, learnt, kept))
    if not provision.file.exists():
        half_written = place / f"data-{os.getpid()}.part.npz"
        np.savez(half_written, **arrays)  # type: ignore[arg-type]
        half_written.replace(provision.file)
    return provision


def _reference(arrays: data.Arrays, effort: Effort, tasks: Sequence[Task], kept: Path) -> Reference:
    with suppress(OSError, ValueError, InvalidInput):
        return documents.checked(Reference, json.loads(kept.read_text(encoding="utf-8")), "reference")
    losses, outputs = {}, {}
    for task in tasks:
        model, source = reference.MODELS[task]
        weights = data.part(arrays, task)
        x, y = arrays[f"{source}.x"], arrays[f"{source}.y"]
        losses[task] = reference.losses(model, weights, x, y, effort.compared_steps, reference.RATES[task])
        outputs[task] = reference.outputs(model, weights, x[:COMPARED_SAMPLES]).tolist()
    found = documents.checked(Reference, {"losses": losses, "outputs": outputs}, "reference")
    kept.write_text(found.model_dump_json(), encoding="utf-8")
    return found


def _prepared(
    plan: Plan, made: Mapping[tuple[str, ...], Environment | NotMade], provision: Provision
) -> dict[str, str | None]:
    """Kind of model file -> why it could not be made, None where it is there."""
    found: dict[str, str | None] = {}
    for kind in sorted({each.models for each in plan.subjects if each.models}):
        tasks = {t for each in plan.subjects if each.models == kind for t in each.predicts}
        preparing = PREPARING[kind]
        environment = made[preparing.requirements]
        found[kind] = None
        for task in sorted(tasks):
            if (provision.folder / f"{task}.{kind}").exists():
                continue
            if isinstance(environment, NotMade):
                found[kind] = f"no {kind} files without {', '.join(preparing.requirements)}: {environment.why}"
                continue
            job = _job(plan, provision, preparing.script, task, "prepare")
            ended = running.stage(environment.python, job, plan.effort.deadline_s, plan.threads, {})
            if ended.outcome != "done":
                found[kind] = f"the {kind} file of {task} could not be made: {ended.why}"[: running.MAX_WHY]
    return found


def _described(
    subject: Subject, made: Mapping[tuple[str, ...], Environment | NotMade], prepared: Mapping[str, str | None]
) -> Measured:
    environment = made[subject.requirements]
    missing = prepared.get(subject.models or "")
    common: dict[str, Any] = {
        "id": subject.id,
        "framework": subject.framework,
        "name": subject.name,
        "requirements": list(subject.requirements),
        "settings": dict(subject.settings),
    }
    if isinstance(environment, NotMade):
        return Measured(
            **common, state=environment.state, why=environment.why, packages={}, install_mb=None, install_s=None
        )
    return Measured(
        **common,
        state="not_prepared" if missing else "ready",
        why=missing,
        packages=dict(environment.packages),
        install_mb=environment.install_mb,
        install_s=environment.install_s,
    )


def _turns(
    plan: Plan,
    subjects: Sequence[Measured],
    made: Mapping[tuple[str, ...], Environment | NotMade],
    provision: Provision,
    journal: Path,
    told: Callable[[int, str], None],
) -> list[Run]:
    """All runs: every cell once, then all again. Each is written to the journal as soon as it is done."""
    runs = _read_journal(journal)
    done = {(run.subject, run.task, run.mode, run.repeat) for run in runs}
    states = {each.id: each.state for each in subjects}
    for repeat in range(plan.effort.repeats):
        for number, (subject, task, mode) in enumerate(plan.cells()):
            environment = made[subject.requirements]
            if states[subject.id] != "ready" or isinstance(environment, NotMade):
                continue
            if (subject.id, task, mode, repeat) in done:
                continue
            told(repeat * len(plan.cells()) + number, f"{subject.name}, {task}, {mode}")
            run = _run(plan, provision, environment, subject, task, mode, repeat)
            runs.append(run)
            journal.parent.mkdir(parents=True, exist_ok=True)
            with journal.open("a", encoding="utf-8") as file:
                file.write(run.model_dump_json() + "\n")
    return runs


def _read_journal(journal: Path) -> list[Run]:
    """The runs of an interrupted session, up to the first line that is not whole; what follows is cut off."""
    found: list[Run] = []
    whole = 0
    with suppress(OSError):
        for line in journal.read_bytes().splitlines(keepends=True):
            try:
                found.append(documents.checked(Run, json.loads(line), "run"))
            except (ValueError, InvalidInput):
                break
            if not line.endswith(b"\n"):
                found.pop()
                break
            whole += len(line)
        os.truncate(journal, whole)
    return found


def _run(
    plan: Plan,
    provision: Provision,
    environment: Environment,
    subject: Subject,
    task: Task,
    mode: Mode,
    repeat: int,
) -> Run:
    if mode == "predict":  # a start from disk, as after a reboot or in a new container
        running.forgotten(Path(environment.python).parent.parent)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    job = _job(plan, provision, subject.script, task, mode)
    ended = running.stage(environment.python, job, plan.effort.deadline_s, plan.threads, subject.settings)
    told: Told | None = None
    if ended.outcome == "done":
        try:
            told = documents.checked(Told, ended.result, "result")
            _sense(told, mode)
        except InvalidInput as invalid:
            told, why = None, running.told(f"{invalid.faults[0]}")
            ended = replace(ended, outcome="bad_result", result=None, why=why)
    return Run(
        subject=subject.id,
        task=task,
        mode=mode,
        repeat=repeat,
        outcome=ended.outcome,
        why=ended.why,
        load_1min=load,
        others=ended.others,
        told=told,
    )


def _sense(told: Told, mode: Mode) -> None:
    """A run in training must have trained."""
    if mode == "train" and not (told.losses and told.groups_s and told.first_step_s is not None):
        raise InvalidInput([Fault("result.losses", "nothing", "the losses and times of training steps")])


def _job(plan: Plan, provision: Provision, script: str, task: Task, mode: Mode | str) -> dict[str, Any]:
    effort, is_table = plan.effort, task == "table"
    return {
        "script": str(running.STAGE.parent / script),
        "task": task,
        "mode": mode,
        "data": str(provision.file),
        "data_part": DATA_OF[task],
        "models": str(provision.folder),
        "threads": plan.threads,
        "batch": data.BATCH,
        "rate": effort.table_rate if is_table else reference.RATES[task],
        "rounds": effort.rounds,
        "leaves": effort.leaves,
        "compared_steps": 1 if is_table else effort.compared_steps,
        "group": 1 if is_table else effort.group,
        "warms": not is_table,
        "least_steps": effort.least_fits if is_table else effort.least_steps,
        "least_s": effort.least_s,
        "most_s": effort.most_s,
        "predict_s": effort.predict_s,
    }


def _settings(plan: Plan, provision: Provision) -> Settings:
    effort = asdict(plan.effort)
    rate = effort.pop("table_rate")
    return Settings(
        seed=data.SEED,
        data_sha256=provision.sha256,
        batch=data.BATCH,
        rates={str(task): each for task, each in reference.RATES.items()} | {"table": rate},
        threads=plan.threads,
        loss_tolerance=LOSS_TOLERANCE,
        output_tolerance=OUTPUT_TOLERANCE,
        table_tolerance=TABLE_TOLERANCE,
        **effort,
    )


def _named(settings: Settings, subjects: Sequence[Measured]) -> str:
    """A name for a session, from all that makes runs comparable."""
    said = settings.model_dump_json() + "".join(each.model_dump_json() for each in subjects) + sys.version
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _own_version() -> str:
    try:
        return f"steelyard {version('steelyard')}"
    except PackageNotFoundError:
        return "steelyard"
