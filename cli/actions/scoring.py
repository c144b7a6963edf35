"""Score files of projects; look at them first; write a template for them; work on what the service was handed."""

import signal
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any

from advisor import score as use_case
from advisor.errors import Fault, InvalidInput
from advisor.portfolio_specs import Wanted
from advisor.score import Files
from advisor.words import silent
from cli import files, output, progress
from cli.actions import opening

_WHY = {  # a column is taken for what it is taken for
    "id": "by its name",
    "mapped": "as was said",
    "guessed": "guessed by its name",
    "left out": "as was said",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How a portfolio is asked for; see `cli.scoring.score`."""

    hardware: str | None
    policies: Sequence[str]
    columns: Sequence[str]
    mapping: str | None
    top: int | None
    more: Sequence[str]
    block_rows: int | None

    def wanted(self) -> Wanted:
        """The same, with what lies in files read."""
        laid = [files.policy(each) for each in self.policies]
        return {
            "hardware_from": files.hardware(self.hardware),
            "policy": [each if isinstance(each, str) else each.value for each in laid] or None,
            "mapping": files.document(self.mapping, "--mapping").value if self.mapping else None,
            "columns": list(self.columns),
            "top": self.top,
            "more": list(self.more),
            "block_rows": self.block_rows,
        }


@dataclass(frozen=True, slots=True)
class How:
    """How the work is done, which changes nothing about the answers; see `advisor.score.score_files`."""

    resume: bool
    force: bool
    workers: int | None
    on: str | None


def score(
    sources: Sequence[Path],
    target: Path | None,
    errors: Path | None,
    options: Options,
    how: How,
    *,
    as_json: bool,
) -> int:
    """Score files of projects and say how many rows went well; see `cli.scoring.score`."""
    if target is None or not target.name:
        raise InvalidInput([Fault("output", "nothing", "a file for the results: -o OUT")])
    where = Files(tuple(sources), target, errors or use_case.errors_beside(target))
    wanted = options.wanted()
    with opening.house() as house, progress.rows() as tell:
        try:
            done = use_case.score_files(house, where, wanted, **asdict(how), progress=tell)
        except KeyboardInterrupt:
            output.notice("interrupted; what is done is kept, and --resume goes on with it")
            raise
    if as_json:
        output.emit_json({**asdict(done), "output": str(where.target), "errors": str(where.errors)})
        return 0
    output.emit(f"{_rows(done.read)} read, {done.scored} scored to {where.target}")
    if done.silent:
        output.emit(silent(done.silent, done.scored))
    if done.failed:
        output.emit(f"{_rows(done.failed)} could not be scored; see {where.errors}")
    return 0


def check(sources: Sequence[Path], options: Options, *, as_json: bool) -> int:
    """Say how files are understood, without scoring them; 2 where they cannot be scored."""
    with opening.house() as house, progress.rows() as tell:
        found = use_case.check(house, sources, options.wanted(), tell)
    if as_json:
        output.emit_json(found)
    else:
        _tell(found)
    return 2 if found["faults"] else 0


def _tell(found: dict[str, Any]) -> None:
    size = "" if found["rows"] is None else f", {_rows(found['rows'])}"
    number = "1 file" if found["files"] == 1 else f"{found['files']} files"
    output.emit(f"{number}{size}: {'; '.join(found['written'])}")
    for column in found["columns"]:
        meant = column["question"] or ("not understood" if column["how"] == "not understood" else "left out")
        why = f"{_WHY[column['how']]}; " if column["how"] in _WHY else ""
        output.emit(f"  {column['column']} -> {meant} ({why}type {column['type']})")
    for fault in found["faults"]:
        near = f" (did you mean {fault['nearest']!r}?)" if fault["nearest"] else ""
        output.emit(f"  not understood: {fault['path']}: {fault['value']} is not {fault['expected']}{near}")
    if found["packages"]:
        _tell_packages(found["packages"])
    if found["bad_rows"] is not None:
        output.emit(f"{_rows(found['bad_rows'])} cannot be scored" if found["bad_rows"] else "Every row can be scored")
    for fault in found["bad"]:
        near = f" (did you mean {fault['nearest']!r}?)" if fault["nearest"] else ""
        line = f"line {fault['line']}" if fault["line"] else ""
        place = ", ".join(filter(None, (fault["file"], f"row {fault['row']}", line, fault["column"])))
        output.emit(f"  {place}: {fault['value']}, {fault['reason']}{near}")


def _tell_packages(found: dict[str, Any]) -> None:
    """What lists of packages were taken for, and what was passed over, so that one sees whether they are understood."""
    output.emit(f"{_rows(found['rows'])} list packages, {found['distinct']} different ones")
    for each in found["taken"]:
        by = _and_more(each["packages"], each["distinct"])
        output.emit(f"  {each['framework']}: {_rows(each['rows'])}, by {by}")
    if found["taken_too"]:
        names = ", ".join(f"{each['framework']} ({each['rows']})" for each in found["taken_too"])
        output.emit(f"  and {len(found['taken_too'])} more: {names}")
    if found["others"]:
        output.emit(f"  passed over: {_and_more(_counts(found['others']), found['passed_over'])}")
    if found["rows_without"]:
        without, name = found["without"], "names" if found["rows_without"] == 1 else "name"
        output.emit(f"{_rows(found['rows_without'])} of these {name} no framework on file")
        output.emit(f"  {_and_more(without['rows'], found['rows_without'])}")
        output.emit(f"  their packages: {_and_more(_counts(without['packages']), without['distinct'])}")


def _counts(packages: Sequence[dict[str, Any]]) -> list[str]:
    return [f"{each['package']} ({each['rows']})" for each in packages]


def _and_more(shown: Sequence[str], of: int) -> str:
    """The names that are shown, and how many are not."""
    more = of - len(shown)
    return f"{', '.join(shown)}{f' and {more} more' if more else ''}"


def template(target: Path, *, force: bool) -> int:
    """Write an empty file of projects with all that may be in it."""
    with opening.house() as house:
        written = use_case.template(house, target, force=force)
    output.emit(f"A template with every question is in {written[0]}")
    for beside in written[1:]:
        output.emit(f"What may be answered is in {beside}")
    return 0


def work() -> int:
    """Work on portfolios until told to stop; see `cli.scoring.work`."""
    from advisor import portfolio_workers  # brings the database with it: start-up time

    stop = Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    output.notice("working on portfolios; Ctrl-C ends it after the part at hand")
    portfolio_workers.work(opening.settings(), stop)
    return 0


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
