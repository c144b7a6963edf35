"""Tell a board which few frameworks serve a portfolio."""

from dataclasses import dataclass
from pathlib import Path

from advisor import portfolio_files as use_case
from advisor.documents import Written
from cli import files, output
from cli.actions import opening


@dataclass(frozen=True, slots=True)
class Options:
    """What `cli.consolidating.consolidate` was given, besides its files."""

    role: str
    up_to: int
    weights: Path | None
    also: list[str]
    hardware: str | None
    policies: list[str]
    columns: list[str]
    mapping: str | None


def consolidate(sources: list[Path], asked: Options, picture: Path | None, *, as_json: bool) -> int:
    """Tell which few frameworks serve the projects of some files; see `cli.consolidating.consolidate`."""
    policies = [files.policy(each) for each in asked.policies]
    with opening.house() as house:
        found, names = use_case.answers(
            house,
            sources,
            asked.role,
            up_to=asked.up_to,
            weights=asked.weights,
            also=asked.also,
            mapping=files.document(asked.mapping, "--mapping").value if asked.mapping else None,
            columns=asked.columns,
            hardware_from=files.hardware(asked.hardware),
            policy=[each.value if isinstance(each, Written) else each for each in policies] or None,
        )
    if picture is not None:
        from advisor import pictures  # brings a JavaScript engine with it: start-up time

        drawn = pictures.price(found["consolidation"], names)
        if drawn is not None:
            picture.write_text(pictures.draw(drawn, "light") + "\n", encoding="utf-8")
    if as_json:
        output.emit_json(found)
        return 0
    from cli.render import consolidation, screen

    with screen.page() as to:
        consolidation.show(to, found, names)
    return 0
