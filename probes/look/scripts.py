"""The texts that children run: modules of this package that are handed to an interpreter instead of being imported.

The text comes from the module's loader, so that it is found in a checkout, in an archive and in the one-file probe.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec


def command(name: str, *arguments: str) -> tuple[str, ...] | None:
    """The command that runs a script of this package with the interpreter at hand; None where there is no text of it.

    `-I` and `-S`: no site code, no user paths; a script needs the standard library only.
    """
    text = source(name)
    if text is None or not sys.executable:
        return None
    return (sys.executable, "-I", "-S", "-c", text, *arguments)


def source(name: str) -> str | None:
    """The text of a module of this package, which is not imported by asking for it."""
    try:
        spec = find_spec(f"{__name__.rpartition('.')[0]}.{name}")
        return spec.loader.get_source(spec.name) if spec and spec.loader else None  # type: ignore[attr-defined]
    except (ImportError, AttributeError, ValueError):
        return None
