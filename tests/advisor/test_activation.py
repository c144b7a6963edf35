"""A release can be taken back by answering from the one before it; a look back is never answered from unasked."""

import shutil
from pathlib import Path

import pytest

from advisor import curation, drafting, recommend
from advisor.errors import Conflict, InvalidInput
from advisor.house import House
from knowledge_base import pack as packs
from storage import releases


def test_a_former_release_is_answered_from_again(house: House) -> None:
    first = house.knowledge().release.id
    text = drafting.draft(house, "pytorch", "9.9", "2026-11-20", "https://example.org/note", None, "Ann")
    proposal, _ = curation.propose(house, text)
    second = curation.release(house, [proposal.id]).info
    assert second is not None
    assert house.knowledge().release.id == second.id != first
    assert curation.activate(house, first).id == first
    assert house.knowledge().release.id == first
    assert curation.taken_up(house) == ()
    assert curation.activate(house, second.id).proposals == (proposal.id,)


def test_a_look_back_and_what_is_not_stored_are_refused(house: House) -> None:
    recommend.answer(house, {"need": "train"}, as_of="2026-06-01")
    with house.database.reading() as session:
        (back,) = (info.id for info in releases.listing(session) if info.hindsight_of)
    active = house.knowledge().release.id
    for name in (back, "2026-11-21-nothing"):
        with pytest.raises(InvalidInput, match="the id of a published release"):
            curation.activate(house, name)
    assert house.knowledge().release.id == active


def test_a_pack_that_changes_while_it_is_read_is_not_published(
    house: House, small_pack_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(small_pack_folder, folder)
    load = packs.load

    def loaded(of: Path) -> packs.Pack:
        found = load(of)
        (of / "pack.yaml").write_text((of / "pack.yaml").read_text() + "# later\n")
        return found

    monkeypatch.setattr(packs, "load", loaded)
    active = house.knowledge().release.id
    with pytest.raises(Conflict, match="changed while it was read"):
        curation.publish(house, folder)
    assert house.knowledge().release.id == active


def test_the_present_pack_has_what_was_taken_up(house: House) -> None:
    text = drafting.draft(house, "pytorch", "9.9", "2026-11-20", "https://example.org/note", None, "Ann")
    proposal, _ = curation.propose(house, text)
    versions = {a.id: a.version for a in curation.present_pack(house).alternatives}
    assert versions["pytorch"] != "9.9"
    curation.release(house, [proposal.id])
    assert {a.id: a.version for a in curation.present_pack(house).alternatives} == versions | {"pytorch": "9.9"}
