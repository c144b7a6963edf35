"""Tell what changed for some projects between two releases."""

from dataclasses import dataclass
from pathlib import Path

from advisor import portfolio_drift as use_case
from advisor.documents import Written
from cli import files, output
from cli.actions import opening


@dataclass(frozen=True, slots=True)
class Options:
    """What `cli.consolidating.drift` was given, besides its files."""

    role: str
    before: str
    after: str | None
    hardware: str | None
    policies: list[str]
    columns: list[str]
    mapping: str | None


def drift(sources: list[Path], asked: Options, *, as_json: bool) -> int:
    """Tell what another release changes for the projects of some files; see `cli.consolidating.drift`."""
    policies = [files.policy(each) for each in asked.policies]
    with opening.house() as house:
        found, names = use_case.of_files(
            house,
            sources,
            asked.role,
            asked.before,
            asked.after,
            mapping=files.document(asked.mapping, "--mapping").value if asked.mapping else None,
            columns=asked.columns,
            hardware_from=files.hardware(asked.hardware),
            policy=[each.value if isinstance(each, Written) else each for each in policies] or None,
        )
    if as_json:
        output.emit_json(found)
        return 0
    from cli.render import drift, screen

    with screen.page() as to:
        drift.show(to, found, names)
    return 0
