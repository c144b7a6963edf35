"""What one probe saw, noted as it goes: findings with their time, and how much time is left.

It knows nothing of any device. A reason is a stable code, then a sentence for people: `timeout: no answer in
time`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from probes.look.machine import Machine
from probes.look.text import clean
from rules.hardware import Finding, Rung, State

MAX_FINDINGS_PER_PROBE = 60


@dataclass
class Watch:
    """One probe's notebook. `ends_at` is on the machine's clock, in seconds, and shared by all probes."""

    probe: str
    machine: Machine
    ends_at: float
    findings: list[Finding] = field(default_factory=list)
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.machine.clock()

    def note(self, rung: Rung, state: State, reason: str, source: str) -> State:
        """Note a finding; its time is what passed since the finding before. Gives the state back."""
        now = self.machine.clock()
        elapsed_ms = round(max(0.0, now - self._since) * 1000, 3)
        self._since = now
        if len(self.findings) < MAX_FINDINGS_PER_PROBE:
            found = Finding(self.probe, rung, state, clean(reason) or "none", clean(source) or "none", elapsed_ms)
            self.findings.append(found)
        return state

    def limit_s(self, wanted_s: float) -> float:
        """The seconds a child may take: what it wants, but no more than is left of all time (at least 0)."""
        return max(0.0, min(wanted_s, self.ends_at - self.machine.clock()))
