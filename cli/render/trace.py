"""The trace as text: every sum beside its terms, so that a score can be recomputed on paper.

It leaves out what the JSON document holds of alternatives that are excluded, and the sources behind the evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from advisor.names import Wording
from advisor.words import TITLES, plain
from cli.render import phrases
from cli.render.roles import layer
from cli.render.screen import heading, line, paragraph, rows, section

VERDICTS = (("excluded", "x", "red"), ("caution", "!", "yellow"), ("unverified", "?", "yellow"))
DECIMALS = 6

Document = Mapping[str, Any]
Cells = list[tuple[Text, Text]]


def show(to: Console, found: Document, names: Wording) -> None:
    """Print everything that a decision was summed from."""
    release = f"release {found['release']['id']}, engine {found['engine']}"
    to.print(line((f"{found['id']}, sum by sum", "bold"), (f"  {release}", "dim")))
    heading(to, "Answers")
    rows(to, [("-", line((question, "dim"), f" {plain(answer)}")) for question, answer in found["answers"].items()])
    filled = found["hardware"]["filled"]
    if filled:
        rows(to, [("+", line((q, "dim"), f" {plain(answer)} (hardware)")) for q, answer in filled.items()])
    heading(to, "How it is computed")
    rows(to, [("-", text) for text in found["formulas"].values()])
    for role, each in found["roles"].items():
        section(to, TITLES[role])
        _rules(to, each)
        _scores(to, each, names)
        _grades(to, each, names)
        _confidence(to, each, names, found["draws"])
        _gates(to, each["gates"], names)
    heading(to, "Check")
    paragraph(to, f"These sums and what was recorded differ by at most {found['largest_residual']:.1e}.")
    paragraph(to, line(("Excluded alternatives sum by sum, and all sources: --json", "dim")))


def _number(value: float) -> str:
    """A number with as many decimals as a sum by hand needs; those that are short stay short."""
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


# --- Rules -----------------------------------------------------------------------------------------------------------


def _rules(to: Console, each: Document) -> None:
    spoke = [rule for rule in each["rules"] if rule["said"] == "spoke"]
    heading(to, f"Rules that spoke: mass and share; W = {_number(each['W'])}")
    cells: Cells = []
    for rule in spoke:
        lead = f"{_number(rule['mass'])}  {rule['share']:.{DECIMALS}f}"
        cells.append((line(lead), line(rule["text"], (f" [{rule['rule']}]{layer(rule)}", "dim"))))
        weights = ", ".join(f"{criterion} {_number(weight)}" for criterion, weight in rule["weights"].items())
        cells.append((line(""), line((f"strength {_number(rule['strength'])} x ({weights})", "dim"))))
        cells.append((line(""), line((f"when {rule['when_in_words']}", "dim"))))
    rows(to, cells)
    waiting = [rule for rule in each["rules"] if rule["said"] == "silent"]
    if waiting:
        heading(to, "Rules that wait for an answer")
        told = [f"{rule['rule']} ({', '.join(rule['waits_for'])})" for rule in waiting]
        paragraph(to, line((", ".join(told), "dim")), indent=2)
    whys: dict[str, list[str]] = {}
    for rule in each["rules"]:
        if "why" in rule:
            why = "they are not among the priorities" if "among the priorities" in rule["why"] else rule["why"]
            whys.setdefault(why.replace("its ", "their "), []).append(rule["rule"])
    for why, quiet in whys.items():
        heading(to, f"Rules that do not count: {why}")
        paragraph(to, line((", ".join(quiet), "dim")), indent=2)


# --- Scores ----------------------------------------------------------------------------------------------------------


def _ranked(each: Document) -> list[Document]:
    return [framework for framework in each["frameworks"] if framework["outcome"] == "ranked"]


def _scores(to: Console, each: Document, names: Wording) -> None:
    texts = {rule["rule"]: rule["text"] for rule in each["rules"]}
    for framework in _ranked(each):
        heading(to, f"{framework['rank']}. {names.framework(framework['framework'])}: share x opinion = part")
        cells: Cells = []
        for row in framework["rules"]:
            sums = " + ".join(f"{_number(t['weight'])} x {_number(t['grade'])}" for t in row["terms"])
            opinion = f"opinion ({sums}) / {_number(row['sum_of_weights'])}"
            contribution = f"against the mean opinion {row['mean_opinion']:.{DECIMALS}f}: {row['contribution']:+.6f}"
            lead = f"{row['share']:.{DECIMALS}f} x {row['opinion']:.{DECIMALS}f} = {row['part']:.{DECIMALS}f}"
            cells.append((line(lead), line(texts[row["rule"]], (f" [{row['rule']}]", "dim"))))
            cells.append((line(""), line((f"{opinion}; {contribution}", "dim"))))
        rows(to, cells)
        mean, added = each["field_mean"]["mean"], framework["sum_of_contributions"]
        paragraph(to, line((f"score {framework['score']:.12f}", "bold"), f", recorded {framework['recorded_score']}"))
        paragraph(to, f"field mean {mean:.{DECIMALS}f} and contributions {added:+.{DECIMALS}f} give the same")
    out = [f for f in each["frameworks"] if f["outcome"] != "ranked"]
    if out:
        heading(to, "Excluded, with the score that each would have if it were let in")
        told = [f"{names.framework(f['framework'])} {f['score_if_let_in']:.{DECIMALS}f}" for f in out]
        paragraph(to, line((", ".join(told), "dim")), indent=2)


# --- Grades ----------------------------------------------------------------------------------------------------------


def _grades(to: Console, each: Document, names: Wording) -> None:
    for framework in _ranked(each):
        heading(to, f"Grades of {names.framework(framework['framework'])}, with standard deviation")
        cells: Cells = []
        for criterion, cell in each["grades"][framework["framework"]].items():
            lead = f"{_number(cell['grade'])} ±{_number(cell['sd'])}"
            disputed = [(" disputed", "yellow")] if cell.get("contested") else []
            told = line(cell["name"], (f" [{criterion}]", "dim"), *disputed, (f" {_origin(cell)}", "dim"))
            cells.append((line(lead), told))
        rows(to, cells)


def _origin(cell: Document) -> str:
    if cell["from"] == "nearness":
        near = [f"{name} {_number(value)}" for name, value in cell["nearness"].items()]
        return f"nearness to what {cell['question']} names: {', '.join(near) or 'nothing'}"
    if cell["from"] == "evidence":
        moved: dict[str, float] = {}
        for piece in cell["influences"]:
            moved[piece["evidence"]] = moved.get(piece["evidence"], 0.0) + piece["levels"]
        pieces = "".join(f", {name} {delta:+.4f}" for name, delta in moved.items())
        return f"level {_number(cell['level'])} of 4 = prior {_number(cell['prior'])}{pieces}"
    if "level" not in cell:
        return str(cell["from"])
    ways = [plain(cell[key]) if cell[key] is not None else "not known" for key in ("support", "support_in_release")]
    return f"level {_number(cell['level'])} of 4: {cell['from']} (support level {ways[0]} of 3 instead of {ways[1]})"


# --- How sure --------------------------------------------------------------------------------------------------------


def _confidence(to: Console, each: Document, names: Wording, draws: Document | None) -> None:
    sure = each["confidence"]
    if not sure["frameworks"]:
        return
    heading(to, f"Intervals: t = {_number(sure['t'])}, z = {sure['z']:.{DECIMALS}f}")
    if draws:
        text = f"What was recorded comes from {draws['count']:,} draws; here the closed form stands beside it."
        paragraph(to, line((text, "dim")), indent=2)
    shares = ", ".join(f"{criterion} {share:.{DECIMALS}f}" for criterion, share in each["criteria"].items())
    paragraph(to, line((f"Share of each criterion: {shares}", "dim")), indent=2)
    cells: Cells = []
    for framework, row in sure["frameworks"].items():
        of_grades, of_weights = (sum(row[part].values()) for part in ("of_grades", "of_weights"))
        said = f"variance {row['variance']:.8f} = {of_grades:.8f} of grades + {of_weights:.8f} of weights"
        low, high = row["interval"]
        recorded = " to ".join(_number(bound) for bound in row["recorded_interval"])
        said += f"; {low:.{DECIMALS}f} to {high:.{DECIMALS}f}, recorded {recorded}"
        cells.append((line((names.framework(framework), "bold")), line(said)))
    rows(to, cells)
    pairs = [(criterion, *pair) for criterion, tied in sure["covariances"].items() for pair in tied]
    if pairs:
        told = [f"{criterion} of {a} and {b} {value:.8f}" for criterion, a, b, value in pairs]
        paragraph(to, line((f"Covariances that evidence gives grades: {'; '.join(told)}", "dim")), indent=2)


# --- Gates -----------------------------------------------------------------------------------------------------------


def _gates(to: Console, gates: Sequence[Document], names: Wording) -> None:
    heading(to, "Gates that stopped or warned")
    cells: Cells = []
    for gate in gates:
        for verdict, mark, style in VERDICTS:
            stopped = {n: e for n, e in gate["alternatives"].items() if e["verdict"] == verdict}
            if stopped:
                cells += _gate(gate, stopped, (mark, style), names)
    rows(to, cells)
    quiet = [gate["gate"] for gate in gates if gate["applies"] == "not recorded"]
    waits = [gate["gate"] for gate in gates if gate["applies"] == "waits for an answer"]
    for title, listed in (("Gates that stopped nobody", quiet), ("Gates that wait for an answer", waits)):
        if listed:
            heading(to, title)
            paragraph(to, line((", ".join(listed), "dim")), indent=2)


def _gate(gate: Document, stopped: Mapping[str, Document], lead: tuple[str, str], names: Wording) -> Iterable[Any]:
    text = gate["text"].replace("{name}", "…")
    yield line(lead), line((text, "bold"), (f" [{gate['gate']}]{layer(gate)}", "dim"))
    yield line(""), line((f"when {gate['when_in_words']}; needs {gate['requires_in_words']}", "dim"))
    found: dict[str, list[str]] = {}
    for name, each in stopped.items():
        found.setdefault(each["found"], []).append(names.framework(name))
    for what, who in found.items():
        yield line(""), line(f"{phrases.both(who)}: ", (what, "dim"))
