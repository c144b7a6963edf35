"""macOS's own tools for counts, sizes and features: `sysctl` and `vm_stat`, each in a child with a deadline.

It knows what the tools print, and nothing of what it means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from probes.look.watch import Watch

SYSCTL_LIMIT_S = 5.0

_SYSCTL = "/usr/sbin/sysctl"
_VM_STAT = "/usr/bin/vm_stat"


def sysctl(watch: Watch, *wanted: str) -> Mapping[str, str]:
    """macOS's own settings by name; empty when the tool does not answer. Unknown names are left out."""
    outcome = watch.machine.run((_SYSCTL, *wanted), watch.limit_s(SYSCTL_LIMIT_S), watch.machine.env)
    # A name that this machine does not have makes the tool fail, after it printed the others.
    pairs = (line.partition(": ") for line in outcome.output.splitlines())
    return {name: value.strip() for name, colon, value in pairs if colon}


def number(said: Mapping[str, str], name: str) -> int | None:
    """A positive whole number among the settings."""
    text = said.get(name, "")
    return int(text) or None if re.fullmatch(r"[0-9]{1,18}", text) else None


def said_yes(said: Mapping[str, str], name: str) -> bool | None:
    """Whether a setting is on; None when it is not told."""
    return {"1": True, "0": False}.get(said.get(name, ""))


def available_bytes(watch: Watch) -> int | None:
    """Memory that is free or can be freed at once: free and inactive pages."""
    text = watch.machine.run((_VM_STAT,), watch.limit_s(SYSCTL_LIMIT_S), watch.machine.env).output
    page = re.search(r"page size of ([0-9]{1,9}) bytes", text)
    pages = re.findall(r"^Pages (?:free|inactive):\s+([0-9]{1,15})\.?$", text, re.MULTILINE)
    return int(page[1]) * sum(map(int, pages)) if page and len(pages) == 2 else None
