"""Copies of the small pack with mistakes planted in them."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from knowledge_base import pack, release
from rules.faults import Fault, InvalidInput

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
