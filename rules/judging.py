"""One role, judged: gates first, then the score of every graded member, then the ranking of those that are left.

What a judgement is packed into for the outside is `rules.engine`'s and `rules.explanation`'s business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rules import confidence, explanation, gates, scoring, smaa
from rules.compiled import Array, Gate, Release, Role, Rule
from rules.conditions import Values
from rules.decision import Draws, Ranked
from rules.disagreement import Disagreement, disagreement
from rules.gates import Guarded, Stop
from rules.preferences import Preferences, combine
from rules.scoring import SUM_DECIMALS, Score
from rules.smaa import Acceptability


@dataclass(frozen=True, slots=True)
class Judged:
    """What one role comes to; `scored` is None where there is no member or no rule to rank by.

    `field` indexes the members that no gate excludes; `acceptability` holds the draws, where any were asked for.
    """

    role: Role
    guarded: Guarded
    failing: Mapping[str, list[Gate]]
    silent_rules: Sequence[Rule]
    scored: Score | None
    field: Sequence[int]
    ranking: tuple[Ranked, ...]
    field_mean: float
    acceptability: Acceptability | None
    disagreement: Disagreement | None

    @property
    def first(self) -> str | None:
        """The alternative that comes first."""
        return self.ranking[0].framework if self.ranking else None

    @property
    def places(self) -> list[str]:
        """The alternatives as ranked, best first."""
        return [place.framework for place in self.ranking]


def judge(release: Release, name: str, values: Values, stated: Preferences | None, draws: Draws | None) -> Judged:
    """One role of a release as the project sees it."""
    role = release.roles[name]
    guarded = gates.guard(role, values, release.alternatives)
    failing = _failing(guarded.stops)
    strengths, silent_rules = scoring.strengths(role, values, stated.weights if stated else None)
    if not role.members or not any(strengths):
        return Judged(role, guarded, failing, silent_rules, None, (), (), 0.0, None, None)
    scored = scoring.score(release, role, values, strengths)
    field = [i for i, member in enumerate(role.members) if member not in failing]
    drawn = smaa.draw(role, scored, field, release.confidence, draws.count, draws.seed) if draws and field else None
    ranking, field_mean = _rank(release, role, scored, field, guarded.stops, drawn)
    views = _disagreement(release, role, values, stated, field, [place.framework for place in ranking])
    return Judged(role, guarded, failing, silent_rules, scored, field, ranking, field_mean, drawn, views)


def _failing(stops: Sequence[Stop]) -> dict[str, list[Gate]]:
    """The gates that keep out each excluded alternative."""
    failing: dict[str, list[Gate]] = {}
    for stop in stops:
        if stop.excludes:
            failing.setdefault(stop.alternative, []).append(stop.gate)
    return failing


@dataclass(frozen=True, slots=True)
class _Sure:
    """How sure a ranking is: (F, F) of ranks and of pairs, (F, 2) intervals."""

    rank: Array
    wins: Array
    interval: Array


def _in_closed_form(release: Release, role: Role, scored: Score, field: Sequence[int]) -> _Sure:
    stated = release.confidence
    sigma = confidence.covariance(scored, role, stated["weight_relative_sd"])[np.ix_(field, field)]
    score = scored.score[field]
    around = [
        confidence.interval(mean, variance, stated["interval_probability"])
        for mean, variance in zip(score.tolist(), sigma.diagonal().tolist(), strict=True)
    ]
    return _Sure(confidence.rank_probabilities(score, sigma), confidence.beats(score, sigma), np.array(around))


def _order(role: Role, scored: Score, field: Sequence[int]) -> list[int]:
    """Places in `field`, best first; equals by name."""
    score = scored.score[field].tolist()
    return sorted(range(len(field)), key=lambda at: (-round(score[at], SUM_DECIMALS), role.members[field[at]]))


def _rank(
    release: Release,
    role: Role,
    scored: Score,
    field: Sequence[int],
    stops: Sequence[Stop],
    drawn: Acceptability | None,
) -> tuple[tuple[Ranked, ...], float]:
    if not field:
        return (), 0.0
    sure = _Sure(drawn.rank, drawn.wins, drawn.interval) if drawn else _in_closed_form(release, role, scored, field)
    order = _order(role, scored, field)
    groups = confidence.tie_groups(order, sure.wins, release.confidence["tie_below_win_probability"])
    parts, field_mean = scoring.contributions(scored, field)
    led = groups.count(1)
    met_by: dict[str, list[Stop]] = {}
    for stop in stops:
        met_by.setdefault(stop.alternative, []).append(stop)
    ranking = []
    for place, (local, group) in enumerate(zip(order, groups, strict=True)):
        index = field[local]
        name = role.members[index]
        low, high = sure.interval[local].tolist()
        ranking.append(
            Ranked(
                framework=name,
                rank=place + 1,
                score=float(scored.score[index]),
                interval=(low, high),
                win_probability=float(sure.rank[local, 0]),
                rank_probabilities=tuple(sure.rank[local].tolist()),
                verdict=("tied for first" if led > 1 else "first") if group == 1 else "behind",
                tie_group=group,
                reasons=explanation.reasons(role, scored, parts, index),
                cautions=explanation.cautions(release, met_by.get(name, ())),
                unverified=explanation.unverified(met_by.get(name, ())),
            )
        )
    return tuple(ranking), field_mean


def _disagreement(
    release: Release, role: Role, values: Values, stated: Preferences | None, field: Sequence[int], overall: list[str]
) -> Disagreement | None:
    """Where each stakeholder alone would come out, where there are several and anything is left to rank."""
    if stated is None or len(stated.stakeholders) == 1 or not field:
        return None
    rankings = []
    for stakeholder in stated.stakeholders:
        alone = combine([stakeholder])
        strengths, _ = scoring.strengths(role, {**values, "priorities": alone.ranking}, alone.weights)
        if not any(strengths):
            return None
        scored = scoring.score(release, role, values, strengths)
        rankings.append([role.members[field[at]] for at in _order(role, scored, field)])
    return disagreement(stated, [ranking[0] for ranking in rankings], rankings, overall)
