"""What the builds on file say of the machine that a project names: facts for conditions, and words for who is told.

A machine is judged once for a release (`rules.builds`); gates look at the verdicts as facts (`hardware.cannot_run` and
its like), which no answer changes. A machine to train on is judged for what trains, one with targets for what runs and
serves. It knows no gate by name: whatever looks at these facts is told with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rules.builds import Verdict, judge
from rules.compiled import Release
from rules.decision import MachineVerdict, RoleResult
from rules.hardware import VERDICT_FACTS, Profile

TRAINING, DEPLOYMENT = ("training", "high_level"), ("runtime", "serving")
HOSTS = frozenset(("server_cpu", "server_gpu", "serverless", "desktop"))  # other targets take builds of another kind
MACHINES_KEPT = 64
LOOKED_AT = frozenset(f"hardware.{name}" for name in VERDICT_FACTS.values())

Verdicts = tuple[MachineVerdict, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """The verdict on every alternative with builds on file that a machine is there for, and what they assume."""

    verdicts: Verdicts = ()
    assumed: tuple[str, ...] = ()


@lru_cache(maxsize=MACHINES_KEPT)
def judged(release: Release, profile: Profile | None) -> Machine:
    """What the builds of a release say of a machine; nothing where there is none, or it installs none of them."""
    if profile is None or not release.builds or not set(profile.targets) <= HOSTS:
        return Machine()
    purpose = DEPLOYMENT if profile.targets else TRAINING
    found = judge(profile, release.builds, release.absences)
    briefly = tuple(_brief(verdict) for verdict in found.verdicts if _plays(release, verdict.framework, purpose))
    return Machine(briefly, found.assumed)


def facts(found: Verdicts) -> dict[str, object]:
    """The alternatives by state, as conditions see them; nothing where nothing was judged."""
    if not found:
        return {}
    return {fact: tuple(v.framework for v in found if v.state == state) for state, fact in VERDICT_FACTS.items()}


def of_roles(release: Release, found: Verdicts, roles: Sequence[str]) -> Verdicts:
    """The verdicts on the alternatives of some roles."""
    return tuple(verdict for verdict in found if _plays(release, verdict.framework, roles))


def told(release: Release, result: RoleResult, found: Verdicts) -> RoleResult:
    """The answer of a role in which gates that look at verdicts say the reason and the smallest change as found."""
    gates = _looking(release, result.role) if found else frozenset()
    if not gates:
        return result
    words = {verdict.framework: _words(verdict) for verdict in found}
    ranking = tuple(
        replace(
            place,
            cautions=tuple(replace(c, found=words[place.framework]) if c.gate in gates else c for c in place.cautions),
        )
        for place in result.ranking
    )
    excluded = tuple(replace(e, found=words[e.framework]) if e.gate in gates else e for e in result.excluded)
    return replace(result, ranking=ranking, excluded=excluded)


def _plays(release: Release, name: str, roles: Sequence[str]) -> bool:
    alternative = release.alternatives.get(name)
    return alternative is not None and any(role in alternative.roles for role in roles)


def _brief(verdict: Verdict) -> MachineVerdict:
    reason = verdict.reasons[0] if verdict.reasons else None
    change = verdict.options[0].text if verdict.options else None
    return MachineVerdict(verdict.framework, verdict.state, verdict.on, reason, change)


def _words(verdict: MachineVerdict) -> str:
    change = f"smallest change: {verdict.change}" if verdict.change else None
    return "; ".join(text for text in (verdict.reason, change) if text)


@lru_cache(maxsize=MACHINES_KEPT)
def _looking(release: Release, role: str) -> frozenset[str]:
    """The gates of a role whose requirement looks at verdicts."""
    return frozenset(gate.id for gate in release.roles[role].gates if gate.requires.questions & LOOKED_AT)
