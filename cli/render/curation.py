"""Changes of the knowledge and its state, as screens: reviews, proposals, differences, decided cases, a work queue."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from advisor.curation import ProposalInfo, Review
from advisor.words import human, percent
from cli.render import phrases
from cli.render.screen import heading, line, paragraph, rows, table

if TYPE_CHECKING:
    from advisor.cases import Report, Share
    from advisor.curation import Difference, Health

SHOWN_EACH = 40
LED_BY_FACTS = ("alternative", "fact", "grade", "path", "evidence")


def show_review(to: Console, review: Review) -> None:
    """Print what a change would do."""
    if review.active is None:
        paragraph(to, f"{review.release} would be the first release.")
        return
    to.print(line(("Review", "bold"), (f"  {review.release} against {review.active}", "dim")))
    show_differences(to, review.differences)
    found = review.impact
    heading(to, "Answers that turn round")
    if not found.tried:
        paragraph(to, "No case or recorded decision is there to try it on, so that nothing can be said.")
        return
    decided = phrases.counted(found.projects, "project was", "projects were")
    paragraph(to, f"{decided} decided from both, {phrases.counted(found.answers, 'ranking', 'rankings')} in all.")
    for flip in found.flips:
        how = " (a tie)" if flip.tied else ""
        why = f": {flip.excluded}" if flip.excluded else ""
        text = f"{flip.project}, {human(flip.role)}: {flip.before or 'nothing'} -> {flip.after or 'nothing'}{how}{why}"
        rows(to, [("-", text)])
    for project, fault in found.refused:
        rows(to, [("-", f"{project} is not taken any more: {fault}")])
    counted = f"{percent(found.share)} of them turn round, ties aside; {percent(review.limit)} are allowed."
    paragraph(to, line((counted, "yellow" if review.blocked else "green")))


def show_differences(to: Console, found: "Sequence[Difference]") -> None:
    """Print how two releases differ."""
    if not found:
        paragraph(to, "Nothing differs.")
        return
    by_kind = Counter(each.kind for each in found)
    for kind in sorted(by_kind, key=lambda k: (k not in LED_BY_FACTS, k)):
        heading(to, f"{human(kind).capitalize()} ({by_kind[kind]})")
        told = [each for each in found if each.kind == kind]
        rows(to, [("-", line(each.text, (_cited(each.evidence), "dim"))) for each in told[:SHOWN_EACH]])
        if len(told) > SHOWN_EACH:
            paragraph(to, line((f"and {len(told) - SHOWN_EACH} more; --json has all of them", "dim")), indent=2)


def _cited(evidence: Sequence[str]) -> str:
    return f" ({', '.join(evidence)})" if evidence else ""


def show_proposals(to: Console, found: Sequence[ProposalInfo], taken: Collection[str]) -> None:
    """Print the stored proposals."""
    if not found:
        paragraph(to, "No proposal is stored.")
        return
    listed = table("id", "title", "by", "stored", "")
    for each in found:
        mark = line(("released", "green")) if each.id in taken else line("")
        listed.add_row(
            line(each.id), line(each.title), line(each.author), line(f"{each.received_at:%Y-%m-%d %H:%M}"), mark
        )
    to.print(listed)


# --- Decided cases ---------------------------------------------------------------------------------------------------


def show_cases(to: Console, found: "Report") -> None:
    """Print how the answers compare with decided cases."""
    to.print(line(("Decided cases", "bold")))
    if not found.outcomes:
        paragraph(to, "No cases are there to compare with.")
        return
    listed = table("case", "role", "the team chose", "rank", "first here", "probability")
    for o in found.outcomes:
        style = "green" if o.hit else "" if o.accepted or o.tied else "yellow"
        rank = str(o.rank) if o.rank else "excluded" if o.stopped else "-"
        cells = (o.case.id, human(o.case.role), o.case.choice, rank, o.first or "nothing", percent(o.probability))
        listed.add_row(*(line((cell, style)) for cell in cells))
    to.print(listed)
    for o in found.outcomes:
        if o.stopped:
            rows(to, [("-", f"{o.case.id}: {o.stopped}")])
    heading(to, "Shares, with the interval that holds them with 95 %")
    named = [
        ("the choice comes first", found.top1),
        ("the choice or what is acceptable for the same needs comes first", found.accepted),
        ("the choice is among the first three", found.top3),
    ]
    rows(to, [(_share(share), text) for text, share in named])
    heading(to, "Rules of thumb on the same cases: the choice comes first")
    rows(to, [(_share(share), text) for text, share in found.baselines.items()])
    heading(to, "Calibration: how often the first was the choice, by the probability it was given")
    for each in found.bins:
        if each.found.count:
            text = f"stated {percent(each.stated)} on average, {each.found.hits} of {each.found.count}"
            rows(to, [(_share(each.found), text)])
    paragraph(to, line((f"Brier score {found.brier:.3f} (0 is perfect, 0.25 is a coin)", "dim")))


def _share(share: "Share") -> str:
    return f"{percent(share.value)} ({percent(share.low)} to {percent(share.high)})"


# --- Health ----------------------------------------------------------------------------------------------------------


def show_health(to: Console, found: "Health", most: int) -> None:
    """Print the state of the knowledge."""
    to.print(line(("What is known, and how well", "bold")))
    to.print(_coverage(found))
    heading(to, f"Facts past their day ({len(found.stale)})")
    rows(to, [("-", f"{s.alternative} {s.capability}, since {s.expired}") for s in found.stale[:most]])
    heading(to, f"Contested grades ({len(found.contested)})")
    for c in found.contested:
        rows(
            to, [("-", line(f"{c.alternative}, {c.criterion}: {c.mean:.1f} ± {c.sd:.1f}", (_cited(c.evidence), "dim")))]
        )
    heading(to, "Grades that rest most on their makers' own words")
    for lean in found.lean[:most]:
        above = "" if lean.own_above_others is None else f", {lean.own_above_others:+.2f} levels against the rest"
        text = f"{lean.alternative} ({phrases.counted(lean.observations, 'observation', 'observations')}{above})"
        rows(to, [(percent(lean.own_share), text)])
    heading(to, f"Worth finding out next, over {phrases.counted(found.projects, 'project', 'projects')}")
    if not found.projects:
        paragraph(to, "No case or recorded decision is there to measure it on.")
        return
    paragraph(to, "Points that the choice can be expected to gain in each project by knowing one thing exactly.")
    for wanted in found.queue[:most]:
        behind = phrases.counted(wanted.sources, "source", "sources") if wanted.kind == "grade" else "a fact"
        asked = phrases.counted(wanted.projects, "ranking", "rankings")
        rows(
            to,
            [(f"{wanted.worth:.3f}", f"{wanted.alternative}, {wanted.about} ({behind}; {asked})")],
        )


def _coverage(found: "Health") -> Table:
    listed = table("framework", "grades", "of one source", "facts", "looked for, not found")
    for c in found.coverage:
        cells = (f"{c.known} of {c.possible}", str(c.single_source), str(c.facts_known), str(c.facts_unknown))
        listed.add_row(line(c.alternative), *(line(cell) for cell in cells))
    return listed
