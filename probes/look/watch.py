"""What one probe saw, noted as it goes: findings with their time, counts, contradictions, and how much time is left.

It knows nothing of any device. A reason is a stable code, then a sentence for people: `timeout: no answer in
time`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping

from probes.look.machine import Machine
from probes.look.text import clean
from rules.hardware import Contradiction, Count, Finding, Rung, State

MAX_FINDINGS_PER_PROBE = 60


@dataclass
class Watch:
    """One probe's notebook. `ends_at` is on the machine's clock, in seconds, and shared by all probes."""

    probe: str
    machine: Machine
    ends_at: float
    findings: list[Finding] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.machine.clock()

    def note(self, rung: Rung, state: State, reason: str, source: str, raw: str | None = None) -> State:
        """Note a finding; its time is what passed since the finding before. Gives the state back.

        `raw` is what the source really said, where that explains more than the reason; it is cleaned and shortened.
        """
        now = self.machine.clock()
        elapsed_ms = round(max(0.0, now - self._since) * 1000, 3)
        self._since = now
        if len(self.findings) < MAX_FINDINGS_PER_PROBE:
            reason, source = clean(reason) or "none", clean(source) or "none"
            self.findings.append(Finding(self.probe, rung, state, reason, source, elapsed_ms, clean(raw)))
        return state

    def count(self, kind: str, physical: int | None, visible: int | None, permitted: int | None) -> None:
        """Note how many devices of a kind there are, are left visible, and may be opened; None for unknown."""
        self.counts.append(Count(kind, physical, visible, permitted))

    def contradict(self, about: str, said: Mapping[str, str | None]) -> bool:
        """Note sources that differ: source -> what it said, None for one that said nothing. False when they agree."""
        heard = {source: text for source, value in said.items() if (text := clean(value))}
        if len(set(heard.values())) < 2:
            return False
        self.contradictions.append(Contradiction(about, tuple(heard.items())))
        return True

    def limit_s(self, wanted_s: float, share: float = 1.0) -> float:
        """The seconds a child may take: what it wants, but no more than its share of what is left (at least 0)."""
        return max(0.0, min(wanted_s, share * (self.ends_at - self.machine.clock())))
