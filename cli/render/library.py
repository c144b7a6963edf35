"""What is known, as screens: releases, frameworks, one framework in full, pieces of evidence."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from advisor.house import Knowledge
from advisor.knowledge import ReleaseInfo
from advisor.names import Wording
from advisor.policies import PolicyInfo
from advisor.projects import Brief
from advisor.words import human, level, plain, signed
from cli.render import phrases
from cli.render.screen import heading, line, paragraph, rows, table

TOP_GRADE = 4
SHOWN_INFLUENCES = 2

Document = Mapping[str, Any]


def show_releases(to: Console, found: Sequence[ReleaseInfo], active: str) -> None:
    """Print the releases."""
    listed = table("release", "pack", "as of", "published", "")
    listed.columns[0].no_wrap = True
    for info in found:
        published = f"{info.published_at:%Y-%m-%d %H:%M}"
        looked_back = line((f"a look back from {info.hindsight_of}", "dim")) if info.hindsight_of else line("")
        mark = line(("active", "green")) if info.id == active else looked_back
        listed.add_row(line(info.id), line(info.name), line(info.as_of), line(published), mark)
    to.print(listed)


def show_policies(to: Console, found: Sequence[PolicyInfo]) -> None:
    """Print the stored policies."""
    if not found:
        paragraph(to, "No policy is stored.")
        return
    listed = table("id", "name", "stored")
    for each in found:
        listed.add_row(line(each.id), line(each.name), line(f"{each.received_at:%Y-%m-%d %H:%M}"))
    to.print(listed)


def show_projects(to: Console, found: Sequence[Brief]) -> None:
    """Print the stored projects."""
    if not found:
        paragraph(to, "No project is stored.")
        return
    listed = table("id", "name", "revision", "saved")
    listed.columns[0].no_wrap = True  # to be copied
    for each in found:
        saved = datetime.fromisoformat(each["updated_at"])
        cells = (each["id"], each["name"], str(each["revision"]), f"{saved:%Y-%m-%d %H:%M}")
        listed.add_row(*(line(cell) for cell in cells))
    to.print(listed)


def show_frameworks(to: Console, found: Sequence[Document]) -> None:
    """Print every alternative on file, the graded ones first."""
    listed = table("id", "name", "roles", "state", "version")
    for column in (listed.columns[0], listed.columns[4]):
        column.no_wrap, column.overflow = column is listed.columns[0], "fold"
    for entry in sorted(found, key=lambda e: (not e["graded"], e["id"])):
        state = entry["lifecycle"]["state"]
        style = "" if entry["graded"] else "dim"
        roles = ", ".join(human(role) for role in entry["roles"])
        cells = (entry["id"], entry["name"], roles, state if entry["graded"] else f"{state}, not graded")
        listed.add_row(*(line((cell, style)) for cell in (*cells, entry["version"] or "")))
    to.print(listed)


def show_framework(to: Console, found: Document, known: Knowledge) -> None:
    """Print one alternative in full."""
    names = Wording(known)
    evidence = {each["id"]: each for each in found["evidence"]}
    to.print(line((found["name"], "bold"), (f"  {found['id']}", "dim")))
    paragraph(to, found["summary"])
    if found["kind_note"]:
        paragraph(to, found["kind_note"])
    rows(to, [(label, text) for label, text in _facts(found, names) if text], indent=0)
    _grades(to, found["grades"], evidence)
    _capabilities(to, found["capabilities"], names)
    _paths(to, found["paths"], names)
    _evidence(to, found["evidence"])


def _facts(found: Document, names: Wording) -> list[tuple[str, str]]:
    life, licence = found["lifecycle"], found["licence"]
    since = f" since {life['since']}" if life["since"] else ""
    successor = f"; successor: {names.framework(life['successor'])}" if life["successor"] else ""
    version = f"{found['version'] or ''} {found['version_date'] or ''}".strip()
    return [
        ("Roles", ", ".join(human(role) for role in found["roles"])),
        ("State", f"{life['state']}{since}{successor}{'; ' + life['note'] if life['note'] else ''}"),
        ("Version", version),
        ("Licence", licence["spdx"] if licence else ""),
        ("Governance", ", ".join(human(each) for each in found["governance"] or ())),
    ]


def _grades(to: Console, grades: Mapping[str, Document], evidence: Mapping[str, Document]) -> None:
    if not grades:
        return
    heading(to, f"Grades from 0 to {TOP_GRADE}, each with what moved it most")
    cells: list[tuple[Text, Text]] = []
    for grade in grades.values():
        moved = [_influence(evidence[e], by) for e, by in grade["influences"][:SHOWN_INFLUENCES] if e in evidence]
        contested = (" contested", "yellow") if grade["contested"] else ""
        why = f"  {'; '.join(moved)}" if moved else "  no evidence on file"
        text = line(grade["name"], contested, (f" ± {grade['sd']:.1f}", "dim"), (why, "dim"))
        cells.append((line((f"{grade['mean']:.1f}", "bold")), text))
    rows(to, cells)


def _influence(piece: Document, by: float) -> str:
    return f"{signed(by / 100)} {piece['id']} ({piece['as_of']})"


def _capabilities(to: Console, capabilities: Mapping[str, Document], names: Wording) -> None:
    if not capabilities:
        return
    heading(to, "Capabilities")
    cells: list[tuple[Text, Text]] = []
    for name, cell in capabilities.items():
        cited = f" ({', '.join(cell['evidence'])})" if cell["evidence"] else ""
        cells.append((line("-"), line(f"{names.fact(f'alt.{name}')}: {_value(cell['value'])}", (cited, "dim"))))
    rows(to, cells)


def _value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < TOP_GRADE:
        return f"{value} ({level(value)})"
    return plain(value)


def _paths(to: Console, paths: Sequence[Document], names: Wording) -> None:
    if not paths:
        return
    heading(to, "Conversions")
    for path in paths:
        way = f"{names.framework(path['source'])} --{path['by']} ({level(path['level'])})--> "
        rows(to, [("-", f"{way}{names.framework(path['target'])}")])


def _evidence(to: Console, pieces: Sequence[Document]) -> None:
    heading(to, phrases.counted(len(pieces), "piece of evidence", "pieces of evidence"))
    for piece in pieces:
        rows(to, [(line("-"), _piece(piece))])


def show_evidence(to: Console, pieces: Sequence[Document]) -> None:
    """Print pieces of evidence, each with its source and verdict."""
    for piece in pieces:
        _claim(to, piece)
    to.print(line((phrases.counted(len(pieces), "piece of evidence", "pieces of evidence"), "dim")))


VERDICT_STYLES = {"holds": "green", "contested": "yellow", "outdated": "yellow", "wrong": "red", "unverifiable": "dim"}


def show_claims(to: Console, found: Sequence[Document], articles: Sequence[Document]) -> None:
    """Print the claims of the articles as one table, and how many hold."""
    listed = table("verdict", "article", "what it says, and what became of it")
    listed.columns[0].no_wrap = True
    for claim in found:
        why = f" {claim['verdict_note']}" if claim["verdict_note"] else ""
        verdict = line((claim["verdict"], VERDICT_STYLES[claim["verdict"]]))
        listed.add_row(verdict, str(claim["source"]["seed"]), line(claim["note"], (why, "dim")))
    to.print(listed)
    heading(to, "The articles")
    rows(to, [(str(each["article"]), f"{each['title']} ({each['date']})") for each in articles])
    counted = table("", "claims", *VERDICT_STYLES)
    for each in articles:
        verdicts = [str(each["verdicts"][verdict]) for verdict in VERDICT_STYLES]
        counted.add_row(str(each["article"]), str(each["claims"]), *verdicts)
    to.print(counted)


def _piece(piece: Document) -> Text:
    verdict = piece["verdict"]
    style = "green" if verdict == "holds" else "yellow"
    source = f" {piece['source']['title']}, {human(piece['source']['kind'])}, {piece['as_of']}"
    return line((f"{piece['id']} ", "bold"), (verdict, style), f": {piece['note']}", (source, "dim"))


def _claim(to: Console, piece: Document) -> None:
    to.print(_piece(piece))
    if piece["verdict_note"]:
        paragraph(to, line((f"{piece['verdict']}: {piece['verdict_note']}", "yellow")), indent=2)
    where = piece["source"]["url"] or ""
    paragraph(to, line((f"about {', '.join(piece['about'])}; {piece['locator']} {where}".rstrip(), "dim")), indent=2)
    to.print(Padding("", 0))
