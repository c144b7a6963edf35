"""Answer a file of projects."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from advisor import score as use_case
from advisor.score import Progress
from cli import files, output
from cli.actions import opening


def score(source: Path, target: Path, errors: Path | None, hardware: str | None, *, force: bool, as_json: bool) -> int:
    """Answer a file of projects and say how many rows went well; see `cli.commands.score`."""
    reported = errors or target.with_name(f"{target.stem}.errors{target.suffix}")
    machine = files.hardware(hardware)
    with opening.house() as house, _progress() as progress:
        counts = use_case.score_file(
            house, source, target, reported, hardware_from=machine, progress=progress, force=force
        )
    if as_json:
        output.emit_json({**asdict(counts), "output": str(target), "errors": str(reported)})
        return 0
    output.emit(f"{_rows(counts.read)} read, {counts.scored} scored to {target}")
    if counts.failed:
        output.emit(f"{_rows(counts.failed)} could not be scored; see {reported}")
    return 0


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on standard error while a person watches, nothing otherwise."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress as Bar  # slow to import, and only for people

    from cli.render import screen

    with Bar(console=screen.console(to_errors=True), transient=True) as bar:
        task = bar.add_task("Scoring", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
