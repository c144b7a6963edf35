"""Files of projects read: opened and looked at, streamed as raw frames, and frames parsed into blocks."""

from portfolio.reading.frameworks import Tally
from portfolio.reading.parsing import parse
from portfolio.reading.source import SchemaReport, Source, open_source

__all__ = ["SchemaReport", "Source", "Tally", "open_source", "parse"]
