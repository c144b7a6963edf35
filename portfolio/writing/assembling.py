"""The parts of a run, in order, as one file that is there whole or not at all.

Written as a stream in constant memory, so that the size of a portfolio costs time only; the same parts make the same
bytes. Parts are Parquet already and are copied into one file (`joining`), unless they are small. A text cell never
becomes a formula: in CSV and TSV it is marked with an apostrophe, in a workbook it is stored as text. Snappy rather
than zstd for Parquet: half the time, half as large again, and every reader knows it.
"""

import errno
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from portfolio import files
from portfolio.writing import joining, workbook
from portfolio.writing.spoken import spoken
from rules.faults import Fault, InvalidInput, nearest, shown

GROUP_ROWS = 2**18
COPIED_ROWS = 2**14  # of parts that are row groups of their own; smaller ones would make a file slow to read
READ_BY_PEOPLE = ("csv", "tsv", "xlsx")
FORMULA = r"^[=+\-@\t\r\n]"

_SYSTEM = re.compile(r"\(os error ([0-9]+)\)")
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
_LISTS = (pl.List, pl.Array)
_Write = Callable[[pl.LazyFrame, BinaryIO], None]


def assemble(run_folder: Path, target: Path, form: str) -> None:
    """Put the results of every part of a run into one file, in place of what has its name.

    Args:
        run_folder: a run all parts of which are done.
        target: the file.
        form: one of `FORMATS`, as the file's ending says it.

    Raises:
        InvalidInput: no such format, or more rows than it holds.
        FileNotFoundError: a part is missing.
        OSError: the file cannot be written; nothing stands under its name that was not there before.
    """
    paths, block_rows = _parts(run_folder, "out")
    _put(paths, target, form, lambda frame: spoken(frame, run_folder), copied=block_rows >= COPIED_ROWS)


def assemble_errors(run_folder: Path, target: Path, form: str) -> None:
    """The same for the faults of bad rows, a line for each."""
    _put(_parts(run_folder, "bad")[0], target, form, lambda frame: frame)


def _parts(run_folder: Path, kind: str) -> tuple[list[Path], int]:
    """(the files of one kind of all parts, in order; how many rows a part has)."""
    document = files.read_json(run_folder / "run.json")
    paths = [run_folder / f"{kind}-{part:05d}.parquet" for part in range(document["parts"])]
    missing = [path.name for path in paths if not path.is_file()]
    if missing or not paths:
        raise FileNotFoundError(
            errno.ENOENT, "a part of the run is not done", missing[0] if missing else "out-00000.parquet"
        )
    return paths, document["block_rows"]


def _put(
    paths: Sequence[Path],
    target: Path,
    form: str,
    for_people: Callable[[pl.LazyFrame], pl.LazyFrame],
    *,
    copied: bool = False,
) -> None:
    ending = form.lower().removeprefix(".")
    write = FORMATS.get(ending)
    if write is None:
        raise InvalidInput([Fault("format", shown(form), f"one of: {', '.join(FORMATS)}", nearest(ending, FORMATS))])
    with files.replacing(target) as file, _told_by_the_system():
        if copied and ending == "parquet":
            joining.join(paths, file)
        else:
            frame = pl.scan_parquet(list(paths))
            write(for_people(frame) if ending in READ_BY_PEOPLE else frame, file)


@contextmanager
def _told_by_the_system() -> Iterator[None]:
    """Gives the system's errors their own kind and number again, which the writer tells in words only."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        number = _SYSTEM.search(str(error))
        if number is not None and getattr(error, "errno", None) is None:
            raise OSError(int(number[1]), os.strerror(int(number[1]))) from None
        raise


def _parquet(frame: pl.LazyFrame, file: BinaryIO) -> None:
    frame.sink_parquet(file, compression="snappy", row_group_size=GROUP_ROWS, maintain_order=True)


def _json_lines(frame: pl.LazyFrame, file: BinaryIO) -> None:
    frame.sink_ndjson(file, maintain_order=True)


def _separated(separator: str) -> _Write:
    def write(frame: pl.LazyFrame, file: BinaryIO) -> None:
        flat_frame(frame).sink_csv(file, separator=separator, maintain_order=True)

    return write


def _workbook(frame: pl.LazyFrame, file: BinaryIO) -> None:
    workbook.require_fits(frame.select(pl.len()).collect().item())
    workbook.write(_listed(frame), file)


def flat_frame(frame: pl.LazyFrame) -> pl.LazyFrame:
    """A frame as CSV holds it: lists as JSON, and no text that a spreadsheet takes for a formula."""
    return _listed(frame).with_columns(
        _safe(name) for name, dtype in frame.collect_schema().items() if not _plain(dtype)
    )


def _plain(dtype: pl.DataType) -> bool:
    return not isinstance(dtype, _TEXTS)


def _safe(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    return pl.when(text.str.contains(FORMULA)).then("'" + text).otherwise(text).alias(name)


def _listed(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Lists of numbers as JSON texts, since cells hold one value."""
    schema: Mapping[str, Any] = frame.collect_schema()
    return frame.with_columns(_as_json(name, dtype) for name, dtype in schema.items() if isinstance(dtype, _LISTS))


def _as_json(name: str, dtype: Any) -> pl.Expr:
    listed = pl.col(name).cast(pl.List(dtype.inner))
    numbers = listed.list.eval(pl.element().fill_nan(None).cast(pl.String).fill_null("null"))
    return ("[" + numbers.list.join(",") + "]").alias(name)


FORMATS: Mapping[str, _Write] = {
    "parquet": _parquet,
    "csv": _separated(","),
    "tsv": _separated("\t"),
    "jsonl": _json_lines,
    "xlsx": _workbook,
}
