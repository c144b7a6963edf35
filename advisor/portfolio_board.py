"""What a board is told of a portfolio, as documents: a summary, consolidation, movers, risks, groups, sensitivity and
drift.

Everything is counted by `portfolio.board` and `learning.clusters`; here it gets the shape and the rounding that it is
shown with. Where the projects lie is the caller's business: see `advisor.portfolio_files`.
"""

from collections.abc import Mapping
from typing import Any

from advisor.house import Knowledge
from learning import clusters
from portfolio.board import consolidation as best_sets
from portfolio.board import drift as drifts
from portfolio.board import movers as moving
from portfolio.board import risk as risks
from portfolio.board import sensitivity as draws
from portfolio.board import summary as summaries
from portfolio.board import terms
from portfolio.board.asking import Portfolio
from portfolio.board.consolidation import Best
from portfolio.board.drift import Understood
from portfolio.board.hurt import Hurt, Part, hurt
from portfolio.board.sampling import sample
from portfolio.board.table import UNITS, WEIGHT_UNITS, Tables
from portfolio.board.terms import Terms
from rules.compiled import Release

DIGITS = 6
UP_TO = 8
GROUPED = 2_000  # projects that groups are looked for in

Document = dict[str, Any]


def summary(tables: Tables, release: Release) -> Document:
    """What comes first in a role, for whom, and how clearly.

    Raises:
        InvalidInput: there is no project that calls for the role.
    """
    found = summaries.summary(tables(), release.confidence["tie_below_win_probability"])
    firsts = sorted(found.by_framework.items(), key=lambda each: (-each[1].weight, each[0]))
    return {
        "role": found.role,
        "projects": found.projects,
        "unranked": found.unranked,
        "frameworks": [
            {
                "framework": name,
                "projects": each.projects,
                "weight": each.weight / WEIGHT_UNITS,
                "clear": each.clear,
                "stays": each.stays,
                "allowed": found.allowed[name],
                "mean_score": round(each.score / each.projects / UNITS, DIGITS),
                "mean_margin": round(each.margin / each.seconds / UNITS, DIGITS) if each.seconds else None,
            }
            for name, each in firsts
        ],
        "by_group": {
            question: {
                name: dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
                for name, counts in groups.items()
            }
            for question, groups in found.by_group.items()
        },
    }


# --- Consolidation ---------------------------------------------------------------------------------------------------


def consolidation(tables: Tables, up_to: int = UP_TO) -> Document:
    """The best 1, 2, 3 ... frameworks for a portfolio: what each set loses, and whom it hurts.

    Args:
        tables: the projects of one role; they are gone through twice.
        up_to: the greatest number of frameworks.

    Raises:
        InvalidInput: there is no project that calls for the role, or weights are out of range.
    """
    found = terms.gather(tables())
    sets = best_sets.best(found, up_to) if found.weight else []
    return {
        "role": found.role,
        "projects": found.projects,
        "unservable": found.unservable,
        "weight": found.weight / WEIGHT_UNITS,
        "value": _mean(found.value, found),
        "sets": [
            _set(each, by, found) for each, by in zip(sets, hurt(tables(), [b.members for b in sets]), strict=True)
        ],
    }


def _set(each: Best, by: Hurt, found: Terms) -> Document:
    following = each.next and {
        "members": list(each.next[0]),
        "unserved": each.next[1] / WEIGHT_UNITS,
        "loss": _mean(each.next[2], found),
    }
    bound = each.bound and {"unserved": each.bound[0] / WEIGHT_UNITS, "loss": _mean(each.bound[1], found)}
    return {
        "k": len(each.members),
        "members": list(each.members),
        "unserved": each.unserved / WEIGHT_UNITS,
        "loss": _mean(each.loss, found),
        "share_lost": round(each.loss / found.value, DIGITS) if found.value else 0.0,
        "method": each.method,
        "proven": each.bound is None,
        "bound": bound,
        "equals": each.equals,
        "next": following,
        "hurt": _hurt(by),
    }


def _mean(value: int, found: Terms) -> float:
    """A sum over the servable projects as a mean score."""
    return round(value / found.weight / UNITS, DIGITS) if found.weight else 0.0


def _hurt(by: Hurt) -> Document:
    return {
        **_part(by.whole),
        "dependent": by.dependent,
        "moves": by.moves,
        "gets": dict(sorted(by.gets.items(), key=lambda each: (-each[1], each[0]))),
        "quantiles": {share: round(value, DIGITS) for share, value in by.spread.quantiles().items()},
        "worst": [
            {"id": c.id, "best": c.best, "gets": c.gets, "loss": round(c.loss, DIGITS), "weight": c.weight}
            for c in by.worst.listed()
        ],
        "by_best": [
            {"framework": name, **_part(part)}
            for name, part in sorted(by.by_best.items(), key=lambda each: (-each[1].lost, each[0]))
        ],
        "by_group": [
            {"question": question, "group": name, **_part(part)}
            for (question, name), part in sorted(by.by_group.items())
        ],
    }


def _part(part: Part) -> Document:
    lost = part.lost / UNITS / WEIGHT_UNITS
    return {
        "projects": part.projects,
        "hurt": part.hurt,
        "left_out": part.unserved,
        "lost": round(lost, DIGITS),
    }


# --- What needs the answers ------------------------------------------------------------------------------------------


def movers(release: Release, role: str, portfolio: Portfolio) -> Document:
    """Who should move, who has to, and what it brings and costs."""
    found = moving.movers(release, role, portfolio)
    flows = sorted(found.flows.items(), key=lambda each: (-each[1].projects, each[0]))
    return {
        "role": role,
        "verdicts": {verdict: found.verdicts[verdict] for verdict in moving.VERDICTS},
        "flows": [
            {
                "present": present,
                "target": target,
                "verdict": verdict,
                "projects": flow.projects,
                "mean_gain": round(flow.gain / flow.projects, DIGITS) if verdict == moving.MOVES else None,
                "mean_cost": round(flow.cost / flow.projects, DIGITS) if verdict == moving.MOVES else None,
            }
            for (present, target, verdict), flow in flows
        ],
        "listed": [
            {
                "id": m.id,
                "verdict": m.verdict,
                "present": m.present,
                "target": m.target,
                "gain": _rounded(m.gain),
                "cost": _rounded(m.cost),
                "net": _rounded(m.net),
                "interval": [round(end, DIGITS) for end in m.interval] if m.interval else None,
                "probability": _rounded(m.probability),
                "gate": m.gate,
            }
            for m in found.listed.listed()
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def risk(release: Release, role: str, portfolio: Portfolio) -> Document:
    """What the portfolio stands on that may give way, with the evidence of the facts."""
    found = risks.risk(release, role, portfolio)
    listed = sorted(found.exposures.items(), key=lambda each: (-each[1].at_risk, each[0]))
    return {
        "role": role,
        "projects": found.projects,
        "exposed": found.exposed,
        "exposures": [
            {
                "of": side,
                "framework": name,
                "risk": kind,
                "projects": each.projects,
                "at_risk": each.at_risk,
                "unknown": each.unknown,
                "examples": each.examples,
                "evidence": _evidence(release, name, kind),
            }
            for (side, name, kind), each in listed
            if each.at_risk or each.unknown
        ],
    }


def _evidence(release: Release, name: str, kind: str) -> list[str]:
    cited = release.alternatives[name].fact_evidence
    return list(dict.fromkeys(each for fact in risks.FACT_OF[kind] for each in cited.get(fact, ())))


def groups(release: Release, role: str, portfolio: Portfolio) -> Document:
    """Groups of like projects, found in a sample and counted in all; none where nothing is stable."""
    found = clusters.clusters(release, role, sample(release, role, portfolio(), GROUPED).sheet)
    counted = clusters.sizes(found, (each.sheet for each in portfolio())) if found.groups else {}
    return {
        "role": role,
        "sampled": found.projects,
        "groups": [
            {
                "projects": counted[place],
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
            str(name): round(count / found.drawn, DIGITS) for name, count in found.tops_in_draws.most_common()
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
                "projects": change.projects,
                "examples": change.examples,
            }
            for (was, now, cause), change in changes
        ],
        "exclusions": [
            {"framework": name, "now": told, "gate": gate, "projects": count}
            for (name, told, gate), count in sorted(found.exclusions.items(), key=lambda each: (-each[1], each[0]))
        ],
    }
