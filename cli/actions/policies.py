"""Check, store and look through house policies."""

from collections.abc import Sequence
from dataclasses import asdict

from advisor import policies as use_case
from advisor.documents import Written
from cli import files, output
from cli.actions import opening
from cli.places import Places
from cli.problems import NO, described, told


def check(file: str, over: Sequence[str], *, as_json: bool) -> int:
    """List the problems of a policy; see `cli.commands.check`."""
    written = files.document(file, "FILE")
    with opening.house() as house:
        faults = use_case.check(house, written.value, over)
    problems = [_places(written).located(fault) for fault in faults]
    if as_json:
        output.emit_json({"problems": [described(each) for each in problems]})
    elif problems:
        for each in problems:
            output.emit(told(each))
        output.emit("1 problem" if len(problems) == 1 else f"{len(problems)} problems")
    else:
        output.emit("No problems.")
    return NO if problems else 0


def _places(written: Written) -> Places:
    return Places({"policy": (written, "")})


def add(file: str, over: Sequence[str], *, as_json: bool) -> int:
    """Store a policy; see `cli.commands.add`."""
    written = files.document(file, "FILE")
    with opening.house() as house:
        name = _places(written).locating(lambda: use_case.store(house, written.value, over))
    if as_json:
        output.emit_json({"id": name})
    else:
        output.emit(f"Stored: {name}")
        lower = "".join(f"--policy {each} " for each in over)
        output.emit(f"Answer under it: steelyard recommend ANSWERS {lower}--policy {name}")
    return 0


def listing(*, as_json: bool) -> int:
    """List the stored policies; see `cli.commands.list_policies`."""
    with opening.house() as house:
        found = use_case.listing(house)
    if as_json:
        items = [{**asdict(each), "received_at": each.received_at.isoformat()} for each in found]
        output.emit_json({"items": items})
    else:
        from cli.render import library, screen

        with screen.page() as to:
            library.show_policies(to, found)
    return 0


def show(policy: str, *, as_json: bool) -> int:
    """Show a stored policy; see `cli.commands.show_policy`."""
    with opening.house() as house:
        found = use_case.get(house, policy)
    if as_json:
        output.emit_json(found)
    else:
        from advisor import documents

        for line in documents.as_yaml(found).splitlines():
            output.emit(line)
    return 0
