"""Change the knowledge and look at its state."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from advisor import cases as decided
from advisor import curation as use_case
from advisor import drafting
from advisor.curation import Published, Review
from advisor.errors import Fault, InvalidInput
from cli import files, output
from cli.actions import opening
from cli.actions.library import release_as_json, require_folder
from cli.problems import NO
from rules.faults import shown


def publish(
    folder: Path | None, proposals: Sequence[str], waive: str | None, again: str | None, *, as_json: bool
) -> int:
    """Publish a pack or proposals; see `cli.curating.publish`."""
    require_folder(folder)
    if again is not None:
        if folder is not None or proposals:
            raise InvalidInput([Fault("--again", shown(again), "given without a FOLDER and without --proposal")])
        return _again(again, as_json=as_json)
    if folder is not None and proposals:
        raise InvalidInput([Fault("--proposal", shown(proposals[0]), "given without a FOLDER")])
    with opening.house() as house:
        done = use_case.release(house, proposals, waive) if proposals else use_case.publish(house, folder, waive)
    if as_json:
        output.emit_json(_published(done))
    elif done.info is None:
        _show_review(done.review)
        output.emit("Not published: more answers turn round than allowed. Give a reason with --waive to publish.")
    else:
        was_active = done.review.active == done.info.id
        state = "Published" if done.new else "Already published, and active" if was_active else "Active again"
        output.emit(f"{state}: {done.info.id} ({done.info.name}, as of {done.info.as_of})")
        if done.review.active is not None:
            output.emit(_turned(done.review))
    if done.dropped:
        output.notice(_dropped(done.dropped))
    return NO if done.info is None else 0


def _again(release: str, *, as_json: bool) -> int:
    with opening.house() as house:
        info = use_case.activate(house, release)
    if as_json:
        output.emit_json({"release": release_as_json(info), "new": False, "review": None, "dropped": []})
    else:
        output.emit(f"Active again: {info.id} ({info.name}, as of {info.as_of})")
    return 0


def _published(done: Published) -> dict[str, Any]:
    return {
        "release": None if done.info is None else release_as_json(done.info),
        "new": done.new,
        "review": use_case.review_document(done.review),
        "dropped": list(done.dropped),
    }


def _dropped(proposals: Sequence[str]) -> str:
    told = "a proposal that is" if len(proposals) == 1 else f"{len(proposals)} proposals that are"
    return (
        f"the release before had taken up {told} no longer in, unless the files say the same: {', '.join(proposals)}. "
        "`knowledge publish --proposal ID` takes one up again."
    )


def propose(file: str, *, as_json: bool) -> int:
    """Check and store a proposal; see `cli.curating.propose`."""
    text, name = files.text(file, "FILE")
    with opening.house() as house:
        info, review = use_case.propose(house, text, name)
    if as_json:
        output.emit_json({"id": info.id, "review": use_case.review_document(review)})
        return 0
    _show_review(review)
    output.emit(f"Stored: {info.id}")
    waive = " --waive REASON" if review.blocked else ""
    output.emit(f"Publish it: steelyard knowledge publish --proposal {info.id}{waive}")
    return 0


def draft(framework: str, version: str, date: str, url: str, title: str | None, author: str) -> int:
    """Write the frame of a proposal; see `cli.curating.draft`."""
    with opening.house() as house:
        text = drafting.draft(house, framework, version, date, url, title, author)
    for each in text.splitlines():
        output.emit(each)
    return 0


def proposals(proposal: str | None, *, as_json: bool) -> int:
    """List proposals, or show one; see `cli.curating.proposals`."""
    with opening.house() as house:
        if proposal is not None:
            text = use_case.get(house, proposal)
            if as_json:
                output.emit_json({"id": proposal, "proposal": text})
            else:
                for each in text.splitlines():
                    output.emit(each)
            return 0
        if as_json:
            output.emit_json({"items": use_case.listing_document(house)})
            return 0
        found, taken = use_case.listing(house), use_case.taken_up(house)
    from cli.render import curation, screen

    with screen.page() as to:
        curation.show_proposals(to, found, taken)
    return 0


def diff(before: str, after: str | None, *, as_json: bool) -> int:
    """Say how releases differ; see `cli.curating.diff`."""
    with opening.house() as house:
        found = use_case.differences(house, before, after or house.knowledge().release.id)
    if as_json:
        output.emit_json({"differences": [asdict(each) for each in found]})
    else:
        from cli.render import curation, screen

        with screen.page() as to:
            curation.show_differences(to, found)
    return 0


def impact(against: str | None, proposals: Sequence[str], *, as_json: bool) -> int:
    """List the answers that turn round; see `cli.curating.impact`."""
    with opening.house() as house:
        if proposals:
            review = use_case.review(house, proposals)
        elif against is None or Path(against).is_dir():
            review = use_case.review_pack(house, Path(against) if against else None)
        else:
            review = use_case.review_release(house, against)
    if as_json:
        output.emit_json(use_case.review_document(review))
    else:
        _show_review(review)
    return 0


def _show_review(review: Review) -> None:
    from cli.render import curation, screen

    with screen.page() as to:
        curation.show_review(to, review)


def _turned(review: Review) -> str:
    from cli.render import phrases

    found = review.impact
    if not found.tried:
        return "No case or recorded decision is there to try it on."
    of = f"{found.clear_flips} of {phrases.counted(found.answers, 'answer', 'answers')}"
    within = phrases.counted(found.projects, "project", "projects")
    turn = "turns" if found.clear_flips == 1 else "turn"
    return f"{of} in {within} {turn} round."


def cases(folder: Path | None, *, as_json: bool) -> int:
    """Compare with decided cases; see `cli.curating.cases`."""
    if folder is not None and not folder.is_dir():
        raise InvalidInput([Fault("FOLDER", shown(str(folder)), "a folder that exists")])
    with opening.house() as house:
        found = decided.report(house, folder)
    if as_json:
        output.emit_json(decided.document(found))
    else:
        from cli.render import curation, screen

        with screen.page() as to:
            curation.show_cases(to, found)
    return 0


def health(most: int, *, as_json: bool) -> int:
    """Say how the knowledge is; see `cli.curating.health`."""
    with opening.house() as house:
        found = use_case.health(house)
    if as_json:
        output.emit_json(asdict(found))
    else:
        from cli.render import curation, screen

        with screen.page() as to:
            curation.show_health(to, found, most)
    return 0
