"""The errors that a use case may raise, and what they carry, by the names that edges use.

InvalidInput     an input has faults, each a `Fault`
Busy             another measurement is going on
IndexUnreachable the package index gives no usable answer at all
StorageError
├── Missing      what was asked for is not stored
├── Conflict     another writer was first
├── OutOfDate    the database's schema is not the one this version needs
└── Unavailable  the database cannot be used
"""

from knowledge_base.faults import IndexUnreachable
from probes.measuring.faults import Busy
from rules.faults import Fault, InvalidInput
from storage.errors import Conflict, Missing, OutOfDate, StorageError, Unavailable

__all__ = [
    "Busy",
    "Conflict",
    "Fault",
    "IndexUnreachable",
    "InvalidInput",
    "Missing",
    "OutOfDate",
    "StorageError",
    "Unavailable",
]
