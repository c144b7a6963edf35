"""Refresh the knowledge from the package index: write a proposal and say what is in it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from advisor import bootstrap, curation
from advisor import refresh as use_case
from advisor.errors import Fault, InvalidInput
from advisor.refresh import Refreshed
from cli import output, progress
from cli.actions import opening
from rules.faults import shown


def refresh(only: Sequence[str], target: Path | None, *, as_json: bool) -> int:
    """Ask the index and write the proposal; see `cli.commands.refresh`."""
    _check_target(target)
    settings = opening.settings()
    index = bootstrap.package_index(settings)
    with opening.house() as house:
        pack = curation.present_pack(house)
    with progress.bar("Reading the package index") as tell:
        told = (lambda done, total, _name: tell(done, total)) if tell else None
        found = use_case.refresh(pack, index, datetime.now(UTC).date(), only, told)
    if target is not None:
        with target.open("x", encoding="utf-8") as file:
            file.write(found.as_yaml())
    if as_json:
        output.emit_json({**found.as_document(), "output": str(target) if target else None})
    elif target is None:
        for line in found.as_yaml().splitlines():
            output.emit(line)
    else:
        _summary(found, target)
    return 0


def _check_target(target: Path | None) -> None:
    """Refuse what would only fail after the index has been asked."""
    if target is None:
        return
    if target.exists() or target.is_symlink():
        raise InvalidInput([Fault("--output", shown(str(target)), "a file that does not exist yet")])
    if not target.parent.is_dir():
        raise InvalidInput([Fault("--output", shown(str(target)), "a file in a folder that exists")])


def _summary(found: Refreshed, target: Path) -> None:
    """What is in the proposal, in a few lines."""
    for each in found.proposal.notes:
        output.emit(each)
    output.emit(found.proposal.proposal.reason)
    output.emit(f"The proposal is in {target}: {_counted(found)}. Nothing is changed until it is reviewed.")


def _counted(found: Refreshed) -> str:
    counts = (
        (len(found.proposal.set), "value to set", "values to set"),
        (len(found.proposal.add.evidence), "new piece of evidence", "new pieces of evidence"),
        (len(found.proposal.notes), "note", "notes"),
    )
    return ", ".join(f"{count} {one if count == 1 else several}" for count, one, several in counts)
