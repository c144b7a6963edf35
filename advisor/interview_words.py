"""What an interview says in sentences: why a question is asked now, what each answer could do, why it may stop.

Everything said is a number that was computed (`rules.asking`); it judges nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from advisor.names import Wording
from advisor.words import chance, number
from rules.asking import Next, Outcome, Winners
from rules.conditions.sentences import listed
from rules.decision import RoleResult

MOST, MUCH = 0.5, 0.25  # of what is still open
NAMED = 2  # winners, and answers of each, that a sentence names
NOUNS = {
    "training": "training framework",
    "high_level": "high-level library",
    "serving": "model server",
    "runtime": "runtime",
}
NOT_CALLED = "not called"  # in the place of a winner
_Winner = str | None


def why(found: Next, names: Wording) -> str:
    """Why this question is asked now, and what an answer would do at once."""
    worth = found.open[0].bits
    if worth <= 0:
        return "No open question is expected to change much; this is the next one of the questionnaire."
    share = worth / found.bits if found.bits > 0 else 1.0
    much = f"It is expected to settle {'most' if share >= MOST else 'much'} of what is still open. "
    return f"{much if share >= MUCH else ''}{_at_once(found, names)}"


def _at_once(found: Next, names: Wording) -> str:
    """What the answers would do at once, in the role in which they differ most."""
    role = _role([found.winners, *(outcome.winners for outcome in found.outcomes)])
    if role is None:
        return "No answer changes a first place by itself, but together with later ones it can."
    now = found.winners.get(role, NOT_CALLED)
    groups: dict[_Winner, list[Outcome]] = {}
    for outcome in found.outcomes:
        groups.setdefault(outcome.winners.get(role, NOT_CALLED), []).append(outcome)
    stays = len(groups.pop(now, ()))
    question = found.open[0].question
    others = [f"with {_said(each, question, names)} {_would(winner, role, names)}" for winner, each in _likely(groups)]
    return f"{_now(now, role, stays, len(found.outcomes), names)}; {', '.join(others)}."


def _role(winners: Sequence[Winners]) -> str | None:
    """The role with the most different first places, now or after an answer, the earlier of equals; None: all stay."""
    seen = {role: {each.get(role, NOT_CALLED) for each in winners} for role in NOUNS}
    most = max(NOUNS, key=lambda role: len(seen[role]))
    return most if len(seen[most]) > 1 else None


def _likely(groups: Mapping[_Winner, list[Outcome]]) -> list[tuple[_Winner, list[Outcome]]]:
    """The first places that the likeliest answers lead to; what no completion answers is named only alone."""
    chance_of = {winner: sum(outcome.probability for outcome in each) for winner, each in groups.items()}
    likely = sorted(groups.items(), key=lambda pair: -chance_of[pair[0]])
    return [pair for place, pair in enumerate(likely[:NAMED]) if not place or chance_of[pair[0]] > 0]


def _now(winner: _Winner, role: str, stays: int, answers: int, names: Wording) -> str:
    """What holds now, and with how many answers it stays so."""
    found = f"With {stays} of {answers} answers" if stays else "So far"
    if winner == NOT_CALLED:
        return f"{found} no {NOUNS[role]} is needed"
    how = "stays" if stays else "is"
    if winner is None:
        return f"{found} every {NOUNS[role]} {how} excluded"
    return f"{found} {names.framework(winner)} {how} the first {NOUNS[role]}"


def _would(winner: _Winner, role: str, names: Wording) -> str:
    if winner == NOT_CALLED:
        return f"no {NOUNS[role]} would be needed"
    return "every one would be excluded" if winner is None else f"it would be {names.framework(winner)}"


def _said(outcomes: Sequence[Outcome], question: str, names: Wording) -> str:
    likely = sorted(outcomes, key=lambda outcome: -outcome.probability)[:NAMED]
    said = [f"\N{LEFT DOUBLE QUOTATION MARK}{label(o, question, names)}\N{RIGHT DOUBLE QUOTATION MARK}" for o in likely]
    more = len(outcomes) - len(likely)
    return f"{' or '.join(said)}{f' (and {more} more)' if more else ''}"


def outcomes(found: Next, names: Wording) -> list[dict[str, Any]]:
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


def label(outcome: Outcome, question: str, names: Wording) -> str:
    """An answer in the words of its question; numbers that do the same are one range."""
    answer = outcome.answer
    if isinstance(answer, bool):
        return "Yes" if answer else "No"
    if answer == ():
        return "None of these"
    if outcome.between is None:
        return names.says(question, list(answer) if isinstance(answer, tuple) else answer)
    unit = "a second" if names.questions[question].unit == "1/s" else names.questions[question].unit
    low, high = (None if end is None else number(end) for end in outcome.between)
    if low is None or high is None:
        text = "any number of" if low == high else f"less than {high}" if low is None else f"more than {low}"
    else:
        text = low if low == high else f"{low} to {high}"
    return f"{text} {unit}" if unit else text


def settled(found: Next, names: Wording) -> str:
    """Why there is nothing that must still be asked."""
    if not found.open:
        return "Every question is answered."
    if found.unshakable:
        return (
            f"No open question can change a first place any more: all stay as they are in {found.rows} ways of "
            f"answering the open questions that were tried, and with each of {found.singles} single answers."
        )
    if not found.certainty:
        return "There is nothing that an answer could change."
    sure = chance(found.joint)
    if len(found.certainty) == 1:
        role = next(iter(found.certainty))
        told = _holds(found.winners.get(role, NOT_CALLED), role, names)
        return f"{told} in {sure} of the likely ways to answer the rest."
    least = min(found.certainty, key=lambda role: found.certainty[role])
    return (
        f"The answer holds as a whole, every first place as the first or level with it, in {sure} of the likely ways "
        f"to answer the rest. Least sure is {_subject(found.winners.get(least, NOT_CALLED), least, names)}, which "
        f"holds in {chance(found.certainty[least])}."
    )


def left_open(roles: Mapping[str, RoleResult], names: Wording) -> str:
    """What stopping leaves open, in sentences: ties for the first place where something is needed, and empty roles."""
    said = []
    for role, result in roles.items():
        if not result.ranking:
            said.append(f" No {NOUNS[role]} is left: the recommendation says which answers stand against it.")
        first = [p.framework for p in result.ranking if p.tie_group == result.ranking[0].tie_group]
        if len(first) > 1 and not (result.without and result.without.none_needed):
            which = listed(list(map(names.framework, first)), "and")
            said.append(f" Tied for the first {NOUNS[role]} are {which}: more answers may set them apart.")
    return "".join(said)


def _holds(winner: _Winner, role: str, names: Wording) -> str:
    if winner in (None, NOT_CALLED):
        return f"{_subject(winner, role, names).capitalize()} holds"
    return f"{names.framework(str(winner))} stays the first {NOUNS[role]}, or level with the first,"


def _subject(winner: _Winner, role: str, names: Wording) -> str:
    if winner == NOT_CALLED:
        return f"that no {NOUNS[role]} is needed"
    return (
        f"that every {NOUNS[role]} is excluded"
        if winner is None
        else f"{names.framework(winner)} as the first {NOUNS[role]}"
    )
