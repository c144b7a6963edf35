"""Which roles an answer covers: what the answers of one project call for, and those of many, in columns.

Training unless a project only runs models; a runtime where it ships one; a server where requests are answered (which
runs language models itself: there no runtime is chosen beside it), and 0 a second are none: then a job computes the
predictions; a library on top where published models or ready domain code are built on; and the role of whatever is
considered.

Using pretrained models is between training and running. Where they will run is then what is asked, and a framework to
train in only where an answer says that something is worked on in code, or where nothing says that they will run
anywhere. What is said to run nowhere needs no runtime, unless running is all that is done.
"""

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rules import reach, stacks
from rules.compiled import ROLES, Release
from rules.conditions import Values
from rules.conditions.columns import Bools, NumberColumn, SetColumn, Sheet, TextColumn

TRAINS = ("train", "train_from_scratch", "fine_tune", "adapter_tuning", "preference_tuning")
ADAPTS = ("fine_tune", "adapter_tuning", "preference_tuning")
BUILDS_ON = ("hugging_face_models", "model_zoo", "domain_framework")
NETWORKS = ("deep_learning", "llm", "scientific", "undecided")
EMBEDDED = "embedded_no_server"
STANDARD = "standard_models"
TRAINING_ANSWERS = (
    "retraining",
    "training_minutes",
    "training_language",
    "distribution",
    "data_rows",
    "data_gb",
)  # who answers one of these trains
MACHINE_ANSWERS = ("train_hardware", "train_os")  # so does who answers these, unless a machine answers them by itself
CODED_ON = ("domain_framework", "probabilistic_layer", "scikit_learn_interface")  # libraries that code is written with
MACHINE = "hardware.os"  # known where a machine to train on is looked at
LOOKED_AT = frozenset(
    {
        "need",
        "deploy_targets",
        "considering",
        "serving_features",
        "mlops",
        "approach",
        "requests_per_second",
        "training_language",
        "modality",
        "builds_on",
        "interop",
        "novelty",
        "existing_code",
        *TRAINING_ANSWERS,
        *MACHINE_ANSWERS,
    }
)  # the questions that decide which roles are called for


# --- One project -----------------------------------------------------------------------------------------------------


def roles_called_for(values: Values, release: Release) -> tuple[str, ...]:
    """The roles that the answers of a project call for, in the order of `ROLES`."""
    need = values.get("need")
    needs = need if isinstance(need, tuple) else None
    ships, nowhere = bool(reach.targets(values)), isinstance(values.get("deploy_targets"), tuple)
    only_runs, uses = ("inference_only" in needs, "use_pretrained" in needs) if needs is not None else (False, False)
    runs = ships or only_runs or (uses and not nowhere)
    works_with_models = uses and not only_runs and (not ships or _worked_on(values, release))
    trains = needs is None or works_with_models or any(n in TRAINS for n in needs) or not runs
    serves = _serves(values)
    runs = runs and not (serves and _only_language_models_on_servers(values))
    called = {"training": trains, "runtime": runs, "serving": serves, "high_level": trains and _adapts(values)}
    considered = _named(values, "considering")
    for alternative in (release.alternatives[c] for c in considered if c in release.alternatives):
        own = [role for role in ROLES if role in alternative.roles]
        if own and not any(called[role] for role in own):
            called[own[0]] = True
    return tuple(role for role in ROLES if called[role])


def _named(values: Values, question: str) -> tuple[str, ...]:
    answer = values.get(question)
    return answer if isinstance(answer, tuple) else ()


def _worked_on(values: Values, release: Release) -> bool:
    """Whether an answer says that something is trained or written, beside models that others trained."""
    # A machine that was looked at is there, whatever is done with it.
    by_people = () if MACHINE in values else MACHINE_ANSWERS
    return (
        any(_says(values.get(question)) for question in (*TRAINING_ANSWERS, *by_people))
        or any(departure != STANDARD for departure in _named(values, "novelty"))
        or any(library in CODED_ON for library in _named(values, "builds_on"))
        or any(framework in _trainers(release) for framework in _named(values, "existing_code"))
    )


def _trainers(release: Release) -> frozenset[str]:
    """What is there to train with. Code that uses what runs models as well may do no more than that.

    Code on one of these may only load models with it too. It calls for training all the same, since only there the
    cost of leaving it is weighed, and only what leads there is known to do without a runtime (`rules.without`).
    """
    return frozenset(release.roles["training"].members) - frozenset(release.roles["runtime"].members)


def _says(answer: object) -> bool:
    """Whether a question about training is answered by anything but that there is none."""
    return any(option != "none" for option in answer) if isinstance(answer, tuple) else answer is not None


def _serves(values: Values) -> bool:
    """Whether requests are answered from a server: asked for in words, or language models or a load on servers."""
    features = _named(values, "serving_features")
    if any(feature != EMBEDDED for feature in features) or "versioned_serving" in _named(values, "mlops"):
        return True
    load = values.get("requests_per_second")
    loaded = "llm" in _named(values, "approach") or (isinstance(load, int | float) and load > 0)
    return loaded and EMBEDDED not in features and any(t in stacks.SERVERS for t in reach.targets(values))


def _only_language_models_on_servers(values: Values) -> bool:
    wanted = reach.targets(values)
    return _named(values, "approach") == ("llm",) and bool(wanted) and all(t in stacks.SERVERS for t in wanted)


def _adapts(values: Values) -> bool:
    """Whether networks are trained, in Python, from published models or ready domain code."""
    approach, language = values.get("approach"), values.get("training_language")
    other_methods = isinstance(approach, tuple) and not any(a in NETWORKS for a in approach)
    if other_methods or (isinstance(language, tuple) and "python" not in language):
        return False
    return "volume_3d" in _named(values, "modality") or any(
        option in wanted
        for question, wanted in (("need", ADAPTS), ("builds_on", BUILDS_ON), ("interop", BUILDS_ON))
        for option in _named(values, question)
    )


# --- Many projects ---------------------------------------------------------------------------------------------------


def roles_called_in(sheet: Sheet, release: Release) -> dict[str, Bools]:
    """(N,) for each role, whether the answers in each row call for it; the same as `roles_called_for` row by row."""
    return roles_called(Columns(sheet), release)


def roles_called(look: "Looks", release: Release) -> dict[str, NDArray[Any]]:
    """The same of rows that are looked at in another way; the truths are of its kind, one for each role."""
    needs = look.known("need")
    targets = [t for t in look.options("deploy_targets") if t != "none"]
    ships = look.overlaps("deploy_targets", targets)
    only_runs, uses = look.overlaps("need", ("inference_only",)), look.overlaps("need", ("use_pretrained",))
    runs = ships | only_runs | (uses & ~look.known("deploy_targets"))
    works_with_models = uses & ~only_runs & (~ships | _worked_on_in(look, release))
    trains = ~needs | works_with_models | look.overlaps("need", TRAINS) | ~runs
    serves = _serves_in(look)
    on_servers = ships & ~look.overlaps("deploy_targets", [t for t in targets if t not in stacks.SERVERS])
    called = {
        "training": trains,
        "runtime": runs & ~(serves & on_servers & _is_just(look, "approach", "llm")),
        "serving": serves,
        "high_level": trains & _adapts_in(look),
    }
    for name in look.options("considering"):
        held, alternative = look.overlaps("considering", (name,)), release.alternatives.get(name)
        own = [role for role in ROLES if alternative and role in alternative.roles]
        if own and held.any():
            missing = held & ~reduce(or_, [called[role] for role in own])
            called[own[0]] = called[own[0]] | missing
    return called


class Looks(Protocol):
    """Rows as calling looks at them: truths are arrays of one kind that `&`, `|` and `~` join."""

    def options(self, name: str) -> tuple[str, ...]:
        """The options of a question with several answers."""

    def known(self, name: str) -> NDArray[Any]:
        """Where a question is answered."""

    def overlaps(self, name: str, wanted: Collection[str]) -> NDArray[Any]:
        """Where an answer holds one of some options; what is unknown overlaps nothing."""

    def positive(self, name: str) -> NDArray[Any]:
        """Where a number is answered that is more than 0."""


class Columns:
    """A sheet, by its columns."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    def options(self, name: str) -> tuple[str, ...]:  # noqa: D102 - see `Looks`
        found = self._sheet.columns.get(name)
        return found.options if isinstance(found, SetColumn) else ()

    def known(self, name: str) -> Bools:  # noqa: D102
        found = self._sheet.columns.get(name)
        if isinstance(found, NumberColumn | TextColumn):
            said: Bools = ~np.isnan(found.value) if isinstance(found, NumberColumn) else found.code >= 0
            return said
        return found.known if isinstance(found, SetColumn) else np.zeros(self._sheet.rows, dtype=np.bool_)

    def positive(self, name: str) -> Bools:  # noqa: D102
        found = self._sheet.columns.get(name)
        return found.value > 0 if isinstance(found, NumberColumn) else np.zeros(self._sheet.rows, dtype=np.bool_)

    def overlaps(self, name: str, wanted: Collection[str]) -> Bools:  # noqa: D102
        found = self._sheet.columns.get(name)
        held = np.zeros(self._sheet.rows, dtype=np.bool_)
        if isinstance(found, TextColumn):
            return np.array([*(text in wanted for text in found.texts), False])[found.code]  # code -1 reads the last
        for option in wanted if isinstance(found, SetColumn) else ():
            held |= found.holds(option)  # type: ignore[union-attr]
        return held


def _worked_on_in(look: Looks, release: Release) -> NDArray[Any]:
    departures = [departure for departure in look.options("novelty") if departure != STANDARD]
    worked: NDArray[Any] = look.overlaps("novelty", departures) | look.overlaps("builds_on", CODED_ON)
    worked = worked | look.overlaps("existing_code", _trainers(release))
    for question in TRAINING_ANSWERS:
        worked = worked | _says_in(look, question)
    for question in MACHINE_ANSWERS:
        worked = worked | (_says_in(look, question) & ~look.known(MACHINE))
    return worked


def _says_in(look: Looks, name: str) -> NDArray[Any]:
    options = look.options(name)
    return look.overlaps(name, [option for option in options if option != "none"]) if options else look.known(name)


def _is_just(look: Looks, name: str, option: str) -> NDArray[Any]:
    others = [other for other in look.options(name) if other != option]
    found: NDArray[Any] = look.overlaps(name, (option,)) & ~look.overlaps(name, others)
    return found


def _serves_in(look: Looks) -> NDArray[Any]:
    features = [feature for feature in look.options("serving_features") if feature != EMBEDDED]
    asked = look.overlaps("serving_features", features) | look.overlaps("mlops", ("versioned_serving",))
    loaded = look.overlaps("approach", ("llm",)) | look.positive("requests_per_second")
    embedded = look.overlaps("serving_features", (EMBEDDED,))
    found: NDArray[Any] = asked | (loaded & ~embedded & look.overlaps("deploy_targets", stacks.SERVERS))
    return found


def _adapts_in(look: Looks) -> NDArray[Any]:
    other_methods = look.known("approach") & ~look.overlaps("approach", NETWORKS)
    other_language = look.known("training_language") & ~look.overlaps("training_language", ("python",))
    adapts = look.overlaps("modality", ("volume_3d",))
    for question, wanted in (("need", ADAPTS), ("builds_on", BUILDS_ON), ("interop", BUILDS_ON)):
        adapts = adapts | look.overlaps(question, wanted)
    found: NDArray[Any] = adapts & ~other_methods & ~other_language
    return found
