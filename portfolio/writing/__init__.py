"""The parts of a run put together as one file: Parquet, CSV, TSV, JSON Lines or a workbook."""

from portfolio.writing.assembling import FORMATS, assemble, assemble_errors

__all__ = ["FORMATS", "assemble", "assemble_errors"]
