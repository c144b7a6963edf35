"""The knowledge as pages for people: one per alternative, one per criterion, the articles' claims, and an index.

Markdown made from a release document and from nothing else, so that the pages cannot say anything the release does not.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from knowledge_base.cases import Report
from knowledge_base.health import sources_of
from knowledge_base.lint import UNKNOWN
from rules.accounts.markdown import code, escaped, item, paragraph
from rules.accounts.naming import TITLES
from rules.conditions.labels import table as labels_of
from rules.conditions.sentences import LEVELS

Document = Mapping[str, Any]
SHOWN_INFLUENCES = 3
VERDICTS = ("holds", "contested", "outdated", "wrong", "unverifiable")


def pages(document: Document) -> dict[str, str]:
    """Every page by its file name, such as `frameworks/jax.md`."""
    found = {"README.md": _index(document), "claims.md": _claims(document), "hardware.md": _hardware(document)}
    found |= {f"frameworks/{a['id']}.md": _framework(document, a) for a in document["alternatives"]}
    found |= {f"criteria/{c['id']}.md": _criterion(document, c) for c in document["criteria"]}
    return {name: "\n".join(lines) + "\n" for name, lines in found.items()}


def _index(document: Document) -> list[str]:
    lines = ["# What is known", "", *paragraph(document["summary"]), ""]
    lines += [f"As of {document['as_of']}. These pages are made from the pack; change the pack, not the pages.", ""]
    lines += ["- [Do the founding articles still hold?](claims.md)", "- [What runs on which hardware](hardware.md)"]
    lines += ["- [How the answers compare with decisions of outside teams](cases.md)", ""]
    lines += ["## Frameworks, runtimes and tools", ""]
    for role in (*TITLES, "companion"):
        named = [a for a in document["alternatives"] if role in a["roles"]]
        lines += [f"### {TITLES.get(role, 'Companions and predecessors')}", ""]
        for a in named:
            state = a["lifecycle"]["state"] + ("" if a["graded"] or role == "companion" else ", not graded")
            lines += item(f"[{escaped(a['name'])}](frameworks/{a['id']}.md) ({state}): {escaped(a['summary'])}")
        lines += [""]
    lines += ["## Criteria", ""]
    for group in dict.fromkeys(c["group"] for c in document["criteria"]):
        of_group = [c for c in document["criteria"] if c["group"] == group]
        named_here = [f"[{escaped(c['name'])}](criteria/{c['id']}.md)" for c in of_group]
        lines += item(f"{group}: {', '.join(named_here)}")
    return lines


# --- One alternative -------------------------------------------------------------------------------------------------


def _framework(document: Document, entry: Document) -> list[str]:
    life, licence = entry["lifecycle"], entry["licence"]
    lines = [f"# {escaped(entry['name'])}", "", *paragraph(escaped(entry["summary"])), ""]
    if entry["kind_note"]:
        lines += [*paragraph(escaped(entry["kind_note"])), ""]
    told = [
        ("Roles", ", ".join(entry["roles"])),
        ("State", _state(life)),
        (
            "Version",
            " ".join(filter(None, (entry["version"], f"({entry['version_date']})" if entry["version_date"] else ""))),
        ),
        ("Licence", licence["spdx"] if licence else ""),
        ("Governance", ", ".join(g.replace("_", " ") for g in entry["governance"] or ())),
    ]
    lines += [f"- {name}: {escaped(text)}" for name, text in told if text]
    lines += [
        "",
        *_grades(document, entry),
        *_facts(document, entry),
        *_paths(document, entry),
        *_pieces(document, entry),
    ]
    return lines


def _state(life: Document) -> str:
    since = f" since {life['since']}" if life["since"] else ""
    ends = f", ends {life['ends']}" if life.get("ends") else ""
    successor = f", followed by {life['successor']}" if life["successor"] else ""
    return f"{life['state']}{since}{ends}{successor}. {life['note'] or ''}".strip()


def _grades(document: Document, entry: Document) -> Iterator[str]:
    behind = sources_of(document)
    rows = []
    for c in document["criteria"]:
        grade = document["grades"].get(c["id"], {}).get(entry["id"])
        if grade is None or c["derived"]:
            continue
        mark = " contested" if grade["contested"] else "" if grade["known"] else " (unknown: the prior)"
        largest = sorted(grade["influences"], key=lambda i: (-abs(i[1]), i[0]))
        first = ", ".join([code(e) for e in dict.fromkeys(e for e, _ in largest)][:SHOWN_INFLUENCES])
        level = f"{grade['mean']:.1f} ± {grade['sd']:.1f}{mark}"
        count = len(behind.get((entry["id"], c["id"]), ()))
        rows.append(f"| [{escaped(c['name'])}](../criteria/{c['id']}.md) | {level} | {count} | {first} |")
    if rows:
        yield from ("## Grades", "", "From 0 to 4, with the standard deviation; what moved each most.", "")
        yield from ("| criterion | grade | publishers | evidence |", "| --- | --- | --: | --- |", *rows, "")


def _facts(document: Document, entry: Document) -> Iterator[str]:
    if not entry["capabilities"]:
        return
    words = labels_of(document)
    yield from (
        "## Facts",
        "",
        "Levels: 0 none, 1 third-party, experimental or frozen, 2 official but limited, 3 first-class.",
        "",
    )
    yield from ("| fact | value | evidence | note |", "| --- | --- | --- | --- |")
    for name, cell in entry["capabilities"].items():
        cited = ", ".join(code(e) for e in cell["evidence"])
        until = f" Until {cell['expires']}." if cell["expires"] else ""
        note = escaped(f"{cell['note'] or ''}{until}".strip())
        label = escaped(words.get(f"alt.{name}", name))
        yield f"| {label} | {escaped(_value(cell['value']))} | {cited} | {note} |"
    yield ""


def _value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value in range(len(LEVELS)):
        return f"{value} ({LEVELS[value]})"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _paths(document: Document, entry: Document) -> Iterator[str]:
    found = [p for p in document["paths"] if entry["id"] in (p["source"], p["target"])]
    if not found:
        return
    yield from ("## Conversions", "", "| from | to | by | level | evidence |", "| --- | --- | --- | --: | --- |")
    for p in found:
        cited = ", ".join(code(e) for e in p["evidence"])
        yield f"| {p['source']} | {p['target']} | {escaped(p['by'])} | {p['level']} | {cited} |"
    yield ""


def _pieces(document: Document, entry: Document) -> Iterator[str]:
    cited = {e for c in entry["capabilities"].values() for e in c["evidence"]} | set(entry["lifecycle"]["evidence"])
    cited |= {e for by in document["grades"].values() for e, _ in by.get(entry["id"], {}).get("influences", ())}
    found = [e for e in document["evidence"] if entry["id"] in e["about"] or e["id"] in cited]
    if not found:
        return
    sources = {s["id"]: s for s in document["sources"]}
    yield from (f"## Evidence ({len(found)})", "")
    for e in found:
        yield from item(_piece(e, sources[e["source"]]))
    yield ""


def _piece(e: Document, source: Document) -> str:
    title = escaped(f"{source['publisher']}, {source['title']}")
    where = f"[{title}]({source['url']})" if source["url"] else title
    why = f" {escaped(e['verdict_note'])}" if e["verdict_note"] else ""
    kind = source["kind"].replace("_", " ")
    read = f"{where}, {kind}, {escaped(e['locator'])}"
    return f"{code(e['id'])} ({e['as_of']}, {e['verdict']}): {escaped(e['note'])}{why} {read}"


# --- One criterion ---------------------------------------------------------------------------------------------------


def _criterion(document: Document, entry: Document) -> list[str]:
    lines = [f"# {escaped(entry['name'])}", "", *paragraph(escaped(entry["question"])), ""]
    lines += [*paragraph(escaped(entry["is_not"])), "", "| level | means |", "| --: | --- |"]
    lines += [f"| {n} | {escaped(entry['rubric'][f'level_{n}'])} |" for n in range(5)]
    lines += ["", f"Evidence loses half its weight in {entry['half_life_months']:g} months.", ""]
    if entry["derived"]:
        lines += [f"Computed from the fact {code(entry['derived']['capability'])}: levels 0 to 3 give the grades "]
        lines[-1] += ", ".join(f"{v:g}" for v in entry["derived"]["values"]) + "."
        lines += [""]
    if entry["affinity"]:
        lines += [f"Differs from project to project: it depends on the answer to {code(entry['affinity'])}.", ""]
    weighing = [r for r in document["rules"] if entry["id"] in r["weights"]]
    lines += ["## Rules that weigh it", ""]
    for r in weighing:
        lines += item(f"{escaped(r['text'])} ({r['weights'][entry['id']]:g}): {escaped(r['argument'])}")
    grades = document["grades"].get(entry["id"], {})
    if grades:
        names = {a["id"]: a["name"] for a in document["alternatives"]}
        lines += ["", "## Grades", "", "| framework | grade | |", "| --- | --: | --- |"]
        for name, grade in sorted(grades.items(), key=lambda g: (-g[1]["mean"], g[0])):
            mark = "contested" if grade["contested"] else "" if grade["known"] else "unknown"
            level = f"{grade['mean']:.1f} ± {grade['sd']:.1f}"
            lines.append(f"| [{escaped(names[name])}](../frameworks/{name}.md) | {level} | {mark} |")
    return lines


# --- Hardware --------------------------------------------------------------------------------------------------------

MATRICES = (("Training", "training", "train."), ("Serving", "serving", "run_on."), ("Inference", "runtime", "run_on."))


def _hardware(document: Document) -> list[str]:
    """Every graded alternative against every kind of hardware; each level stands with its evidence on its own page."""
    lines = ["# What runs on which hardware", ""]
    lines += paragraph(
        "Support levels: 0 none, 1 third-party, experimental or frozen, 2 official but limited, 3 first-class, ? looked"
        " for and not found, blank not looked for. The evidence, its date and the day until which it is trusted "
        "stand on the page of each framework."
    )
    for title, role, prefix in MATRICES:
        columns = [c["id"] for c in document["capabilities"] if c["id"].startswith(prefix) and role in c["roles"]]
        short = [name.removeprefix(prefix).replace("_", " ").replace(".", ", ") for name in columns]
        lines += ["", f"## {title}", "", f"| | {' | '.join(short)} |", "| --- |" + " :-: |" * len(columns)]
        for a in document["alternatives"]:
            if a["graded"] and role in a["roles"]:
                cells = [_cell(a["capabilities"].get(name)) for name in columns]
                lines.append(f"| [{escaped(a['name'])}](frameworks/{a['id']}.md) | {' | '.join(cells)} |")
    return lines


def _cell(cell: Document | None) -> str:
    return "" if cell is None else "?" if cell["value"] == UNKNOWN else str(cell["value"])


# --- The articles ----------------------------------------------------------------------------------------------------


def _claims(document: Document) -> list[str]:
    sources = {s["id"]: s for s in document["sources"]}
    articles = sorted((s for s in sources.values() if s["seed"]), key=lambda s: s["seed"])
    said = {s["id"]: [e for e in document["evidence"] if e["source"] == s["id"]] for s in articles}
    lines = ["# Do the founding articles still hold?", ""]
    lines += paragraph(
        "Every claim of the five articles, in our words, with what became of it. Directions are the alternatives a "
        "sentence speaks for (+) and against (-)."
    )
    lines += ["", f"| article | claims | {' | '.join(VERDICTS)} |", "| --- | --: |" + " --: |" * len(VERDICTS)]
    for s in articles:
        counted = Counter(e["verdict"] for e in said[s["id"]])
        cells = " | ".join(str(counted[v]) for v in VERDICTS)
        lines.append(f"| {s['seed']}. {escaped(s['title'])} ({s['date']}) | {counted.total()} | {cells} |")
    for s in articles:
        lines += ["", f"## {s['seed']}. {escaped(s['title'])}", ""]
        lines += [
            "| claim | direction | verdict | why | evidence | contradicts |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [_claim(e) for e in said[s["id"]]]
    return lines


def _claim(e: Document) -> str:
    direction = [f"+{name}" for name in e["favours"]] + [f"-{name}" for name in e["disfavours"]]
    return (
        "| "
        + " | ".join(
            (
                f"{escaped(e['note'])} ({escaped(e['dimension'] or e['locator'])})",
                escaped(_listed(direction)),
                e["verdict"],
                escaped(e["verdict_note"] or ""),
                ", ".join(code(v) for v in e["verdict_evidence"]),
                ", ".join(code(v) for v in e["contradicts"]),
            )
        )
        + " |"
    )


def _listed(names: Sequence[str]) -> str:
    return " ".join(names)


# --- Decided cases ---------------------------------------------------------------------------------------------------


def cases_page(report: Report) -> str:
    """How the release does on decided cases, as a page."""
    lines = ["# Decided cases", ""]
    lines += paragraph(
        "What outside teams chose, beside what Steelyard answers from the needs they wrote down. A case shows a class"
        " of error; it is never a reason for a rule. Shares have the interval that holds them with 95 %."
    )
    lines += ["", "| | share | interval |", "| --- | --: | --: |"]
    named = {
        "the team's choice comes first": report.top1,
        "the choice, or what is acceptable for the same needs, comes first": report.accepted,
        "the choice is among the first three": report.top3,
    }
    named |= {f"rule of thumb: {name}": share for name, share in report.baselines.items()}
    for name, share in named.items():
        between = f"{_percent(share.low)} to {_percent(share.high)}"
        lines.append(f"| {name} | {_percent(share.value)} of {share.count} | {between} |")
    lines += ["", "## Calibration", "", f"Brier score {report.brier:.3f}: 0 is perfect, 0.25 a coin.", ""]
    lines += ["| stated probability of the first | on average | the first was the choice | interval |"]
    lines += ["| --- | --: | --: | --: |"]
    for b in report.bins:
        found = f"{b.found.hits} of {b.found.count} | {_percent(b.found.low)} to {_percent(b.found.high)}"
        lines.append(f"| {_percent(b.low)} to {_percent(b.high)} | {_percent(b.stated)} | {found} |")
    lines += ["", "## Case by case", "", "| case | decided | role | chose | rank | first here | stated |"]
    lines += ["| --- | --- | --- | --- | --: | --- | --: |"]
    for o in report.outcomes:
        link = f"[{escaped(o.case.id)}]({o.case.sources[0].url})"
        rank = str(o.rank) if o.rank else "excluded" if o.stopped else "-"
        when = o.case.decided or o.case.reaffirmed or ""
        cells = (link, when, o.case.role, o.case.choice, rank, o.first or "nothing", _percent(o.probability))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
