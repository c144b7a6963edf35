"""Do the priors of a pack fit its questionnaire? Part of `knowledge_base.lint`."""

from collections.abc import Iterator, Mapping

from knowledge_base.condition_places import condition_faults
from knowledge_base.pack import Pack, Spot
from knowledge_base.priors import Given, Prior, Range
from knowledge_base.schema import Question
from rules import conditions
from rules.conditions import Kind
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.requirements import NONE_OF_THESE

ROUNDING = 1e-6  # sums of shares that differ from 1 by no more are 1

At = tuple[str | int, ...]


def faults(pack: Pack, project: Mapping[str, Kind]) -> Iterator[Fault]:
    """Priors of no question, questions without one, parts of another kind, shares that do not add up, and cases that
    look ahead. A pack that states no prior at all is sound.
    """
    questions = {q.id: q for q in pack.questionnaire.questions}
    alternatives = [a.id for a in pack.alternatives]
    evidence = {e.id for e in pack.evidence}
    before: list[str] = []
    for prior in pack.priors:
        spot, question = pack.spots["priors", prior.id], questions.get(prior.id)
        for index, each in enumerate(prior.evidence):
            if each not in evidence:
                at = spot.at("evidence", index)
                yield Fault(at, shown(each), "the id of a piece of evidence", nearest(each, evidence))
        if question is None:
            yield Fault(spot.at("id"), shown(prior.id), "the id of a question", nearest(prior.id, questions))
            continue
        options = alternatives if question.kind == "alternatives" else [o.id for o in question.options]
        yield from _whole(spot, prior, question, options)
        yield from _parts(spot, (), prior, question, options)
        for index, case in enumerate(prior.given):
            yield from _parts(spot, ("given", index), case, question, options)
            yield from condition_faults(spot, ("given", index, "when"), case.when, project)
            yield from _ahead(spot, ("given", index, "when"), case.when, before)
        before.append(prior.id)
    stated = {prior.id for prior in pack.priors}
    for name in questions if pack.priors else ():
        if name not in stated:
            yield Fault("priors.yaml", shown(name), "a prior for every question; this one has none")


def _field(question: Question) -> str:
    """The part that says how likely the answers to a question are."""
    return {"number": "numbers", "yes/no": "chance_of_yes"}.get(question.kind, "options")


def _whole(spot: Spot, prior: Prior, question: Question, options: list[str]) -> Iterator[Fault]:
    if getattr(prior, _field(question)) is None:
        yield Fault(spot.at(), prior.id, f"{_field(question)}: that is how a question of the kind {question.kind} is")
    if (prior.lengths is not None) != (question.kind == "ranked"):
        yield Fault(spot.at(), prior.id, "lengths exactly for a ranking")
    if prior.lengths is not None and not _is_one(sum(prior.lengths)):
        yield Fault(spot.at("lengths"), f"a sum of {sum(prior.lengths):g}", "probabilities that add up to 1")
    stated = prior.options or {}
    for option in options if stated and question.kind != "alternatives" else ():
        if option not in stated:
            yield Fault(spot.at("options"), f"no {option}", "a probability for every option")


def _parts(spot: Spot, above: At, given: Prior | Given, question: Question, options: list[str]) -> Iterator[Fault]:
    """The parts of a prior, or of one of its cases."""
    for field in ("options", "chance_of_yes", "numbers"):
        if getattr(given, field) is not None and field != _field(question):
            expected = f"{_field(question)}: that is how a question of the kind {question.kind} is answered"
            yield Fault(spot.key(*above, field), field, expected)
    if given.none is not None and (question.kind not in ("many", "alternatives") or set(options) & set(NONE_OF_THESE)):
        expected = "nothing: only of a list without an option that says so can the answer be none of these"
        yield Fault(spot.key(*above, "none"), "none", expected)
    if given.options is not None and _field(question) == "options":
        yield from _shares(spot, (*above, "options"), given.options, question, options, given.none or 0.0)
    if given.numbers is not None and _field(question) == "numbers":
        yield from _ranges(spot, (*above, "numbers"), given.numbers, question)


def _shares(
    spot: Spot, at: At, shares: Mapping[str, float], question: Question, options: list[str], none: float
) -> Iterator[Fault]:
    for option in shares:
        if option not in options:
            yield Fault(spot.key(*at, option), shown(option), f"an option of {question.id}", nearest(option, options))
    if question.kind in ("one", "ranked") and not _is_one(sum(shares.values())):
        yield Fault(spot.at(*at), f"a sum of {sum(shares.values()):g}", "probabilities that add up to 1")
    alone = none + sum(share for option, share in shares.items() if option in question.exclusive)
    if alone > 1 + ROUNDING:
        yield Fault(spot.at(*at), f"{alone:g} for none of these and the options that stand alone", "at most 1")
    if question.kind in ("many", "alternatives") and not any(shares.values()):
        yield Fault(spot.at(*at), "nothing that is ever named", "a probability above 0")


def _ranges(spot: Spot, at: At, ranges: list[Range], question: Question) -> Iterator[Fault]:
    if not _is_one(sum(each.share for each in ranges)):
        yield Fault(spot.at(*at), f"a sum of {sum(each.share for each in ranges):g}", "shares that add up to 1")
    least, most = question.minimum, question.maximum
    for index, each in enumerate(ranges):
        if each.low > each.high or (each.low == 0 < each.high):
            told = "a range of which the first number is above 0 and not above the second, or one number twice"
            yield Fault(spot.at(*at, index), f"{each.low:g} to {each.high:g}", told)
        if (least is not None and each.low < least) or (most is not None and each.high > most):
            yield Fault(spot.at(*at, index), f"{each.low:g} to {each.high:g}", f"numbers that {question.id} takes")


def _ahead(spot: Spot, field: At, text: str, before: list[str]) -> Iterator[Fault]:
    try:
        mentioned = conditions.names(conditions.parse(text))
    except InvalidInput:
        return
    for name in sorted(mentioned - set(before)):
        yield Fault(spot.at(*field), shown(name), "a question whose prior stands further up", nearest(name, before))


def _is_one(total: float) -> bool:
    return abs(total - 1) <= ROUNDING
