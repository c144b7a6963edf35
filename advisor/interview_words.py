"""What an interview says in sentences: why a question is asked now, what each answer could do, why it may stop.

Everything said is a number that was computed (`rules.asking`); it judges nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from advisor.names import Names
from advisor.words import TITLES, chance, listed, number
from rules.asking import Next, Outcome

MOST, MUCH = 0.5, 0.2  # of what is still open
NAMED = 2  # winners, and answers of each, that a sentence names


def why(found: Next, names: Names) -> str:
    """Why this question is asked now, and what an answer would do at once."""
    worth = found.open[0].bits
    share = worth / found.bits if found.bits > 0 else 0.0
    if worth <= 0:
        return "No open question is expected to change much; this one is the next in the questionnaire."
    much = "most of" if share >= MOST else "much of" if share >= MUCH else "more than any other question of"
    return f"The answer is expected to settle {much} what is still open. {_at_once(found, names)}"


def _at_once(found: Next, names: Names) -> str:
    """Who would come first with which answers, in the role in which the answers differ most."""
    role = _role(found.outcomes)
    if role is None:
        return "No answer moves a first place by itself; together with what is asked later, it can."
    now = found.winners.get(role)
    groups: dict[str | None, list[Outcome]] = {}
    for outcome in found.outcomes:
        if outcome.winners.get(role) != now:
            groups.setdefault(outcome.winners.get(role), []).append(outcome)
    question = found.open[0].question
    stays = sum(outcome.winners.get(role) == now for outcome in found.outcomes)
    parts = [_with(winner, each, question, names) for winner, each in _greatest(groups)]
    subject = "nothing is recommended" if now is None else f"{names.framework(now)} stays first"
    first = f"{TITLES[role]}: {subject} with {stays} of {len(found.outcomes)} answers"
    return f"{first}; {'; '.join(parts)}."


def _role(outcomes: Sequence[Outcome]) -> str | None:
    """The role whose first place the most answers move, the earlier one of equals; None where none does."""
    seen: dict[str, Counter[str | None]] = {}
    for outcome in outcomes:
        for role, winner in outcome.winners.items():
            seen.setdefault(role, Counter())[winner] += 1
    moved = {role: len(each) for role, each in seen.items() if len(each) > 1 or each.total() < len(outcomes)}
    return max(moved, key=lambda role: moved[role]) if moved else None


def _greatest(groups: Mapping[str | None, list[Outcome]]) -> list[tuple[str | None, list[Outcome]]]:
    likely = sorted(groups.items(), key=lambda pair: -sum(outcome.probability for outcome in pair[1]))
    return likely[:NAMED]


def _with(winner: str | None, outcomes: Sequence[Outcome], question: str, names: Names) -> str:
    likely = sorted(outcomes, key=lambda outcome: -outcome.probability)[:NAMED]
    said = listed([f"“{label(outcome, question, names)}”" for outcome in likely])
    more = f" and {len(outcomes) - NAMED} more" if len(outcomes) > NAMED else ""
    leads = "nothing is left" if winner is None else f"{names.framework(winner)} comes first"
    return f"{leads} with {said}{more}"


def outcomes(found: Next, names: Names) -> list[dict[str, Any]]:
    """What each answer could do, in the words of the question."""
    question = found.open[0].question
    return [
        {
            "answer": list(outcome.answer) if isinstance(outcome.answer, tuple) else outcome.answer,
            "label": label(outcome, question, names),
            "probability": round(outcome.probability, 4),
            "winners": dict(outcome.winners),
            "changes": outcome.changes,
        }
        for outcome in found.outcomes
    ]


def label(outcome: Outcome, question: str, names: Names) -> str:
    """An answer in the words of its question; numbers that do the same are one range."""
    answer = outcome.answer
    if outcome.up_to is None or not isinstance(answer, float):
        return names.says(question, list(answer) if isinstance(answer, tuple) else answer)
    asked = names.questions[question]
    unit = f" {asked.unit}" if asked.unit else ""
    if answer == outcome.up_to:
        return f"about {number(answer)}{unit}"
    return f"{number(answer)} to {number(outcome.up_to)}{unit}"


def settled(found: Next, names: Names) -> str:
    """Why there is nothing that must still be asked."""
    if not found.open:
        return "Every question is answered."
    if found.unshakable:
        return (
            f"No open question can change a first place any more: it stays as it is in all {found.rows} ways of "
            f"answering them that were tried, and with each of {found.singles} single answers."
        )
    if not found.certainty or min(found.certainty.values()) <= 0:
        return "No open question is looked at any more."
    least = min(found.certainty, key=lambda role: found.certainty[role])
    winner = found.winners.get(least)
    first = "What comes first" if winner is None else f"{names.framework(winner)}"
    every = "every first place" if len(found.certainty) > 1 else "the first place"
    return (
        f"{first} stays first in {chance(found.certainty[least])} of the likely ways to answer the open questions: "
        f"{every} is as good as settled."
    )
