"""Asking a maker's own tool in a child: it is looked for first, and no child is started for one that is not there.

It knows nothing of what a tool says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from probes.look import child, files
from probes.look.watch import Watch

LIMIT_S = 10.0
_DIRECTORIES = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")


@dataclass(frozen=True)
class Said:
    """What a tool wrote, None when it was not there or gave no answer; `trouble` is the reason for that."""

    output: str | None
    trouble: str


def ask(watch: Watch, name: str, arguments: Sequence[str], *directories: str) -> Said:
    """Run the tool for as long as the time left allows, from `directories`, the search path or the usual places."""
    machine = watch.machine
    path = machine.env.get("PATH", "").split(":")
    stated = (part for part in (*directories, *path, *_DIRECTORIES) if part.startswith("/"))
    place = next((f"{part}/{name}" for part in stated if files.is_node(machine.root, f"{part}/{name}")), None)
    if place is None:
        return Said(None, f"tool_not_found: {name} is not installed here")
    limit_s = watch.limit_s(LIMIT_S)
    if limit_s <= 0:
        return Said(None, f"no_time: the time for all probes was up before {name} was asked")
    outcome = machine.run((str(files.under(machine.root, place)), *arguments), limit_s, machine.env)
    if outcome.trouble is not None:
        return Said(None, child.reason(outcome.trouble, name))
    return Said(outcome.output, "answered")
