"""Copies of the small pack with mistakes planted in them."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from knowledge_base import pack, release
from rules.faults import Fault, InvalidInput
from rules.release import compile_release

Edits = Mapping[str, str | tuple[str, str] | None]
Plant = Callable[[Edits], Path]


@pytest.fixture
def plant(tmp_path: Path, small_pack_folder: Path) -> Plant:
    """Copy the small pack and edit it: file -> (old, new) text, a text to append, or None to take the file away."""

    def edited(edits: Edits) -> Path:
        folder = tmp_path / "pack"
        shutil.copytree(small_pack_folder, folder)
        for name, edit in edits.items():
            path = folder / name
            if edit is None:
                path.unlink()
                continue
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            if isinstance(edit, tuple):
                assert text.count(edit[0]) == 1, f"{edit[0]!r} stands {text.count(edit[0])} times in {name}"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text + edit if isinstance(edit, str) else text.replace(*edit), encoding="utf-8")
        return folder

    return edited


def faults_of(folder: Path) -> list[Fault]:
    """What keeps a pack from being released; the release must be refused."""
    with pytest.raises(InvalidInput) as caught:
        release.build(pack.load(folder))
    return list(caught.value.faults)


@pytest.fixture(scope="session")
def small_pack(small_pack_folder: Path) -> pack.Pack:
    """The small pack in memory."""
    return pack.load(small_pack_folder)


@pytest.fixture(scope="session")
def small_document(small_pack: pack.Pack) -> dict[str, Any]:
    """The release document of the small pack; tests copy it before they change it."""
    return release.build(small_pack)


class Kept:
    """The small pack, its document and its release for Hypothesis, which prints arguments: this one is short in print,
    as no data class would be.
    """

    def __init__(self, of: pack.Pack, document: dict[str, Any]) -> None:
        self.pack = of
        self.document = document
        self.release = compile_release(document)


@pytest.fixture(scope="session")
def kept(small_pack: pack.Pack, small_document: dict[str, Any]) -> Kept:
    """All of it in one."""
    return Kept(small_pack, small_document)
