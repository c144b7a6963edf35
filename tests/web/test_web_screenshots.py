"""The pictures of the pages: each is shown with words for those who do not see it, none is missing, none is large."""

import re
import struct
from pathlib import Path

DOCS = Path(__file__).parent.parent.parent / "docs"
SHOWN = re.compile(r"!\[([^\]]+)\]\((pictures/pages/[^)]+)\)")


def test_every_picture_is_shown_with_words() -> None:
    shown = {Path(path).name: words for words, path in SHOWN.findall((DOCS / "pages.md").read_text("utf-8"))}
    taken = {path.name for path in (DOCS / "pictures" / "pages").glob("*.png")}
    assert set(shown) == taken
    assert all(len(words) > 20 for words in shown.values())


def test_every_picture_is_small() -> None:
    for path in (DOCS / "pictures" / "pages").glob("*.png"):
        content = path.read_bytes()
        width, height = struct.unpack(">II", content[16:24])
        assert width in (360, 1280), path.name
        assert height <= 900, path.name
        assert len(content) < 150_000, path.name
