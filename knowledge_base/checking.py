"""One value of a YAML file against a schema model, every fault with its place in the file.

It knows no pack and no proposal: only documents, models and how a fault is told.
"""

from collections.abc import Iterator
from typing import TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from knowledge_base.yaml_files import Document, Location
from rules.faults import Fault, nearest, shown

M = TypeVar("M", bound=BaseModel)


def checked(document: Document, value: object, at: Location, model: type[M], faults: list[Fault]) -> M | None:
    """The value at a location as an entry; None, with its faults added to `faults`, where it is none."""
    try:
        return TypeAdapter(model).validate_python(value)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_context=False):
            location = (*at, *each["loc"])
            near = nearest(each["loc"][-1], _keys(model, each["loc"])) if each["type"] == "extra_forbidden" else None
            label = ".".join(str(part) for part in each["loc"])
            given = "nothing" if each["type"] == "missing" else shown(each["input"])
            faults.append(
                Fault(document.place(location), f"{label}: {given}", _expected(each["type"], each["msg"]), near)
            )
    return None


def _expected(kind: str, message: str) -> str:
    """What a schema fault says was expected, in words that fit after "is not"."""
    words = {"missing": "a value, which is required here", "extra_forbidden": "a key of this kind of entry"}
    if kind == "string_pattern_mismatch":
        return f"text of the pattern {message.removeprefix('String should match pattern ')}"
    return words.get(kind) or message.removeprefix("Input should be ").removeprefix("Value error, ")


def _keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys that the schema knows where an error is located."""
    for part in location[:-1]:
        field = model.model_fields.get(str(part))  # the index of a list or the key of a table is no field
        model = next(_models(field.annotation), model) if field else model
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """The schema models inside an annotation such as `dict[Id, Cell] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
