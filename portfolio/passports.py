"""The passport of the decision that each project would get on its own: decided one by one, which is slow.

What a machine is comes as the plain fields of its profile, so that a run holds it as JSON.
"""

import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

import polars as pl

from portfolio import blocks
from portfolio.blocks import Block
from rules.compiled import Release
from rules.hardware import Profile


def column(release: Release, block: Block, profile: Profile | None) -> pl.Series:
    """(n,) the passport of each good row's decision, as `engine.decide` gives it without draws."""
    from rules import engine  # start-up time: nothing else of a portfolio decides a project on its own

    told = (
        engine.decide(release, asked, profile).document()["passport"]
        for asked in blocks.requirements(block, release.questionnaire)
    )
    return pl.Series("passport", list(told), dtype=pl.String)


def fields_of(profile: Profile | None) -> dict[str, Any] | None:
    """A profile as JSON values, from which `profile_from` makes an equal one."""
    return None if profile is None else asdict(profile)


def profile_from(document: Mapping[str, Any] | None) -> Profile | None:
    """The profile whose fields these are, as `fields_of` or JSON gives them."""
    found = _built(Profile, document) if document is not None else None
    return found if isinstance(found, Profile) else None


def _built(kind: Any, value: Any) -> Any:
    """A value of a type of a profile's fields: dataclasses and tuples within one another, and plain values."""
    if value is None:
        return None
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = (each for each in get_args(kind) if each is not type(None))
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        each = inner[:1] * len(value) if inner[1:] == (...,) else inner
        return tuple(_built(of, part) for of, part in zip(each, value, strict=True))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: _built(hints[f.name], value[f.name]) for f in fields(kind)})  # type: ignore[operator]
    return value
