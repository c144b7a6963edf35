"""The names that a pack's conditions may use, taken from the pack itself."""

from knowledge_base import schema
from knowledge_base.pack import Pack
from rules import requirements, vocabulary
from rules.conditions import Kind
from rules.requirements import Option, Question


def question(entry: schema.Question) -> Question:
    """A question of the pack as the core knows it."""
    document = entry.model_dump()
    document["options"] = tuple(Option(**option) for option in document["options"])
    document["exclusive"] = tuple(document["exclusive"])
    return Question(**document)


def pack_names(pack: Pack) -> tuple[dict[str, Kind], dict[str, Kind]]:
    """(what a condition on the project may mention, the same plus what one on an alternative may)."""
    alternatives = tuple(a.id for a in pack.alternatives)
    questions = {q.id: requirements.kind_of(question(q), alternatives) for q in pack.questionnaire.questions}
    project = vocabulary.project_names(questions)
    options = {q.id: tuple(o.id for o in q.options) for q in pack.questionnaire.questions}
    capabilities = {c.id: Kind(c.kind, options.get(c.options_of or "", ())) for c in pack.capabilities}
    targets, formats = options.get("deploy_targets", ()), options.get("weights_in", ())
    return project, project | vocabulary.alternative_names(capabilities, alternatives, targets, formats)
