"""Look at this machine, and at those of the catalogue."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor import machine, machines, verdicts
from advisor.errors import Fault, InvalidInput
from cli import files, output
from cli.actions import opening
from rules.faults import shown
from rules.hardware import Profile


@dataclass(frozen=True, slots=True)
class Sending:
    """Where a profile is to be sent, if anywhere."""

    url: str | None
    key: str | None
    insecure: bool


def probe(to: Sending, label: str | None, *, as_json: bool) -> int:
    """Show this machine's hardware profile, and send it where that is wanted; see `cli.commands.probe`."""
    target = machine.target(to.url, to.key, insecure=to.insecure) if to.url is not None else None
    found = machine.look(opening.settings())
    if label is not None:
        found = machine.labelled(found, label)
    if as_json:
        output.emit_json(found)
    else:
        _show(found)
    if target is not None:
        output.notice(f"the service keeps the profile as {machine.send(found, target)}")
    return 0


def judge(named: str, to: Sending, label: str | None, *, as_json: bool) -> int:
    """Show a profile that is named and what runs on it, by the builds that ship; see `cli.commands.probe`."""
    misplaced = [("push", to.url), ("label", label)]
    faults = [Fault(name, shown(value), "left out beside --hardware") for name, value in misplaced if value is not None]
    if faults:
        raise InvalidInput(faults)
    found = machine.document(_profile(named, "hardware"))
    if as_json:
        output.emit_json({"hardware": named, "profile": found, **verdicts.of_profile(found)})
    else:
        _show(found)
    return 0


def _show(found: Mapping[str, Any]) -> None:
    from cli.render import hardware, screen
    from cli.render import verdicts as render

    with screen.page() as page:
        hardware.show(page, found)
        with suppress(InvalidInput):  # shown even where it is unfit to be read back
            render.show(page, verdicts.of_profile(found), found.get("conflicts", ()))


def standalone(path: str) -> int:
    """Write the probe as one file; see `cli.commands.probe`."""
    text = machine.standalone()
    if path == files.STANDARD_INPUT:
        output.emit_document(text.removesuffix("\n"))
    else:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
        output.emit(f"Wrote {path}; run it with: python3 {path}")
    return 0


def diff(before: str, after: str, *, as_json: bool) -> int:
    """Say what changed from one profile to another; see `cli.probing.diff`."""
    found = machine.compared(_profile(before, "before"), _profile(after, "after"))
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import hardware, screen

        with screen.page() as to:
            hardware.show_changes(to, found)
    return 0


def listing(*, as_json: bool) -> int:
    """List the stored profiles; see `cli.probing.list_profiles`."""
    from advisor import profiles

    with opening.house() as house:
        found = profiles.summaries(house)
    if as_json:
        output.emit_json({"profiles": found})
    elif found:
        from cli.render import hardware, screen

        with screen.page() as to:
            hardware.listing(to, found)
    else:
        output.emit("No profile is stored.")
    return 0


def forget(name: str) -> int:
    """Remove a stored profile; see `cli.probing.forget`."""
    from advisor import profiles

    with opening.house() as house:
        profiles.forget(house, name)
    output.notice(f"{name} is no longer stored")
    return 0


def _profile(named: str, argument: str) -> Profile:
    """This machine's profile for `local`, a known one for `catalogue:NAME`, the one in a file, or a stored one."""
    if named == "local":
        return machine.parse(machine.look(opening.settings()))
    if named.startswith(machines.PREFIX):
        return machines.profile(named)
    if files.is_path(named) or named == files.STANDARD_INPUT:
        written = files.document(named, argument)
        if not isinstance(written.value, Mapping):
            raise InvalidInput([Fault(argument, shown(written.value), "a profile document")])
        document: Mapping[str, Any] = written.value
        return machine.parse(document)
    from advisor import profiles

    with opening.house() as house:
        return profiles.stored(house, named)


def catalogue(words: str, of_class: str | None, kind: str | None, *, as_json: bool) -> int:
    """List the known machines that fit; see `cli.commands.catalogue`."""
    found = machines.listing(words, kind, of_class)
    if as_json:
        output.emit_json({"machines": found})
    else:
        from cli.render import machines as render
        from cli.render import screen

        with screen.page() as to:
            render.listing(to, found)
    return 0


def show(name: str, *, as_json: bool) -> int:
    """Show a known machine in full; see `cli.commands.catalogue`."""
    found = machines.one(name)
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import machines as render
        from cli.render import screen

        with screen.page() as to:
            render.show(to, found)
    return 0
