"""What a board is told of a portfolio, as documents: a summary, consolidation, movers and risks.

Everything is counted by `portfolio.board`; here it gets the shape and the rounding that it is
shown with. Where the projects lie is the caller's business: see `advisor.portfolio_files`. What takes a
closer look at the portfolio or at the evidence is in `advisor.portfolio_studies`.
"""

from collections.abc import Iterable
from typing import Any

from advisor.names import gate_said
from portfolio.board import consolidation as best_sets
from portfolio.board import movers as moving
from portfolio.board import risk as risks
from portfolio.board import summary as summaries
from portfolio.board import terms
from portfolio.board.asking import Portfolio
from portfolio.board.consolidation import Best
from portfolio.board.hurt import Hurt, Part, hurt
from portfolio.board.table import UNITS, WEIGHT_UNITS, Tables
from portfolio.board.terms import Terms
from rules.compiled import Release

DIGITS = 6
UP_TO = 8

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
        "needless": found.needless,
        "weight": found.weight / WEIGHT_UNITS,
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
        "needless": found.needless,
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
            {
                "id": c.id,
                "row": c.row,
                "best": c.best,
                "gets": c.gets,
                "loss": round(c.loss, DIGITS),
                "weight": c.weight,
            }
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
    flows = sorted(found.flows.items(), key=lambda each: (-each[1].weight, each[0]))
    return {
        "role": role,
        "pays_from": release.confidence["tie_below_win_probability"],
        "interval_probability": release.confidence["interval_probability"],
        "verdicts": {verdict: found.verdicts[verdict] for verdict in moving.VERDICTS},
        "weights": {verdict: found.weights[verdict] / WEIGHT_UNITS for verdict in moving.VERDICTS},
        "flows": [
            {
                "present": present,
                "target": target,
                "verdict": verdict,
                "projects": flow.projects,
                "weight": flow.weight / WEIGHT_UNITS,
                "mean_gain": round(flow.gain / flow.projects, DIGITS) if verdict == moving.MOVES else None,
                "mean_cost": round(flow.cost / flow.projects, DIGITS) if verdict == moving.MOVES else None,
            }
            for (present, target, verdict), flow in flows
        ],
        "listed": [
            {
                "id": m.id,
                "row": m.row,
                "weight": m.weight / WEIGHT_UNITS,
                "present": m.present,
                "target": m.target,
                "gain": round(m.gain, DIGITS),
                "cost": round(m.cost, DIGITS),
                "net": round(m.net, DIGITS),
                "interval": [round(end, DIGITS) for end in m.interval],
                "probability": round(m.probability, DIGITS),
            }
            for m in found.listed.listed()
        ],
        "forced": [
            {
                "id": m.id,
                "row": m.row,
                "weight": m.weight / WEIGHT_UNITS,
                "present": m.present,
                "target": m.target,
                "gate": m.gate,
                "why": gate_said(release, role, m.gate, m.present),
            }
            for m in found.forced
        ],
    }


def risk(release: Release, role: str, portfolio: Portfolio) -> Document:
    """What the portfolio stands on that may give way, with the evidence of the facts.

    Where no project states a licence policy none can be broken, and licences are left out of the exposures.
    """
    found = risks.risk(release, role, portfolio)
    listed = sorted(found.exposures.items(), key=lambda each: (-each[1].weight, -each[1].at_risk, each[0]))
    return {
        "role": role,
        "projects": found.projects,
        "exposed": found.exposed,
        "weight": {side: weight / WEIGHT_UNITS for side, weight in found.weight.items()},
        "several": found.several,
        "licence_policies": found.policies,
        "exposures": [
            {
                "of": side,
                "framework": name,
                "risk": kind,
                "projects": each.projects,
                "at_risk": each.at_risk,
                "weight": each.weight / WEIGHT_UNITS,
                "unknown": each.unknown,
                "examples": examples(each.examples),
                "evidence": _evidence(release, name, kind),
            }
            for (side, name, kind), each in listed
            if (each.at_risk or each.unknown) and (found.policies or kind != risks.LICENCE)
        ],
    }


def examples(called: Iterable[tuple[str, int]]) -> list[Document]:
    """Some projects, each with the number of its row."""
    return [{"id": name, "row": row} for name, row in called]


def _evidence(release: Release, name: str, kind: str) -> list[str]:
    cited = release.alternatives[name].fact_evidence
    return list(dict.fromkeys(each for fact in risks.FACT_OF[kind] for each in cited.get(fact, ())))
