"""The arguments and options that several commands share, and the words that some of them choose from.

The lists repeat those of the core, whose import would slow down help and completion; a test compares the two.
"""

from enum import StrEnum
from typing import Annotated

import typer


class Role(StrEnum):
    """The roles that can be ranked."""

    TRAINING = "training"
    HIGH_LEVEL = "high_level"
    SERVING = "serving"
    RUNTIME = "runtime"


class Verdict(StrEnum):
    """What was found of a piece of evidence."""

    HOLDS = "holds"
    OUTDATED = "outdated"
    CONTESTED = "contested"
    WRONG = "wrong"
    UNVERIFIABLE = "unverifiable"


class SourceKind(StrEnum):
    """Where a piece of evidence comes from."""

    VENDOR_DOCUMENTATION = "vendor_documentation"
    RELEASE_NOTE = "release_note"
    REGISTRY_METADATA = "registry_metadata"
    REPOSITORY_FILE = "repository_file"
    ISSUE_THREAD = "issue_thread"
    SURVEY = "survey"
    BENCHMARK = "benchmark"
    PAPER = "paper"
    OWN_MEASUREMENT = "own_measurement"
    ARTICLE = "article"


class MachineClass(StrEnum):
    """Classes of known machines."""

    CLOUD = "cloud"
    NOTEBOOK = "notebook"
    SERVERLESS = "serverless"
    SERVER = "server"
    WORKSTATION = "workstation"
    LAPTOP = "laptop"
    BOARD = "board"
    PHONE = "phone"
    MICROCONTROLLER = "microcontroller"
    BROWSER = "browser"


class Depth(StrEnum):
    """How much an explanation tells."""

    LINE = "line"
    PAGE = "page"
    TRACE = "trace"


class RecordFormat(StrEnum):
    """What a record can be written as."""

    MD = "md"
    HTML = "html"
    PDF = "pdf"


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Hardware = Annotated[
    str | None,
    typer.Option(
        "--hardware",
        metavar="local|catalogue:NAME|FILE|ID",
        help="The machine: `local` looks at this one, `catalogue:NAME` is a known one (steelyard catalogue), FILE is a "
        "profile in JSON or YAML, ID one that is stored. Default: what the answers say.",
    ),
]
DecisionId = Annotated[str, typer.Argument(metavar="ID", help="The id of a recommendation, such as d-1a2b3c…")]
AskedDecision = Annotated[
    str | None,
    typer.Option("--decision", metavar="ID", help="The recommendation to ask. Default: the one recorded last."),
]
Over = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="A stored policy that lies below it; may be repeated, lowest first."),
]
