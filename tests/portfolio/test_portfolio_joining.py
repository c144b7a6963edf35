"""Parquet files copied into one hold the same rows, groups and types, as a reader sees that knows nothing of it."""

from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.faults import Damaged
from portfolio.writing import joining, thrift

WORDS = pl.Enum(["pytorch", "jax", "é"])


def frame(first: int, rows: int) -> pl.DataFrame:
    """Rows of every type that results have, in more columns than the short form of a list names."""
    place = range(first, first + rows)
    scores = {f"score_{n}": pl.Series([i / (n + 1) if i % (n + 2) else None for i in place]) for n in range(16)}
    return pl.DataFrame(
        {
            "row": pl.Series(list(place), dtype=pl.Int64),
            "name": pl.Series([f"Project {i}" if i % 3 else None for i in place], dtype=pl.String),
            "first": pl.Series([["jax", None, "é"][i % 3] for i in place], dtype=WORDS),
            "excluded": pl.Series([f"caffe (gate-{i % 7})" for i in place], dtype=pl.Categorical),
            "scores": pl.Series([[i, float("nan")] for i in place], dtype=pl.Array(pl.Float32, 2)),
            "ready": pl.Series([i % 2 == 0 for i in place], dtype=pl.Boolean),
            **{name: values.cast(pl.Float64) for name, values in scores.items()},
        }
    )


def put(folder: Path, frames: list[pl.DataFrame], **options: Any) -> list[Path]:
    paths = [folder / f"{index}.parquet" for index in range(len(frames))]
    for path, each in zip(paths, frames, strict=True):
        each.write_parquet(path, **options)
    return paths


def joined(paths: list[Path]) -> bytes:
    held = BytesIO()
    joining.join(paths, held)
    return held.getvalue()


def footer(content: bytes) -> thrift.Struct:
    length = int.from_bytes(content[-8:-4], "little")
    return thrift.read(BytesIO(content[-8 - length : -8]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.lists(st.integers(0, 40), min_size=1, max_size=5),
    group=st.integers(1, 40),
    compression=st.sampled_from(["snappy", "zstd", "uncompressed"]),
)
def test_what_is_joined_is_what_the_files_hold(
    tmp_path: Path, lengths: list[int], group: int, compression: str
) -> None:
    frames = [frame(sum(lengths[:index]), length) for index, length in enumerate(lengths)]
    paths = put(tmp_path, frames, row_group_size=group, compression=compression)
    content = joined(paths)
    expected = pl.concat(frames)
    found = pl.read_parquet(BytesIO(content))
    assert found.equals(expected, null_equal=True)
    assert found.schema == expected.schema
    assert pl.scan_parquet(BytesIO(content)).select(pl.len()).collect().item() == expected.height
    middle = expected.height // 2
    assert pl.scan_parquet(BytesIO(content)).filter(pl.col("row") >= middle).collect().equals(expected[middle:])


def test_groups_are_copied_as_they_are_and_numbered_anew(tmp_path: Path) -> None:
    paths = put(tmp_path, [frame(0, 30), frame(30, 0), frame(30, 11)], row_group_size=10)
    content = joined(paths)
    groups = footer(content)[4][1][1]
    assert [group[3][1] for group in groups] == [10, 10, 10, 10, 1]
    assert [group[7][1] for group in groups] == [0, 1, 2, 3, 4]
    last = paths[-1].read_bytes()
    old, new = footer(last)[4][1][1], groups[3:]
    by = new[0][5][1] - old[0][5][1]
    indexes = min(chunk[6][1] for group in old for chunk in group[1][1][1])
    assert by + indexes == len(content) - 8 - int.from_bytes(content[-8:-4], "little"), (
        "indexes of pages are not copied"
    )
    for before, after in zip(old, new, strict=True):
        assert after[5][1] - before[5][1] == by
        for was, now in zip(before[1][1][1], after[1][1][1], strict=True):
            (here, there), length = (each[3][1].get(11, each[3][1][9])[1] for each in (was, now)), was[3][1][7][1]
            assert now[2][1] - was[2][1] == there - here == by
            assert content[there : there + length] == last[here : here + length]
            assert not {4, 5, 6, 7} & set(now), "the old places of pages would be wrong"


def test_a_footer_is_written_as_it_was_read(tmp_path: Path) -> None:
    content = put(tmp_path, [frame(0, 50)])[0].read_bytes()
    length = int.from_bytes(content[-8:-4], "little")
    assert thrift.write(footer(content)) == content[-8 - length : -8]


@pytest.mark.parametrize(
    ("struct", "written"),  # worked out by hand from the specification
    [
        ({1: (thrift.I32, -1)}, "150100"),
        ({1: (thrift.I64, 150)}, "16ac0200"),
        ({1: (thrift.TRUE, None), 20: (thrift.FALSE, None)}, "11022800"),
        ({3: (thrift.BINARY, b"ab"), 4: (thrift.DOUBLE, b"12345678")}, "3802616217313233343536373800"),
        ({2: (thrift.LIST, (thrift.I32, [0] * 15))}, "29f50f" + "00" * 15 + "00"),
        (
            {2: (thrift.LIST, (thrift.STRUCT, [{}, {1: (thrift.BYTE, b"x")}])), 1: (thrift.I16, 1)},
            "292c0013780004020200",
        ),
    ],
)
def test_structures_have_the_bytes_of_the_specification(struct: thrift.Struct, written: str) -> None:
    assert thrift.write(struct).hex() == written
    assert thrift.read(BytesIO(bytes.fromhex(written))) == struct


def test_what_is_no_part_is_refused(tmp_path: Path) -> None:
    one, other = put(tmp_path, [frame(0, 5), frame(0, 5).drop("ready")])
    with pytest.raises(Damaged, match=r"1\.parquet has other columns"):
        joined([one, other])
    content = one.read_bytes()
    cut = content[-4000:-8]
    for wrong in (b"", b"PAR1", content[:-1], content[-8:], content[:4] + cut[:99] + b"\x63\0\0\0PAR1", b"\x9b" * 9):
        other.write_bytes(wrong)
        with pytest.raises(Damaged):
            joined([other])
