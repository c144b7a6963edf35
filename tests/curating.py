"""Proposals for the small pack, and copies of it, as tests of curation write them."""

from pathlib import Path
from typing import Any

from knowledge_base import yaml_files

HEAD = {"title": "A change", "author": "Ann", "reason": "For tests.", "created": "2026-11-21"}
CASE = """\
id: {id}
team: A team
decided: "2025-02"
reaffirmed: null
sources: [{{title: T, publisher: P, url: "https://example.org/a", date: "2025-02", accessed: "2026-11-21"}}]
needs: They train.
answers: {answers}
role: training
choice: {choice}
acceptable: []
acceptable_because: null
tags: []
"""


def change(kind: str, name: str, path: Any, before: Any, after: Any) -> dict[str, Any]:
    return {"kind": kind, "id": name, "path": path, "from": before, "to": after}


def proposal(*changes: dict[str, Any], title: str = "A change", **parts: Any) -> dict[str, Any]:
    return {"proposal": {**HEAD, "title": title}, "set": list(changes), **parts}


def as_text(document: dict[str, Any]) -> str:
    return yaml_files.dump(document)


def observed(name: str, level: float, criterion: str = "debugging", of: str = "jax", day: str = "2026-11") -> Any:
    """New evidence: a grade of a framework by the vendor's documentation."""
    grade = {"criterion": criterion, "alternative": of, "level": level}
    return {
        "evidence": [
            {
                "id": name,
                "source": "docs",
                "locator": "1",
                "as_of": day,
                "about": [of],
                "note": "Seen.",
                "verdict": "holds",
                "grades": [grade],
            }
        ]
    }


VERSION = proposal(change("alternatives", "pytorch", "version", "1.0", "2.0"), title="PyTorch 2.0")
NO_WINDOWS = proposal(  # PyTorch leads in the cases below, so that this turns all of them round
    change("alternatives", "pytorch", ["capabilities", "train.nvidia_gpu.windows", "value"], 3, 0),
    title="PyTorch without a build for Windows",
)


def write_cases(folder: Path) -> Path:
    """Three cases that the small pack answers with PyTorch."""
    folder.mkdir()
    machine = "train_os: windows, train_hardware: nvidia_gpu"
    for number, more in enumerate(("need: train", "stage: research", "team_experience: beginner")):
        answers, choice = f"{{{machine}, {more}}}", "pytorch" if number else "jax"
        text = CASE.format(id=f"case-{number}", answers=answers, choice=choice)
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return folder
