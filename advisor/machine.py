"""The machine that this process runs on, as a hardware profile document; needs no database."""

from typing import Any

import probes
from advisor.settings import Settings


def look(settings: Settings) -> dict[str, Any]:
    """What this machine has: the profile document that a probe makes."""
    return probes.document(probes.local(deadline_s=settings.probe_deadline_s))
