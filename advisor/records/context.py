"""The project of a decision in words: what it is, how it trains, where it runs, what it is held to.

The answers that decide most have sentences of their own; the others follow by group, each under its label, and then
what was asked and is not known. A table of all of them is part of the appendix.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.records.blocks import Block, Line, Paragraph, Table, bullets, line, paragraph, strong
from rules.accounts.naming import Names, amount, listed
from rules.accounts.page import basis

ASKED = "Which ML framework"
SHOWN_OF_EACH = 2  # of several tasks, kinds of data or targets in a title
QUESTIONS = {
    "training": "which framework should it train with",
    "high_level": "which high-level library should it build on",
    "serving": "what should serve its models",
    "runtime": "what should run its models",
}
STAGES = {
    "education": "This is a project for education.",
    "research": "This is a research project.",
    "prototype": "The project is a prototype.",
    "production": "The project is built for production.",
}
TOLD = ("stage", "need", "approach", "task", "modality", "training_language", "train_hardware", "train_os")
TOLD_OF_RUNNING = ("deploy_targets", "deploy_hardware", "deploy_os", "serving_language")
ELSEWHERE = ("priorities", "considering")  # among the drivers and the options
COMMON = (
    *("need", "approach", "task", "modality", "data_traits", "novelty", "retraining", "distribution", "precision"),
    *("deploy_targets", "cloud", "dependency_limit", "team_experience", "end_user_skill", "licence_policy"),
    *("release_policy", "install_limits", "runtime_features", "may_migrate", "migration_style", "priorities"),
    *("serving_features", "mlops"),
)
NAMES = (
    "Bayesian",
    "AutoML",
    "Google",
    "Android",
    "Raspberry-Pi-class",
    "Microsoft",
    "Edge TPU",
    "Kubernetes",
    "OpenAI",
    "OpenAI-compatible",
)
PLAIN = {  # single answers that say more without their label
    ("novelty", "standard_models"): "standard models are enough",
    ("deploy_targets", "none"): "nothing is deployed",
    ("serving_features", "embedded_no_server"): "no model server",
    ("mlops", "none"): "no operations tools",
    ("weights_in", "none"): "no weights to load",
    ("interop", "none"): "nothing that it must work together with",
}
NOTHING = ("none", "other", "undecided")
UNSAID = (*NOTHING, "general_library")  # no sentence holds these

Document = Mapping[str, Any]


def title(document: Document, names: Names) -> str:
    """The problem that the decision solves: for which project by its name, or by what its answers say of it."""
    if document["name"]:
        return f"{ASKED} for {document['name']}"
    given = document["answers"]
    about, data, way = (said(given, question, names, SHOWN_OF_EACH) for question in ("task", "modality", "approach"))
    what = f"{about} on {data}" if about and data else about or data or way
    where = said(given, "deploy_targets", names, SHOWN_OF_EACH)
    stage = [word("stage", given["stage"], names).lower()] if "stage" in given else []
    told = [*filter(None, [what]), *stage, *([f"on {where}"] if where else [])]
    return f"{ASKED}: {', '.join(told)}" if told else ASKED


def context(document: Document, names: Names) -> list[Block]:
    """The project, what is asked, and which hardware the answer is about."""
    sentences = [*_sentences(document["answers"], names), _asked(list(document["roles"]))]
    for pronoun, subject in (("Its ", "The project's "), ("It ", "The project ")):
        sentences[0] = (
            subject + sentences[0].removeprefix(pronoun) if sentences[0].startswith(pronoun) else sentences[0]
        )
    return [
        paragraph(" ".join(sentences)),
        *bullets([*_others(document["answers"], names), *_not_known(document, names)]),
        Paragraph(line(_hardware(document["hardware"], names))),
    ]


def answers(document: Document, names: Names) -> Table:
    """Every answer, and every one that a hardware profile filled in."""
    filled = document["hardware"]["filled"]
    stated = document["preferences"]["stated"] if document["preferences"] else None
    rows = [(names.question(q), names.says(q, value), "answered") for q, value in document["answers"].items()]
    rows += [(names.question(q), names.says(q, value), "hardware profile") for q, value in filled.items()]
    if stated:
        rows.append((names.question("priorities"), "see the decision drivers", "preferences"))
    rows += [(names.question(q), "don’t know", "asked") for q in not_known(document)]
    return Table(("Question", "Answer", "From"), tuple((line(a), line(b), line(c)) for a, b, c in rows), 3)


def not_known(document: Document) -> list[str]:
    """The questions that were asked and that nobody could answer, but for those that the hardware answers."""
    return [question for question in document["not_known"] if question not in document["hardware"]["filled"]]


def _not_known(document: Document, names: Names) -> Iterator[Line]:
    asked = names.release.questionnaire.questions
    left = [question for question in not_known(document) if question in asked]
    if left:
        yield line(strong("Asked, and not known"), f": {'; '.join(asked[q].label or asked[q].text for q in left)}")


def _asked(roles: Sequence[str]) -> str:
    said = [QUESTIONS[role] for role in roles]
    said[0] = said[0].replace(" it ", " the project ").replace(" its ", " the project's ")
    text = said[0] if len(said) == 1 else f"{', '.join(said[:-1])}, and {said[-1]}"
    return f"{text[:1].upper()}{text[1:]}?"


def _sentences(given: Document, names: Names) -> Iterator[str]:
    if "stage" in given:
        yield STAGES.get(given["stage"], f"{names.says('stage', given['stage'])} is the stage of the project.")
    yield from _about(given, names)
    yield from _needs(given, names)
    training = [
        f"{word} {told}"
        for word, question in (("in", "training_language"), ("on", "train_hardware"), ("under", "train_os"))
        if (told := said(given, question, names))
    ]
    if training:
        yield f"Models are trained {' '.join(training)}."
    targets, chips, systems, called = (said(given, question, names) for question in TOLD_OF_RUNNING)
    around = "; ".join(filter(None, (chips, systems)))
    if targets or around:
        where = f"{targets} ({around})" if targets and around else targets or around
        yield f"What is deployed runs on: {where}{f', called from {called}' if called else ''}."
    elif called:
        yield f"What is deployed is called from {called}."


def _about(given: Document, names: Names) -> Iterator[str]:
    """What the model does, on what and how."""
    task, data, way = (said(given, question, names) for question in ("task", "modality", "approach"))
    by = f", with {way}" if way else ""
    if task:
        yield f"Its models are for {task}{f' on {data}' if data else ''}{by}."
    elif data:
        yield f"Its models work on {data}{by}."
    elif way:
        yield f"The project works with {way}."


def _needs(given: Document, names: Names) -> Iterator[str]:
    wanted = [each for each in _values(given, "need") if each not in (*NOTHING, "inference_only")]
    only = "inference_only" in _values(given, "need")
    if wanted:
        verbs = listed(["train models" if each == "train" else word("need", each, names) for each in wanted])
        yield f"The project has to {verbs}{', for inference only' if only else ''}."
    elif only:
        yield "The project needs models for inference only."


def said(given: Document, question: str, names: Names, most: int | None = None) -> str:
    """The answers to a question within a sentence; empty where there is none, or nothing but none or another."""
    return listed([word(question, each, names) for each in _values(given, question) if each not in UNSAID], most)


def _values(given: Document, question: str) -> list[Any]:
    value = given.get(question)
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def word(question: str, value: object, names: Names) -> str:
    """An answer within a sentence: common words lose their capital, names and abbreviations keep it."""
    text = names.says(question, value)
    head = text.partition(" ")[0]
    common = question in COMMON and not {head, text} & {*NAMES} and head[1:2].islower()
    return text[:1].lower() + text[1:] if common else text


def _others(given: Document, names: Names) -> Iterator[Line]:
    """The other answers, group by group, each under its label."""
    told = {q for q in (*TOLD, *TOLD_OF_RUNNING) if not set(map(str, _values(given, q))) & {*NOTHING}}
    asked = names.release.questionnaire.questions
    for group, title, _ in names.release.questionnaire.groups:
        inside = [q for q in given if q in asked and asked[q].group == group and q not in (*told, *ELSEWHERE)]
        if inside:
            yield line(strong(title), f": {'; '.join(_labelled(q, given[q], names) for q in inside)}")


def _labelled(question: str, value: object, names: Names) -> str:
    asked = names.release.questionnaire.questions[question]
    label = asked.label or question
    if value is True:
        return label
    if isinstance(value, list) and len(value) == 1 and (plain := PLAIN.get((question, value[0]))):
        return plain
    if asked.unit and isinstance(value, int | float):
        return f"{label}: {amount(value, asked.unit)}"
    told = listed([word(question, each, names) for each in _values({question: value}, question)])
    return f"{label}: {told or names.says(question, value)}"


def _hardware(hardware: Document, names: Names) -> str:
    """Which hardware the answer is about, what a profile filled in, and where it and the answers disagree."""
    looked = hardware["captured_at"] and hardware["source"] != "what if"
    captured = f", looked at on {hardware['captured_at'][:10]}" if looked else ""
    filled = [_labelled(q, value, names) for q, value in hardware["filled"].items()]
    told = f"The hardware is taken from {basis(hardware)}{captured}."
    if filled:
        told += f" The profile filled in: {'; '.join(filled)}."
    return " ".join([told, *(f"{text.rstrip('.')}." for text in hardware["disagreements"])])
