"""The frame of a proposal that enters a release note, for a person to fill in. It stores nothing and weighs nothing."""

import json
import re
from collections.abc import Mapping
from typing import Any

from advisor.house import House
from rules.faults import Fault, InvalidInput, nearest, shown

GUIDE = """\
# Below `set`, change what else the release note says, one line for each value: the path into the framework's file, what
# is on file now (`from`) and what will be (`to`). Cite the new evidence from every fact that it supports:
#   - {kind: alternatives, id: ID, path: [capabilities, python.max, value], from: "3.14", to: "3.15"}
#   - {kind: alternatives, id: ID, path: [capabilities, python.max, evidence], from: [old], to: [EVIDENCE]}
# What is no longer true keeps its place with another verdict:
#   - {kind: evidence, id: OLD, path: verdict, from: holds, to: outdated}
#   - {kind: evidence, id: OLD, path: verdict_note, from: null, to: "why"}
#   - {kind: evidence, id: OLD, path: verdict_evidence, from: [], to: [EVIDENCE]}
# A grade is an observation in the new evidence, by the rubric of its criterion:
#     grades: [{criterion: documentation, alternative: ID, level: 3}]
"""


def draft(house: House, framework: str, version: str, date: str, url: str, title: str | None, author: str) -> str:
    """A proposal (YAML) that enters a release note: its source, a piece of evidence, the version; with advice on more.

    Raises:
        InvalidInput: no such framework, or a part that no proposal may hold.
    """
    from knowledge_base import proposal, yaml_files  # here for start-up time: answering needs no pack

    on_file = {a["id"]: a for a in house.knowledge().document["alternatives"]}
    if framework not in on_file:
        fault = Fault("FRAMEWORK", shown(framework), "the id of a framework on file", nearest(framework, on_file))
        raise InvalidInput([fault])
    entry = on_file[framework]
    release_named = f"{framework}-{re.sub('[^a-z0-9]+', '-', version.lower()).strip('-')}"
    today = house.now().date().isoformat()
    text = yaml_files.dump(_frame(entry, release_named, version, date, url, title, author, today))
    proposal.parse(text, "draft")
    guide = GUIDE.replace("ID,", f"{framework},").replace("EVIDENCE", f"{release_named}-released")
    return f"{guide}{text}{_on_file(entry)}"


def _frame(
    entry: Mapping[str, Any],
    release_named: str,
    version: str,
    date: str,
    url: str,
    title: str | None,
    author: str,
    today: str,
) -> dict[str, Any]:
    """The proposal as plain parts; `release_named` begins the ids of what it adds."""
    told = f"{entry['name']} {version}"
    return {
        "proposal": {
            "title": told,
            "author": author,
            "reason": f"{told} came out on {date}.",
            "created": today,
        },
        "set": [
            {"kind": "alternatives", "id": entry["id"], "path": key, "from": entry[key], "to": value}
            for key, value in (("version", version), ("version_date", date))
            if entry[key] != value
        ],
        "add": {
            "sources": [
                {
                    "id": f"{release_named}-release-note",
                    "kind": "release_note",
                    "publisher": entry["name"],
                    "title": title or f"{told} release notes",
                    "url": url,
                    "date": date,
                    "accessed": today,
                }
            ],
            "evidence": [
                {
                    "id": f"{release_named}-released",
                    "source": f"{release_named}-release-note",
                    "locator": "heading",
                    "as_of": date,
                    "about": [entry["id"]],
                    "dimension": "releases",
                    "note": f"{told} was released on {date}.",
                    "verdict": "holds",
                }
            ],
        },
    }


def _on_file(entry: Mapping[str, Any]) -> str:
    """The facts of a framework as remarks, so that `from` can be copied: the value and the evidence of each."""
    lines = [
        f"#   {name}: {json.dumps(cell['value'], ensure_ascii=False)} [{', '.join(cell['evidence'])}]\n"
        for name, cell in sorted(entry["capabilities"].items())
    ]
    return "".join([f"# The capabilities of {entry['name']} on file, each with its evidence:\n", *lines])
