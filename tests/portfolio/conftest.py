"""Files of projects written, opened and parsed whole."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from portfolio.blocks import BLOCK_ROWS, Block, RowFault, requirements
from portfolio.mapping import FileMapping
from portfolio.reading import Source, open_source, parse
from rules.release import Release


@dataclass(frozen=True)
class Whole:
    """Everything that a source says."""

    source: Source
    blocks: list[Block]
    release: Release

    @property
    def counts(self) -> tuple[int, int, int]:
        read = sum(block.read for block in self.blocks)
        return read, sum(block.sheet.rows for block in self.blocks), sum(block.failed for block in self.blocks)

    @property
    def faults(self) -> list[RowFault]:
        return [fault for block in self.blocks for fault in block.faults]

    @property
    def answers(self) -> list[dict[str, object]]:
        found = (each for block in self.blocks for each in requirements(block, self.release.questionnaire))
        return [each.document() for each in found]

    @property
    def ids(self) -> list[str]:
        return [text for block in self.blocks for text in block.id]


Read = Callable[..., Whole]
Write = Callable[..., Path]


def whole(release: Release, *paths: Path, mapping: FileMapping | None = None, rows: int = BLOCK_ROWS) -> Whole:
    source = open_source(paths, release.questionnaire, mapping)
    blocks: list[Block] = []
    first = 1
    for index, frame in enumerate(source.frames(rows)):
        assert frame.height <= rows
        assert frame.height or not index
        blocks.append(parse(frame, first, release.questionnaire, release.names, source.mapping, index))
        first += frame.height
    return Whole(source, blocks, release)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file with some content."""

    def written(content: str | bytes, name: str = "in.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


@pytest.fixture
def read(small_release: Release, write: Write) -> Read:
    """What a file with some content says."""

    def said(
        content: str | bytes, name: str = "in.csv", mapping: FileMapping | None = None, rows: int = BLOCK_ROWS
    ) -> Whole:
        return whole(small_release, write(content, name), mapping=mapping, rows=rows)

    return said
