"""A closer look at a portfolio, as documents: groups of like projects, how far answers hang on the evidence, and drift.

Everything is counted by `portfolio.board` and `learning.clusters`; here it gets the shape and the rounding that it is
shown with.
"""

from collections.abc import Mapping
from typing import Any

from advisor.house import Knowledge
from advisor.portfolio_board import DIGITS, Document, examples
from learning import clusters
from portfolio.board import drift as drifts
from portfolio.board import sensitivity as draws
from portfolio.board.asking import Portfolio
from portfolio.board.drift import Cause, Understood
from portfolio.board.sampling import calling, sample
from portfolio.board.table import WEIGHT_UNITS
from rules.compiled import Release

GROUPED = 2_000  # projects that groups are looked for in


def groups(release: Release, role: str, portfolio: Portfolio) -> Document:
    """Groups of like projects, found in a sample of those that call for a role and counted in all of them; none where
    nothing is stable.
    """
    found = clusters.clusters(release, role, sample(release, role, portfolio(), GROUPED).sheet)
    called = ((each.sheet, each.weights()) for each in calling(release, role, portfolio()))
    counted = clusters.sizes(found, called) if found.groups else []
    return {
        "role": role,
        "sampled": found.projects,
        "groups": [
            {
                "projects": counted[place][0],
                "weight": counted[place][1] / WEIGHT_UNITS,
                "sampled": group.size,
                "more": [_shared(each) for each in group.more],
                "less": [_shared(each) for each in group.less],
            }
            for place, group in enumerate(found.groups)
        ],
        "tried": [
            {
                "groups": each.groups,
                "rand_reseeded": round(each.reseeded, DIGITS),
                "rand_subsampled": round(each.subsampled, DIGITS),
                "explained": round(each.explained, DIGITS),
                "by_chance": round(each.by_chance, DIGITS),
                "passes": each.passes,
            }
            for each in found.tried
        ],
    }


def _shared(each: clusters.Shared) -> Document:
    return {"text": each.text, "question": each.question, "inside": each.inside, "outside": each.outside}


def sensitivity(known: Knowledge, role: str, portfolio: Portfolio, up_to: int = 3) -> Document:
    """How far the best few frameworks hang on the evidence."""
    influences = {
        (criterion, member): [(str(evidence), float(levels)) for evidence, levels in cell["influences"]]
        for criterion, of in known.document["grades"].items()
        for member, cell in of.items()
    }
    found = draws.sensitivity(known.release, role, portfolio, influences, up_to=up_to)
    return {
        "role": role,
        "projects": found.projects,
        "drawn": found.drawn,
        "sets": [
            {
                "k": k,
                "members": list(chosen),
                "in_draws": [
                    {"members": list(each), "share": round(count / found.drawn, DIGITS)}
                    for each, count in sorted(found.in_draws[k].items(), key=lambda e: (-e[1], e[0]))
                ],
            }
            for k, chosen in found.sets.items()
        ],
        "top": found.top,
        "tops_in_draws": {
            name: round(count / found.drawn, DIGITS) for name, count in found.tops_in_draws.most_common() if name
        },
        "pieces": found.pieces,
        "tried": found.tried,
        "pivots": [
            {"evidence": each.evidence, "best": list(each.best), "without": list(each.without)} for each in found.pivots
        ],
    }


def drift(before: Mapping[str, Any], after: Mapping[str, Any], role: str, understood: Understood) -> Document:
    """What two releases, by their documents, say of the same projects, and why it differs."""
    found = drifts.drift(before, after, role, understood)
    changes = sorted(found.changes.items(), key=lambda each: (-each[1].projects, each[0][:2], each[0][2].id))
    return {
        "role": role,
        "parts": list(found.parts),
        "projects": found.projects,
        "called_only": {"before": found.called[0], "after": found.called[1]},
        "changed": found.changed,
        "changes": [
            {
                "before": was or None,
                "after": now or None,
                "parts": list(cause.parts),
                "cause": cause.kind,
                "id": cause.id,
                "why": _why(before, after, was, cause),
                "projects": change.projects,
                "examples": examples(change.examples),
            }
            for (was, now, cause), change in changes
        ],
        "exclusions": [
            {
                "framework": name,
                "now": told,
                "gate": gate,
                "why": _says(after if told == "excluded" else before, gate, name),
                "projects": count,
            }
            for (name, told, gate), count in sorted(found.exclusions.items(), key=lambda each: (-each[1], each[0]))
        ],
    }


def _why(before: Mapping[str, Any], after: Mapping[str, Any], was: str, cause: Cause) -> str:
    """Why a first place changed, in words."""
    if cause.kind == drifts.GATE:
        is_now = cause.excludes == was
        return f"{'' if is_now else 'no longer: '}{_says(after if is_now else before, cause.id, cause.excludes)}"
    if cause.kind == drifts.GRADE:
        return f"grades in {_called(after, before, 'criteria', cause.id, 'name')}"
    if cause.kind == drifts.MEMBER:
        return f"{_called(after, before, 'alternatives', cause.id, 'name')} is on file on one side only"
    if cause.id == drifts.NO_RULE:
        return "no rule spoke under one of the two"
    return f"the rule “{_called(after, before, 'rules', cause.id, 'text')}”"


def _says(release: Mapping[str, Any], gate: str, framework: str) -> str:
    """What a gate of a release, by its document, says of a framework."""
    text = _called(release, release, "gates", gate, "text")
    return text.replace("{name}", _called(release, release, "alternatives", framework, "name"))


def _called(release: Mapping[str, Any], other: Mapping[str, Any], kind: str, name: str, word: str) -> str:
    """What a release, or else another one, calls a thing."""
    return next(str(each[word]) for each in (*release[kind], *other[kind]) if each["id"] == name)
