"""Changing the knowledge: weighed before it is made, blocked above the limit, one of two curators told."""

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from advisor import curation, drafting, knowledge, recommend
from advisor.errors import Conflict, InvalidInput, Missing
from advisor.house import House
from advisor.inputs import check
from knowledge_base import pack, proposal, release
from storage import releases
from tests.conftest import NOW, PROFILE
from tests.curating import NO_WINDOWS, VERSION, as_text, change, observed, write_cases
from tests.curating import proposal as written


@pytest.fixture
def house(house: House, tmp_path: Path) -> House:
    """A house with three cases, which may turn none of them round."""
    return replace(house, cases=write_cases(tmp_path / "cases"), flip_limit=0.0)


@pytest.fixture
def edited(small_pack_folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """The small pack with texts replaced: file -> (old, new)."""

    def build(**edits: tuple[str, str]) -> Path:
        folder = tmp_path / f"pack-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(small_pack_folder, folder)
        for name, (old, new) in edits.items():
            path = folder / f"{name.replace('__', '/')}.yaml"
            content = path.read_text(encoding="utf-8")
            assert old in content
            path.write_text(content.replace(old, new), encoding="utf-8")
        return folder

    return build


def proposed(house: House, document: dict[str, Any]) -> str:
    return curation.propose(house, as_text(document))[0].id


def active(house: House) -> str:
    return house.knowledge().release.id


def version_of(house: House, name: str = "pytorch") -> Any:
    return next(a["version"] for a in house.knowledge().document["alternatives"] if a["id"] == name)


# --- Proposing -------------------------------------------------------------------------------------------------------


def test_a_proposal_is_stored_as_it_was_written_and_changes_nothing(house: House) -> None:
    before = active(house)
    content = "# A remark that stays\n" + as_text(VERSION)
    info, review = curation.propose(house, content)
    assert curation.get(house, info.id) == content
    assert (info.title, info.author, info.received_at) == ("PyTorch 2.0", "Ann", NOW)
    assert [each.text for each in review.differences] == ["PyTorch: version is 2.0, was 1.0"]
    assert (review.active, active(house), version_of(house)) == (before, before, "1.0")
    assert review.release != before
    assert (review.impact.projects, review.impact.flips, review.blocked) == (3, (), False)


def test_the_id_is_made_from_what_it_says(house: House) -> None:
    one, other = proposed(house, VERSION), curation.propose(house, "# Remark\n" + as_text(VERSION))[0].id
    assert one == other
    assert proposed(house, {**VERSION, "notes": ["Seen."]}) != one
    assert len(curation.listing(house)) == 2
    assert curation.propose(house, VERSION)[0].id == one  # its plain parts say the same


def test_what_is_wrong_is_told_and_nothing_is_stored(house: House) -> None:
    with pytest.raises(InvalidInput) as caught:
        curation.propose(house, as_text(written(change("alternatives", "pytorhc", "version", "1.0", "2.0"))), "a.yaml")
    assert [(f.path.split(":")[0], f.nearest) for f in caught.value.faults] == [("a.yaml", "pytorch")]
    with pytest.raises(InvalidInput) as caught:
        curation.propose(house, {**VERSION, "proposal": {**VERSION["proposal"], "created": "2026-11-22"}})
    assert [f.path for f in caught.value.faults] == ["proposal.created"]
    unknown = written(add=observed("seen", 3, of="jaxx"))
    with pytest.raises(InvalidInput) as caught:
        curation.propose(house, unknown)
    assert all(f.path.startswith("add.evidence[0]") for f in caught.value.faults)
    with pytest.raises(InvalidInput):
        curation.propose(house, "proposal: [")
    assert curation.listing(house) == []


def test_an_unknown_proposal_gives_the_nearest(house: House) -> None:
    name = proposed(house, VERSION)
    for ask in (
        lambda: curation.get(house, name[:-1]),
        lambda: curation.review(house, [name[:-1]]),
        lambda: curation.release(house, [name[:-1]]),
    ):
        with pytest.raises(InvalidInput) as caught:
            ask()
        assert [f.nearest for f in caught.value.faults] == [name]
    with pytest.raises(InvalidInput) as caught:
        curation.review(house, ["k-1", name, "k-2"])
    assert [f.value for f in caught.value.faults] == ["'k-1'", "'k-2'"]


# --- Publishing proposals --------------------------------------------------------------------------------------------


def test_a_release_takes_proposals_up_and_the_next_one_keeps_them(house: House) -> None:
    first, second = proposed(house, VERSION), proposed(house, written(add=observed("seen", 3)))
    one = curation.release(house, [first])
    assert one.info is not None
    assert (one.new, one.info.proposals, one.dropped) == (True, (first,), ())
    assert (active(house), version_of(house)) == (one.info.id, "2.0")
    assert curation.taken_up(house) == (first,)
    two = curation.release(house, [second])
    assert two.info is not None
    assert two.info.proposals == (first, second)
    assert version_of(house) == "2.0"
    assert "seen" in {e["id"] for e in house.knowledge().document["evidence"]}


def test_the_release_is_that_of_the_pack_with_the_proposals_applied(house: House, edited: Callable[..., Path]) -> None:
    curation.release(house, [proposed(house, VERSION)])
    by_hand = release.build(pack.load(edited(frameworks__pytorch=('version: "1.0"', 'version: "2.0"'))))
    assert house.knowledge().document == by_hand


def test_the_order_of_proposals_counts(house: House) -> None:
    first = proposed(house, VERSION)
    later = as_text(written(change("alternatives", "pytorch", "version", "2.0", "3.0")))
    with pytest.raises(InvalidInput, match=r"what is on file: '1\.0'"):
        curation.propose(house, later)
    curation.release(house, [first])
    second = curation.propose(house, later)[0].id
    curation.release(house, [second])
    assert version_of(house) == "3.0"
    with pytest.raises(InvalidInput, match=r"what is on file: '3\.0'"):
        curation.release(house, [first])


def test_one_that_does_not_fit_any_more_leaves_everything_as_it_was(house: House) -> None:
    one = proposed(house, VERSION)
    other = proposed(house, written(change("alternatives", "pytorch", "version", "1.0", "1.1")))
    curation.release(house, [one])
    before = active(house)
    with pytest.raises(InvalidInput) as caught:
        curation.release(house, [other])
    assert (caught.value.faults[0].path.split(":")[0], caught.value.faults[0].value) == (other, "'1.0'")
    with pytest.raises(InvalidInput):
        curation.review(house, [other])
    assert (active(house), version_of(house)) == (before, "2.0")


def test_without_the_stored_pack_nothing_can_be_applied(house: House) -> None:
    with house.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM packs"))
    with pytest.raises(Missing):
        curation.propose(house, as_text(VERSION))
    with house.database.engine.begin() as connection:
        connection.execute(text("UPDATE releases SET pack_sha256 = NULL"))
    with pytest.raises(Missing, match="of the active release"):
        curation.propose(house, as_text(VERSION))


def test_what_an_older_version_published_can_be_published_once_more(house: House, small_pack_folder: Path) -> None:
    with house.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM packs"))
    done = curation.publish(house, small_pack_folder)
    assert (done.new, done.review.differences) == (False, ())
    assert curation.propose(house, as_text(VERSION))[0].title == "PyTorch 2.0"


# --- The limit -------------------------------------------------------------------------------------------------------


def test_what_turns_too_much_round_is_published_only_with_a_reason_that_is_kept(house: House) -> None:
    name = proposed(house, NO_WINDOWS)
    before = active(house)
    done = curation.release(house, [name])
    assert (done.info, done.new) == (None, False)
    assert done.review.blocked
    assert {f.excluded for f in done.review.impact.flips} == {"PyTorch has no NVIDIA build for windows"}
    assert active(house) == before
    done = curation.release(house, [name], "The build is gone.")
    assert done.info is not None
    assert (done.info.waiver, active(house)) == ("The build is gone.", done.info.id)
    assert [r.waiver for r in knowledge.listing(house) if r.id == active(house)] == ["The build is gone."]


def test_a_reason_stays_on_record_when_the_same_is_published_again(house: House, edited: Callable[..., Path]) -> None:
    folder = edited(frameworks__pytorch=("train.nvidia_gpu.windows: {value: 3", "train.nvidia_gpu.windows: {value: 0"))
    assert curation.publish(house, folder).info is None
    assert curation.publish(house, folder, "It is so.").info is not None
    again = curation.publish(house, folder)
    assert again.info is not None
    assert (again.new, again.info.waiver) == (False, "It is so.")


def test_a_reason_is_not_kept_where_none_was_needed(house: House) -> None:
    done = curation.release(house, [proposed(house, VERSION)], "To be sure.")
    assert done.info is not None
    assert done.info.waiver is None


@pytest.mark.parametrize(("limit", "is_blocked"), [(0.0, True), (0.5, True), (1.0, False)])
def test_the_limit_is_the_houses(house: House, limit: float, is_blocked: bool) -> None:
    house = replace(house, flip_limit=limit)
    review = curation.review(house, [proposed(house, NO_WINDOWS)])
    assert (review.limit, review.blocked) == (limit, is_blocked)
    assert review.impact.share > 0.5


# --- Packs -----------------------------------------------------------------------------------------------------------


def test_a_folder_over_proposals_says_which_are_no_longer_in(house: House, edited: Callable[..., Path]) -> None:
    name = proposed(house, VERSION)
    curation.release(house, [name])
    done = curation.publish(house, edited(pack=("A small pack", "Another small pack")))
    assert done.dropped == (name,)
    assert (version_of(house), curation.taken_up(house)) == ("1.0", ())
    assert curation.publish(house, edited(pack=("A small pack", "A third pack"))).dropped == ()
    again = curation.release(house, [name])
    assert (again.new, version_of(house)) == (True, "2.0")


def test_the_review_of_a_folder_is_what_publishing_it_then_does(house: House, edited: Callable[..., Path]) -> None:
    folder = edited(frameworks__pytorch=('version: "1.0"', 'version: "2.0"'))
    review = curation.review_pack(house, folder)
    before = active(house)
    done = curation.publish(house, folder)
    assert (review.release, review.active) == (active(house), before)
    assert done.review == review
    assert curation.differences(house, before, active(house)) == list(review.differences)
    assert curation.review_release(house, before).impact == review.impact
    assert curation.review_pack(house, folder).differences == ()


def test_a_first_release_has_nothing_to_be_weighed_against(house: House, small_pack_folder: Path) -> None:
    with house.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM active_release"))
    done = curation.publish(house, small_pack_folder)
    assert (done.review.active, done.review.blocked, done.review.differences) == (None, False, ())


def test_a_broken_pack_changes_nothing(house: House, edited: Callable[..., Path]) -> None:
    before = active(house)
    folder = edited(rules__all=('"android" in deploy_targets', '"andorid" in deploy_targets'))
    for call in (lambda: curation.publish(house, folder), lambda: curation.review_pack(house, folder)):
        with pytest.raises(InvalidInput):
            call()
    assert active(house) == before


# --- What it is tried on ---------------------------------------------------------------------------------------------


def test_it_is_tried_on_cases_and_on_recorded_decisions_without_policies(house: House) -> None:
    recommend.answer(house, {"need": "train", "stage": "research"}, hardware_from="local", roles=["training"])
    policy = {
        "name": "acme",
        "owner": "Ann",
        "summary": "For tests.",
        "weights": [{"rule": "base", "factor": 2, "argument": "More."}],
    }
    recommend.answer(house, {"need": "train"}, policy=policy)
    found = list(curation.projects(house))
    assert [p.name for p in found[:3]] == ["case case-0", "case case-1", "case case-2"]
    assert len(found) == 4
    assert (found[3].profile, found[3].roles) == (PROFILE, ["training"])
    assert found[3].answers == {"need": "train", "stage": "research"}


def test_without_cases_and_decisions_nothing_is_tried(house: House, tmp_path: Path) -> None:
    for folder in (None, tmp_path / "nowhere"):
        review = curation.review(replace(house, cases=folder), [proposed(house, NO_WINDOWS)])
        assert (review.impact.tried, review.blocked) == (0, False)


def test_health_is_that_of_the_active_release(house: House) -> None:
    found = curation.health(house)
    assert found.projects == 3
    assert {c.alternative for c in found.coverage} >= {"pytorch", "jax"}
    assert all(w.worth >= 0 for w in found.queue)
    assert curation.health(replace(house, cases=None)).queue == ()


# --- Two at once, and a kill between -------------------------------------------------------------------------------


def test_of_two_curators_at_once_one_wins_and_the_other_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have weighed their change against the same release before either publishes."""
    names = [
        proposed(house, VERSION),
        proposed(house, written(change("alternatives", "jax", "version", "1.0", "9.0"))),
    ]
    barrier, weigh = threading.Barrier(2), curation._review

    def together(*given: Any) -> Any:
        review = weigh(*given)
        barrier.wait(timeout=60)
        return review

    monkeypatch.setattr(curation, "_review", together)
    ended: dict[str, Any] = {}

    def publish(name: str) -> None:
        try:
            ended[name] = curation.release(house, [name])
        except Conflict as told:
            ended[name] = told

    threads = [threading.Thread(target=publish, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.undo()
    (loser,) = (name for name, what in ended.items() if isinstance(what, Conflict))
    (winner,) = set(names) - {loser}
    assert curation.taken_up(house) == (winner,)
    curation.release(house, [loser])  # told, they look again and both changes are in
    assert (version_of(house, "pytorch"), version_of(house, "jax")) == ("2.0", "9.0")


def test_what_was_weighed_against_another_release_is_not_published(
    house: House, edited: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    weigh = curation._review

    def overtaken(*given: Any) -> Any:
        monkeypatch.undo()
        knowledge.publish(house, edited(pack=("A small pack", "Quicker")))
        return weigh(*given)

    monkeypatch.setattr(curation, "_review", overtaken)
    with pytest.raises(Conflict, match="another release was published meanwhile"):
        curation.publish(house, edited(pack=("A small pack", "Slower")))
    assert house.knowledge().document["summary"].startswith("Quicker")


def test_an_end_between_leaves_nothing_half_done(
    house: House, edited: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = active(house), len(knowledge.listing(house))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(releases, "publish", killed)
    with pytest.raises(KeyboardInterrupt):
        curation.publish(house, edited(pack=("A small pack", "Another")))
    monkeypatch.undo()
    assert (active(house), len(knowledge.listing(house))) == before
    with house.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM packs")).scalar_one() == 1


# --- Looking back ----------------------------------------------------------------------------------------------------


def asked(house: House, day: str) -> Any:
    return json.loads(recommend.answer(house, {"need": "train"}, as_of=day).text)


def test_a_look_back_is_made_once_never_active_and_can_be_replayed(house: House) -> None:
    before = active(house)
    made = [asked(house, "2026-02-01") for _ in range(2)]
    assert made[0] == made[1]
    backs = [r for r in knowledge.listing(house) if r.hindsight_of is not None]
    assert [(r.hindsight_of, r.as_of) for r in backs] == [(before, "2026-02-01")]
    assert made[0]["release"]["id"] == backs[0].id
    assert active(house) == before
    assert recommend.replay(house, made[0]["id"])["same"]
    asked(house, "2026-02-02")
    assert len([r for r in knowledge.listing(house) if r.hindsight_of]) == 2


def test_a_look_back_for_what_is_not_recorded_is_not_stored(house: House) -> None:
    before = knowledge.listing(house)
    assert check(house, {"need": "train"}, as_of="2026-02-01") == []
    told = json.loads(recommend.answer(house, {"need": "train"}, as_of="2026-02-01", store=False).text)
    assert knowledge.listing(house) == before
    assert house.knowledge(told["release"]["id"]).document["hindsight"]["day"] == "2026-02-01"
    assert asked(house, "2026-02-01")["id"] == told["id"]
    assert [r.id for r in knowledge.listing(house) if r.hindsight_of] == [told["release"]["id"]]


def test_a_look_back_is_not_taken_for_a_release_of_its_day(house: House) -> None:
    asked(house, "2026-02-01")
    later = asked(house, "2026-03-01")
    back = {r.id: r.as_of for r in knowledge.listing(house) if r.hindsight_of}
    assert back[later["release"]["id"]] == "2026-03-01"
    today = asked(house, "2026-11-21")
    assert today["release"]["id"] == active(house)


def test_a_look_back_is_made_from_the_release_that_is_active(house: House) -> None:
    first = asked(house, "2026-02-01")
    curation.release(house, [proposed(house, written(add=observed("old", 4, day="2025-01")))])
    second = asked(house, "2026-02-01")
    assert first["release"]["id"] != second["release"]["id"]
    names = {r.hindsight_of for r in knowledge.listing(house) if r.hindsight_of}
    assert len(names) == 2


@pytest.mark.parametrize(("day", "why"), [("2020-12-31", "nothing on file is older than 2021"), ("1999-01-01", "2021")])
def test_a_day_before_all_evidence_is_refused(house: House, day: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as caught:
        asked(house, day)
    assert caught.value.faults[0].path == "as_of"
    assert all(r.hindsight_of is None for r in knowledge.listing(house))


# --- Drafts ----------------------------------------------------------------------------------------------------------

URL = "https://example.org/pytorch-2.1"


def test_a_draft_is_a_proposal_that_can_be_made_as_it_is(house: House) -> None:
    content = drafting.draft(house, "pytorch", "2.1.0", "2026-11-20", URL, None, "Ann")
    info, review = curation.propose(house, content)
    assert info.title == "PyTorch 2.1.0"
    assert {(d.kind, d.id) for d in review.differences} == {
        ("alternative", "pytorch"),
        ("evidence", "pytorch-2-1-0-released"),
        ("source", "pytorch-2-1-0-release-note"),
    }
    curation.release(house, [info.id])
    entry = next(a for a in house.knowledge().document["alternatives"] if a["id"] == "pytorch")
    assert (entry["version"], entry["version_date"]) == ("2.1.0", "2026-11-20")


def test_what_a_draft_advises_can_be_put_in(house: House) -> None:
    content = drafting.draft(house, "pytorch", "2.1.0", "2026-11-20", URL, "What's new", "Ann")
    assert "alternative: pytorch, level: 3" in content
    assert '#   python.max: "3.14" [facts]\n' in content
    assert "#   run.server_cpu: 3 [facts]\n" in content
    new = "pytorch-2-1-0-released"
    more = f"""\
- {{kind: alternatives, id: pytorch, path: [capabilities, python.max, value], from: "3.14", to: "3.15"}}
- {{kind: alternatives, id: pytorch, path: [capabilities, python.max, evidence], from: [facts], to: [{new}]}}
- {{kind: evidence, id: survey-ease, path: verdict, from: holds, to: outdated}}
- {{kind: evidence, id: survey-ease, path: verdict_note, from: null, to: "why"}}
- {{kind: evidence, id: survey-ease, path: verdict_evidence, from: [], to: [{new}]}}
"""
    assert "\nadd:\n" in content
    _, review = curation.propose(house, content.replace("\nadd:\n", f"\n{more}add:\n"))
    told = {each.text for each in review.differences}
    assert "PyTorch: python.max is 3.15, was 3.14" in told
    assert "evidence survey-ease: outdated, was holds: why" in told


def test_a_draft_sets_only_what_is_new(house: House) -> None:
    content = proposal.parse(drafting.draft(house, "pytorch", "1.0", "2026-11-20", URL, None, "Ann"), "draft")
    assert [each.path for each in content.set] == ["version_date"]


@pytest.mark.parametrize(
    ("changes", "nearest"),
    [
        ({"framework": "pytorhc"}, "pytorch"),
        ({"date": "yesterday"}, None),
        ({"url": "ftp://example.org"}, None),
        ({"author": ""}, None),
        ({"version": ""}, None),
    ],
)
def test_a_draft_of_nothing_sensible_is_refused(house: House, changes: dict[str, str], nearest: str | None) -> None:
    given = {"framework": "pytorch", "version": "2.0", "date": "2026-11-20", "url": URL, "title": None, "author": "A"}
    with pytest.raises(InvalidInput) as caught:
        drafting.draft(house, **{**given, **changes})  # type: ignore[arg-type]
    assert caught.value.faults[0].nearest == nearest


def test_an_impact_as_plain_parts_is_json(house: House) -> None:
    review = curation.review(house, [proposed(house, NO_WINDOWS)])
    found = curation.review_document(review)["impact"]
    assert json.loads(json.dumps(found))["share"] == review.impact.share
    assert found["clear_flips"] == review.impact.clear_flips
