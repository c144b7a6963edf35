"""Building a release: a pack becomes one immutable document with fused grades, rounded, so that no later answer
depends on a machine's linear algebra. Publishing it is `storage`'s and `advisor`'s business.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from knowledge_base import builds, priors, schema, scrutiny
from knowledge_base.fusion import CONTESTED_RESIDUAL, Observation, Posterior, age_factor, fuse, months_between
from knowledge_base.lint import UNKNOWN, expand, lint
from knowledge_base.pack import Pack
from knowledge_base.pack_examples import run_examples
from knowledge_base.packages import Package
from rules import canonical
from rules import release as core
from rules.faults import InvalidInput
from rules.reach import best_way
from rules.vocabulary import NO_END_YEARS

LAYER = "shipped"
GRADE_DECIMALS = 4
COVARIANCE_DECIMALS = 6
LEAST_COVARIANCE = 1e-4  # squared grade levels
CONVERTIBLE_LEVEL = 2


def build(pack: Pack) -> dict[str, Any]:
    """The release document of a pack.

    Raises:
        InvalidInput: lint finds problems, an example of a rule or gate does not do what it says, or one makes no sense
            whatever is answered.
    """
    faults = lint(pack)
    if faults:
        raise InvalidInput(faults)
    document = _document(pack)
    compiled = core.compile_release(document)
    faults = [*run_examples(pack, compiled), *scrutiny.faults(pack, compiled)]
    if faults:
        raise InvalidInput(faults)
    return document


def judged(pack: Pack) -> dict[str, Any]:
    """What evidence decides of a release: `alternatives` with their facts, `grades` and `grade_covariance`."""
    packages = _packages(pack)
    alternatives = [
        _alternative(pack, a) | packages.get(a.id, {}) for a in sorted(pack.alternatives, key=lambda a: a.id)
    ]
    facts = {a["id"]: a for a in alternatives}
    graded = [c for c in pack.criteria if not c.affinity]
    derived = {c.id: {m: _derived(pack, c.derived, facts[m]) for m in _members(pack, c)} for c in graded if c.derived}
    fused = {c.id: _fuse(pack, c) for c in graded if not c.derived}
    return {
        "alternatives": alternatives,
        "grades": derived | {name: _grades(each) for name, each in fused.items()},
        "grade_covariance": {name: pairs for name, each in fused.items() if (pairs := _covariances(each))},
    }


def _document(pack: Pack) -> dict[str, Any]:
    document = {
        "schema": core.SCHEMA,
        "name": pack.settings.name,
        "as_of": pack.settings.as_of,
        "summary": pack.settings.summary,
        "priorities_weight": pack.settings.priorities_weight,
        "confidence": pack.settings.confidence.model_dump(),
        "fusion": pack.settings.fusion.model_dump(),
        "questionnaire": pack.questionnaire.model_dump(),
        "capabilities": [c.model_dump() for c in pack.capabilities],
        "criteria": [_criterion(c) for c in pack.criteria],
        "sources": [s.model_dump() | {"reliability": _reliability(pack, s)} for s in pack.sources],
        "evidence": [e.model_dump() for e in pack.evidence],
        "paths": [p.model_dump() for p in pack.paths],
        "kin": [k.model_dump() for k in pack.kin],
        "rules": [r.model_dump(exclude={"examples"}) | {"layer": LAYER} for r in pack.rules],
        "gates": [
            g.model_dump(exclude={"examples", "each"}) | {"layer": LAYER, "waivers": []}
            for gate in pack.gates
            for g in expand(gate)
        ],
        "layers": [],
        **judged(pack),
    }
    if pack.builds:  # a pack without them keeps the bytes, and so the hash, of its release
        document["builds"] = builds.compiled(pack.builds)
    if pack.priors or pack.settings.asking:  # likewise
        document["asking"] = _asking(pack)
    canonical.dump(document)
    return document


def _asking(pack: Pack) -> dict[str, Any]:
    """When a questionnaire may stop, and what people are likely to answer."""
    stated = pack.settings.asking.model_dump() if pack.settings.asking else {}
    return {**stated, "priors": [_prior(p) for p in pack.priors]}


def _prior(prior: priors.Prior) -> dict[str, Any]:
    """A prior; that it may be none of these is said only where it is stated, as in releases of before it could be."""
    found = prior.model_dump()
    for part in (found, *found["given"]):
        if part["none"] is None:
            del part["none"]
    return found


def _criterion(criterion: schema.Criterion) -> dict[str, Any]:
    return criterion.model_dump() | {"affinity": criterion.affinity.question if criterion.affinity else None}


def _reliability(pack: Pack, source: schema.Source) -> float:
    return source.reliability or float(getattr(pack.settings.fusion.reliability, source.kind))


# --- Facts -----------------------------------------------------------------------------------------------------------


def _alternative(pack: Pack, entry: schema.Alternative) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "alt.id": entry.id,
        "alt.graded": entry.graded,
        "alt.lifecycle": entry.lifecycle.state,
    }
    evidence: dict[str, list[str]] = {"alt.lifecycle": entry.lifecycle.evidence}
    facts["alt.years_left"] = _years_left(entry.lifecycle, pack.settings.as_of)
    evidence["alt.years_left"] = entry.lifecycle.evidence
    if entry.governance is not None:
        facts["alt.governance"] = list(entry.governance)
        evidence["alt.governance"] = entry.governance_evidence
    for name in ("osi_approved", "permissive"):
        if entry.licence is not None and getattr(entry.licence, name) is not None:
            facts[f"alt.licence.{name}"] = getattr(entry.licence, name)
            evidence[f"alt.licence.{name}"] = entry.licence.evidence
    for name, cell in entry.capabilities.items():
        evidence[f"alt.{name}"] = cell.evidence
        if cell.value != UNKNOWN:
            facts[f"alt.{name}"] = cell.value
    if "runtime" in entry.roles and "alt.loads" in facts:
        edges = [p for p in pack.paths if p.target == entry.id and p.level >= CONVERTIBLE_LEVEL]
        facts["alt.accepts"] = sorted({*facts["alt.loads"], *(p.source for p in edges)})
        evidence["alt.accepts"] = [*evidence["alt.loads"], *(e for p in edges for e in p.evidence)]
    if entry.graded and "training" in entry.roles:
        for target in _targets(pack):
            level, cited = best_path(pack, entry, target)
            evidence[f"alt.path.{target}"] = cited
            if level is not None:
                facts[f"alt.path.{target}"] = level
    return entry.model_dump() | {"facts": facts, "fact_evidence": evidence}


def _packages(pack: Pack) -> dict[str, dict[str, Any]]:
    """By alternative, the packages by which a project uses it, and those that only bear its name.

    Nothing of a pack without them, which keeps the bytes of its release.
    """
    told: dict[str, list[Package]] = {each.id: each.packages for each in pack.packages}
    return {
        a.id: {
            "packages": _names((p.registry, name) for p in told.get(a.id, ()) for name in p.names_of_use),
            "namesakes": _names((p.registry, p.name) for p in told.get(a.id, ()) if not p.implies_use),
        }
        for a in pack.alternatives
        if told
    }


def _names(named: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"registry": registry, "name": name} for registry, name in sorted(named)]


def _years_left(lifecycle: schema.Lifecycle, as_of: str) -> float:
    """Years until the announced last day; `NO_END_YEARS` where none is announced."""
    return round(months_between(as_of, lifecycle.ends) / 12, 2) if lifecycle.ends else NO_END_YEARS


def _targets(pack: Pack) -> list[str]:
    return [o.id for q in pack.questionnaire.questions if q.id == "deploy_targets" for o in q.options if o.id != "none"]


def _run_level(entry: schema.Alternative, target: str) -> int | None:
    cell = entry.capabilities.get(f"run.{target}")
    return None if cell is None or cell.value == UNKNOWN else int(cell.value)


def best_path(pack: Pack, entry: schema.Alternative, target: str) -> tuple[int | None, list[str]]:
    """The support level of the best way from a training framework to a target, over any runtime, and its evidence.

    Ways are the framework itself and every conversion on file; a way is as good as its weakest step.
    """
    by_id = {a.id: a for a in pack.alternatives}
    ways: list[tuple[int | None, tuple[str, ...]]] = []
    own = entry.capabilities.get(f"run.{target}")
    if own is not None:
        ways.append((_run_level(entry, target), tuple(own.evidence)))
    for path in pack.paths:
        if path.source == entry.id and by_id[path.target].graded:
            runtime = by_id[path.target]
            level = _run_level(runtime, target)
            cell = runtime.capabilities.get(f"run.{target}")
            cited = (*path.evidence, *(cell.evidence if cell else ()))
            ways.append((None if level is None else min(path.level, level), cited))
    level, cited = best_way(ways)
    return level, list(cited)


# --- Grades ----------------------------------------------------------------------------------------------------------


def _members(pack: Pack, criterion: schema.Criterion) -> list[str]:
    return [a.id for a in pack.alternatives if a.graded and set(a.roles) & set(criterion.roles)]


@dataclass(frozen=True, slots=True)
class _Fused:
    members: list[str]
    observations: list[Observation]
    posterior: Posterior


def _fuse(pack: Pack, criterion: schema.Criterion) -> _Fused:
    fusion = pack.settings.fusion
    prior_mean = fusion.prior_mean if criterion.prior_mean is None else criterion.prior_mean
    prior_sd = criterion.prior_sd or fusion.prior_sd
    members = _members(pack, criterion)
    observations = observe(pack, criterion, members)
    return _Fused(members, observations, fuse(len(members), observations, prior_mean, prior_sd))


def _grades(fused: _Fused) -> dict[str, Any]:
    members, observations, posterior = fused.members, fused.observations, fused.posterior
    grades = {}
    for row, member in enumerate(members):
        touched = [i for i, o in enumerate(observations) if row in (o.upper, o.lower)]
        disputed = {observations[i].evidence for i in touched if abs(posterior.residual[i]) > CONTESTED_RESIDUAL}
        grades[member] = {
            "mean": _rounded(min(4.0, max(0.0, float(posterior.mean[row])))),
            "sd": _rounded(float(posterior.covariance[row, row]) ** 0.5),
            "known": bool(touched),
            "contested": bool(disputed),
            "disputed": sorted(disputed),
            "influences": _largest_first(
                ((o.evidence, float(posterior.influence[row, i])) for i, o in enumerate(observations)),
                {observations[i].evidence for i in touched},
            ),
        }
    return grades


def _largest_first(moved: Iterable[tuple[str, float]], own: Container[str]) -> list[list[Any]]:
    """[evidence, what all its observations add together], the largest first; of the others' what can be seen only.

    A grade's own evidence is told also where it says what the prior says: it makes the grade surer.
    """
    total: dict[str, float] = {}
    for name, by in moved:
        total[name] = total.get(name, 0.0) + by
    seen = [[name, _rounded(by)] for name, by in total.items() if name in own or abs(by) >= 10**-GRADE_DECIMALS]
    return sorted(seen, key=lambda each: (-abs(each[1]), each[0]))


def _covariances(fused: _Fused) -> list[list[Any]]:
    """[a, b, covariance in squared grade levels] of the members whose grades evidence ties together; a < b, sorted."""
    row = {member: i for i, member in enumerate(fused.members)}
    found = []
    for a, b in combinations(sorted(row), 2):
        value = round(float(fused.posterior.covariance[row[a], row[b]]), COVARIANCE_DECIMALS)
        if abs(value) >= LEAST_COVARIANCE:
            found.append([a, b, value])
    return found


def _rounded(value: float) -> float:
    return round(value, GRADE_DECIMALS) + 0.0


def _derived(pack: Pack, derivation: schema.Derivation, alternative: dict[str, Any]) -> dict[str, Any]:
    name = f"alt.{derivation.capability}"
    level = alternative["facts"].get(name)
    cited = alternative["fact_evidence"].get(name, [])
    fusion = pack.settings.fusion
    known = level is not None
    mean = derivation.values[level] if known else fusion.prior_mean
    share = (mean - fusion.prior_mean) / len(cited) if cited else 0.0
    return {
        "mean": _rounded(mean),
        "sd": _rounded(derivation.sd if known else fusion.prior_sd),
        "known": known,
        "contested": False,
        "disputed": [],
        "influences": [[e, _rounded(share)] for e in cited],
    }


def observe(pack: Pack, criterion: schema.Criterion, members: list[str]) -> list[Observation]:
    """Every observation of a criterion on the members, with its precision; evidence that weighs nothing is left out."""
    fusion = pack.settings.fusion
    sources = {s.id: s for s in pack.sources}
    index = {member: row for row, member in enumerate(members)}
    found: list[Observation] = []
    for e in pack.evidence:
        grades = [g for g in e.grades if g.criterion == criterion.id and g.alternative in index]
        pairs = [c for c in e.comparisons if c.criterion == criterion.id and c.better in index and c.worse in index]
        if not grades and not pairs:
            continue
        factor = float(getattr(fusion.verdict_factor, e.verdict)) * _reliability(pack, sources[e.source])
        factor *= age_factor(months_between(e.as_of, pack.settings.as_of), criterion.half_life_months)
        if factor <= 0:
            continue
        precise = factor / fusion.observation_sd**2
        for g in grades:
            found.append(Observation(e.id, e.source, index[g.alternative], None, float(g.level), precise))
        precise = factor / fusion.comparison_sd**2
        for c in pairs:
            gap = float(getattr(fusion.difference_levels, c.by))
            found.append(Observation(e.id, e.source, index[c.better], index[c.worse], gap, precise))
    return found
