"""Answer a file of projects."""

from dataclasses import asdict
from pathlib import Path

from advisor import score as use_case
from cli import files, output, progress
from cli.actions import opening


def score(source: Path, target: Path, errors: Path | None, hardware: str | None, *, force: bool, as_json: bool) -> int:
    """Answer a file of projects and say how many rows went well; see `cli.commands.score`."""
    reported = errors or target.with_name(f"{target.stem}.errors{target.suffix}")
    machine = files.hardware(hardware)
    with opening.house() as house, progress.bar("Scoring") as tell:
        counts = use_case.score_file(house, source, target, reported, hardware_from=machine, progress=tell, force=force)
    if as_json:
        output.emit_json({**asdict(counts), "output": str(target), "errors": str(reported)})
        return 0
    output.emit(f"{_rows(counts.read)} read, {counts.scored} scored to {target}")
    if counts.failed:
        output.emit(f"{_rows(counts.failed)} could not be scored; see {reported}")
    return 0


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
