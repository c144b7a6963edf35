"""The pictures of docs/reading-an-answer.md are those of the shipped knowledge, and all of them are shown."""

import re
import runpy
from pathlib import Path

from advisor import pictures

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reading-an-answer.md"


def test_the_pictures_are_those_of_the_shipped_knowledge(tmp_path: Path) -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "refresh-pictures"))
    script["main"].__globals__["FOLDER"] = tmp_path
    script["main"]()
    for drawn in sorted(tmp_path.iterdir()):
        assert drawn.read_bytes() == (ROOT / "docs" / "pictures" / drawn.name).read_bytes(), (
            "run scripts/refresh-pictures"
        )
    shown = re.findall(r"\(pictures/(answer-[a-z]+\.svg)\)", PAGE.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(each.name for each in tmp_path.iterdir())
    assert pictures.COLOURS["light"]["ink"] in (ROOT / "docs" / "pictures" / shown[0]).read_text(encoding="utf-8")
