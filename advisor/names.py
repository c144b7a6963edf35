"""The words that a release has for its ids: names of alternatives, texts of questions, labels of answers."""

from typing import Any

from advisor.house import Knowledge
from rules.accounts.naming import amount, nothing
from rules.compiled import Release
from rules.conditions.sentences import plain

NO_GRADES = "{name} is only on file as a predecessor, without grades"
NO_RULE = "{name} is graded, but no rule weighs it for this project"


def gate_said(release: Release, role: str, gate: str | None, framework: str) -> str:
    """What a gate of a role says of a framework, in words; where none is named, that there are no grades."""
    said = {each.id: each.text for each in release.roles[role].gates}
    text = NO_GRADES if gate is None else said.get(gate, NO_RULE)
    return text.replace("{name}", release.alternatives[framework].name)


class Wording:
    """What to call things in one release."""

    def __init__(self, known: Knowledge) -> None:
        self.release = known.release.id
        self.confidence = known.release.confidence
        self.questions = known.release.questionnaire.questions
        self.alternatives = known.release.alternatives
        self.facts = known.release.labels
        self.criteria = {c["id"]: c["name"] for c in known.document["criteria"]}
        self.labels = {o.id: o.label for q in self.questions.values() if q.id == "deploy_targets" for o in q.options}

    def framework(self, name: str) -> str:
        """The name of an alternative; a format or target that is none keeps the word it has."""
        found = self.alternatives.get(name)
        return found.name if found else self.labels.get(name, name)

    def fact(self, name: str) -> str:
        """What a fact about an alternative (`alt.…`) is about."""
        return self.facts.get(name, name.removeprefix("alt."))

    def criterion(self, name: str) -> str:
        """The name of a criterion within a sentence; an abbreviation keeps its capitals."""
        text: str = self.criteria.get(name, name)
        return text[:1].lower() + text[1:] if text[1:2].islower() else text

    def is_ranked(self, question: str) -> bool:
        """Whether the order of the answers to a question counts."""
        found = self.questions.get(question)
        return found is not None and found.kind == "ranked"

    def question(self, name: str) -> str:
        """The text of a question."""
        found = self.questions.get(name)
        return found.text if found else name

    def opens(self, question: str, value: Any) -> str:
        """An answer as it opens a line or stands for itself; names and labels keep the letters that they have."""
        said = self.says(question, value)
        return said if isinstance(value, list) and value else said[:1].upper() + said[1:]

    def change(self, question: str, before: Any, after: Any) -> tuple[str, str]:
        """(what an answer has become, what of the one before is worth telling beside it).

        A list that keeps something is told by what came and what went, all else and what is ranked as a whole.
        """
        if isinstance(before, list) and isinstance(after, list) and not self.is_ranked(question):
            kept = [each for each in after if each in before]
            came, went = ([each for each in one if each not in kept] for one in (after, before))
            if kept and (came or went):
                told = [
                    f"{self.says(question, one)} {how}" for one, how in ((came, "added"), (went, "left out")) if one
                ]
                return "; ".join(told), f"(still {self.says(question, kept)})"
        return self.opens(question, after), f"instead of {self.says(question, before)}"

    def says(self, question: str, value: Any) -> str:
        """An answer in the words of its question; None is no answer."""
        if value is None:
            return "no answer"
        asked = self.questions.get(question)
        if isinstance(value, list):
            return ", ".join(self.says(question, each) for each in value) or nothing(asked)
        if asked and isinstance(value, str):
            labels = {option.id: option.label for option in asked.options}
            name, at, version = value.partition("@")
            return labels.get(value) or self.framework(name) + (f" {version}" if at else "")
        if asked and asked.unit and not isinstance(value, bool):
            return amount(float(value), asked.unit)
        return plain(value)
