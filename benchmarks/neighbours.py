"""Release documents that differ by one alternative: one that is not ranked any more, one that is new."""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]


def without(document: Document, name: str) -> Document:
    """The release in which an alternative is on file but not graded, as conditions elsewhere may still name it."""
    entries = [{**a, "graded": a["graded"] and a["id"] != name} for a in document["alternatives"]]
    return {**document, "alternatives": entries}


def with_another(document: Document, name: str, share: float) -> Document:
    """The release with one more alternative: one that exists, under a new name, with a share of its grades."""
    new = f"{name}-again"
    (own,) = [a for a in document["alternatives"] if a["id"] == name]
    grades = {
        criterion: {**of, new: {**of[name], "mean": of[name]["mean"] * share}} if name in of else of
        for criterion, of in document["grades"].items()
    }
    paths = [
        {**path, "id": f"{path['id']}-again"} | {end: new for end in ("source", "target") if path[end] == name}
        for path in document["paths"]
        if name in (path["source"], path["target"])
    ]
    kin = [
        {"a": new, "b": k["b"] if k["a"] == name else k["a"], "value": k["value"]}
        for k in document["kin"]
        if name in (k["a"], k["b"])
    ]
    return {
        **document,
        "alternatives": [*document["alternatives"], {**own, "id": new}],
        "grades": grades,
        "paths": [*document["paths"], *paths],
        "kin": [*document["kin"], *kin, {"a": new, "b": name, "value": 1.0}],
    }
