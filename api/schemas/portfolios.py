"""Portfolios: what is asked with, and what goes out."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from api.schemas.base import Out, told
from api.schemas.knowledge import Next

State = Literal["queued", "running", "done", "failed", "cancelled"]

# What these may be is said by the use case, together with every other fault.
Anything = Annotated[Any, WithJsonSchema({})]


class PortfolioOptions(BaseModel):
    """How a portfolio is asked for; everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        Any,
        WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
        Field(description="What people call it: one line. Without one, the name of the file."),
    ] = None
    hardware: Annotated[
        Anything,
        Field(
            description='The machine of every project: "local", "catalogue:NAME", the id of a stored profile, or a '
            "profile document. Null: only what the rows say."
        ),
    ] = None
    policy: Annotated[
        Anything,
        Field(description="A house policy, the id of a stored one, or a list of these, lowest layer first."),
    ] = None
    as_of: Annotated[
        Anything, Field(description="Answer for this day (YYYY-MM-DD): its knowledge, the waivers in force.")
    ] = None
    release: Annotated[Anything, Field(description="The id of a release to answer from. Null: the active one.")] = None
    top: Annotated[
        Any,
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 20}),
        Field(description="How many places of each role are told; 3 if left out."),
    ] = None
    more: Annotated[
        Any,
        WithJsonSchema({"type": "array", "items": {"enum": ["scores", "passport"]}}),
        Field(
            alias="with",
            description="What comes with the results: `scores` of all members (which summaries need), `passport` of "
            "each decision (slow: decided one by one).",
        ),
    ] = None
    mapping: Annotated[
        Any,
        WithJsonSchema({"type": "object"}),
        Field(description="How columns and words of the file are meant: `columns`, `values`, `unknown`, `decimal`."),
    ] = None
    columns: Annotated[
        Any,
        WithJsonSchema({"type": "array", "items": {"type": "string"}}),
        Field(
            description="Columns as `Our column=question`, over those of `mapping`. Instead of a question: `id`, "
            "`name`, `weight`, `packages` (what a project depends on, read as `existing_code`) or `-` (left out)."
        ),
    ] = None
    block_rows: Annotated[
        Any,
        WithJsonSchema({"type": "integer", "minimum": 64, "maximum": 1_048_576}),
        Field(description="How many rows make a part, which is what is done at once; 65,536 if left out."),
    ] = None


class PortfolioIn(PortfolioOptions):
    """A portfolio that is not uploaded."""

    source: Annotated[
        Any,
        WithJsonSchema(
            {
                "oneOf": [
                    {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]},
                    {"type": "object", "properties": {"projects": {}}, "required": ["projects"]},
                ]
            }
        ),
        Field(
            description='`{"projects": "all"}` or a list of ids: stored projects, as their newest revisions describe '
            'them. `{"file": PATH}`: a file below the folder that the operator has named (STEELYARD_PORTFOLIO_FILES).'
        ),
    ]


class UploadQuery(BaseModel):
    """What is said of a file that is sent as the body itself; for more, send a form."""

    model_config = ConfigDict(extra="forbid")

    file: Annotated[str | None, Field(max_length=300, description="What the file is called.")] = None
    format: Annotated[
        Literal["csv", "tsv", "jsonl", "xlsx", "parquet"] | None,
        Field(description="Its format, where neither the type of the body nor the name says it."),
    ] = None


class ResultsQuery(BaseModel):
    """In which format."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[
        Literal["parquet", "csv", "tsv", "jsonl", "xlsx"], Field(description="The format of the results.")
    ] = "parquet"


class ErrorsQuery(BaseModel):
    """In which format."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[Literal["csv", "jsonl", "parquet"], Field(description="The format of the errors.")] = "csv"


class SourceOut(Out):
    """A file that a portfolio came from."""

    name: Annotated[str, told("What it was called.")]
    bytes: Annotated[int, told("Its size.")]


class OptionsOut(Out):
    """What was asked for."""

    top: Annotated[int, told("How many places of each role are told.")]
    scores: Annotated[bool, told("Whether the scores of all members come with the results.")]
    passport: Annotated[bool, told("Whether the passport of each decision does.")]
    block_rows: Annotated[int, told("How many rows make a part.")]


class PortfolioOut(Out):
    """A portfolio, how far it is, and how it ended. Read = scored + failed."""

    id: Annotated[str, told("Random; whoever has it may do everything with the portfolio.")]
    name: Annotated[str, told("What people call it.")]
    state: Annotated[State, told("Queued until it is split into parts; the last three are ends.")]
    said: Annotated[str | None, told("Why it failed, as a sentence.")]
    created_at: Annotated[AwareDatetime, told("When it was taken in.")]
    finished_at: Annotated[AwareDatetime | None, told("When it ended, one way or another.")]
    kept_until: Annotated[
        AwareDatetime | None, told("When it goes, with its results, unless it is gone on with; null: not as it stands.")
    ]
    release: Annotated[str, told("The id of the release that answers.")]
    passport: Annotated[str | None, told("The digest of all that the results depend on; null until it is split.")]
    hardware: Annotated[str | None, told("The name of the machine of every project.")]
    options: Annotated[OptionsOut, told("What was asked for.")]
    sources: Annotated[list[SourceOut], told("Where the projects came from.")]
    rows: Annotated[int | None, told("How many rows there are; null until it is split.")]
    parts: Annotated[int | None, told("How many parts they make.")]
    parts_done: Annotated[int, told("How many parts are done.")]
    read: Annotated[int, told("How many rows have been read.")]
    scored: Annotated[int, told("How many of them were scored.")]
    failed: Annotated[int, told("How many of them are bad, and are told of in the errors.")]
    changed: Annotated[int, told("Goes up with every change of this; the id of its event.")]
    counted_by: Annotated[str | None, told("By what each project counts for the board; null: all alike.")]


class Portfolios(Out):
    """A page of portfolios, the last created first."""

    items: Annotated[list[PortfolioOut], told("The portfolios.")]
    next: Next
