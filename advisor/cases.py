"""Decided cases of outside teams: the shipped ones, and how the active release does on them."""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.house import House
from rules.faults import InvalidInput

if TYPE_CHECKING:
    from knowledge_base.cases import Case
    from knowledge_base.cases import Report as Report
    from knowledge_base.cases import Share as Share

SHIPPED = Path(__file__).parent.parent / "tests" / "golden"


def shipped(house: House) -> "list[Case]":
    """The cases of the house; none where their folder is not there (an installation without its tests).

    Raises:
        InvalidInput: with every fault of a case.
    """
    from knowledge_base import cases  # here for start-up time: answering needs none

    return cases.load(house.cases) if house.cases is not None and house.cases.is_dir() else []


def mark(house: House) -> str:
    """A digest of the files of the shipped cases, for who would only know whether they are the same."""
    files = sorted(house.cases.glob("*.yaml")) if house.cases is not None and house.cases.is_dir() else []
    return hashlib.sha256(b"\0".join(file.name.encode() + b"\0" + file.read_bytes() for file in files)).hexdigest()


def report(house: House, folder: Path | None = None, release: str | None = None) -> "Report":
    """How a release (None: the active one) does on cases (None: the shipped ones).

    Raises:
        InvalidInput: with every fault of the cases, or of their answers as that release sees them.
        Missing: no such release.
    """
    from knowledge_base import cases  # here for start-up time: answering needs none

    found = cases.load(folder) if folder is not None else shipped(house)
    known = house.knowledge(release).release
    faults = cases.check(found, known)
    if faults:
        raise InvalidInput(faults)
    return cases.report(known, found)


def document(found: "Report") -> dict[str, Any]:
    """A report as plain parts; shares are in [0, 1]."""
    outcomes = [
        {
            **{key: getattr(o.case, key) for key in ("id", "team", "role", "choice", "acceptable", "tags")},
            **{key: getattr(o, key) for key in ("first", "probability", "rank", "tied", "stopped", "hit", "accepted")},
        }
        for o in found.outcomes
    ]
    shares = {key: {**asdict(getattr(found, key)), "share": getattr(found, key).value} for key in SHARES}
    bins = [{"low": b.low, "high": b.high, "stated": b.stated, "found": asdict(b.found)} for b in found.bins]
    beside = {name: {**asdict(share), "share": share.value} for name, share in found.baselines.items()}
    return {"cases": outcomes, **shares, "calibration": bins, "brier": found.brier, "baselines": beside}


SHARES = ("top1", "accepted", "top3")
