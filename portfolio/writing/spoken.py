"""Results as people read them, in CSV, TSV and workbooks: sentences instead of the ids of gates, and no more decimals
than mean something. What programs read (Parquet, JSON Lines) keeps lists, ids and all digits.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from portfolio import files
from portfolio.results import NO_RULE

DECIMALS = 6
RELEASE = "release.json"
EXCLUDED, TIED = "_excluded", "_tied"


def spoken(frame: pl.LazyFrame, run_folder: Path) -> pl.LazyFrame:
    """Results of a run, as people read them; its release has the words.

    Raises:
        OSError: the release cannot be read.
    """
    schema: Mapping[str, Any] = frame.collect_schema()
    roles = [name.removesuffix(EXCLUDED) for name in schema if name.endswith(EXCLUDED)]
    release = files.read_json(run_folder / RELEASE) if roles else {}
    return frame.with_columns(
        *(pl.col(name).round(DECIMALS) for name, dtype in schema.items() if dtype.is_float()),
        *(_in_words(role + EXCLUDED, _words(release, role)) for role in roles),
        *(pl.col(name).cast(pl.List(pl.String)).list.join("; ") for name in schema if name.endswith(TIED)),
    )


def _in_words(column: str, words: Mapping[str, str]) -> pl.Expr:
    said = pl.element().replace(list(words), list(words.values()))
    return (pl.col(column).cast(pl.List(pl.String)).list.eval(said).list.join(". ") + ".").alias(column)


def _words(release: Mapping[str, Any], role: str) -> dict[str, str]:
    """What stands in `R_excluded` (`a (gate)`) in words."""
    gates = {gate["id"]: gate["text"] for gate in release["gates"] if role in gate["roles"]}
    gates[NO_RULE] = "No rule weighs {name} here"
    return {
        f"{each['id']} ({gate})": text.replace("{name}", each["name"])
        for each in release["alternatives"]
        if role in each["roles"]
        for gate, text in gates.items()
    }
