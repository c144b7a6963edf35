"""What may be asked of a portfolio, checked: the same for a file on the command line and a job of the service.

Everything that the answers depend on is in the result, hardware included, so that it can be gone on with later, by
another process, from a release that is not the active one any more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from advisor.house import House, Knowledge
from advisor.inputs import Asked, Hardware, gather
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.requirements import Questionnaire

if TYPE_CHECKING:
    from portfolio.mapping import FileMapping
    from portfolio.parts import Spec

MOST_TOP = 20
BLOCK_ROWS = 65_536
LEAST_BLOCK_ROWS, MOST_BLOCK_ROWS = 64, 1_048_576
MORE = ("scores", "passport")
T = TypeVar("T")


class Wanted(TypedDict, total=False):
    """How a portfolio is asked for; whatever is left out takes its default. The first four are as in `Asked`.

    top: how many places of each role are told.
    more: what comes with them: `scores` of all members, `passport` of each decision (slow: decided one by one).
    mapping: how the file's columns and words are meant, as `portfolio.mapping` reads it.
    columns: columns given as `Our column=question`, over those of the mapping.
    block_rows: how many rows make a part.
    """

    hardware_from: Hardware
    policy: object
    as_of: object
    release: str | None
    top: object
    more: object
    mapping: object
    columns: object
    block_rows: object


@dataclass(frozen=True, slots=True)
class Specified:
    """What was asked, checked. `kept` is all of it as JSON, from which `again` makes an equal one.

    `machine` in it are the fields of the profile, for who decides a project on its own later.
    """

    known: Knowledge
    kept: Mapping[str, Any]

    @property
    def spec(self) -> "Spec":
        """What `portfolio.parts.prepare` takes."""
        from portfolio.parts import Spec  # brings Polars with it: start-up time

        names = ("given", "options", "engine", "profile", "block_rows")
        return Spec(self.known.document, **{name: self.kept[name] for name in names}, compiled=self.known.release)


@lru_cache(maxsize=1)
def engine_version() -> str:
    """The version that answers: parts of one portfolio are answered by the same one."""
    return version("steelyard")


def specified(house: House, wanted: Wanted) -> Specified:
    """What was asked of a portfolio, checked.

    Raises:
        InvalidInput: with every fault of all parts.
        Missing: nothing has been published yet.
    """
    from portfolio import passports, scoring  # here for start-up time: these bring Polars and Numba with them

    faults: list[Fault] = []
    options = _options(wanted, faults)
    block_rows = _within("block_rows", wanted.get("block_rows"), BLOCK_ROWS, LEAST_BLOCK_ROWS, MOST_BLOCK_ROWS, faults)
    asked: Asked = {
        "hardware_from": wanted.get("hardware_from"),
        "policy": wanted.get("policy"),
        "as_of": wanted.get("as_of"),
        "release": wanted.get("release"),
    }
    inputs = _collected(faults, lambda: gather(house, {}, asked))
    questionnaire = (inputs.known if inputs else house.knowledge()).release.questionnaire
    mapped = _collected(faults, lambda: file_mapping(questionnaire, wanted.get("mapping"), wanted.get("columns")))
    if faults or inputs is None or mapped is None:
        raise InvalidInput(faults)
    kept = {
        "release": inputs.known.release.id,
        "policies": list(inputs.policies),
        "day": inputs.day,
        "hardware": inputs.profile.label if inputs.profile else None,
        "profile": passports.fields_of(inputs.profile) if options["passport"] else None,
        "machine": passports.fields_of(inputs.profile),
        "given": _plain(scoring.given_by(inputs.known.release, inputs.profile)),
        "options": options,
        "mapping": mapped.document(),
        "block_rows": block_rows,
        "engine": engine_version(),
    }
    return Specified(inputs.known, kept)


def file_mapping(questionnaire: Questionnaire, mapping: object, columns: object) -> "FileMapping":
    """How files are to be read, from what was said of them; see `Wanted`.

    Raises:
        InvalidInput: with every fault.
    """
    from portfolio import mapping as mappings  # as above

    return mappings.with_options(mappings.parse(mapping, questionnaire), _columns(columns), questionnaire)


def again(house: House, kept: Mapping[str, Any]) -> Specified:
    """What was asked, from what was kept of it.

    Raises:
        Missing: its release is not stored any more.
    """
    return Specified(house.layered(house.knowledge(kept["release"]), kept["policies"], kept["day"]), kept)


def _options(wanted: Wanted, faults: list[Fault]) -> dict[str, Any]:
    more = wanted.get("more") or ()
    if not isinstance(more, list | tuple):
        faults.append(Fault("with", shown(more), f"a list of some of: {', '.join(MORE)}"))
        more = ()
    faults += [
        Fault("with", shown(each), f"one of: {', '.join(MORE)}", nearest(each, MORE))
        for each in more
        if each not in MORE
    ]
    top = _within("top", wanted.get("top"), 3, 1, MOST_TOP, faults)
    return {"top": top, **{name: name in more for name in MORE}}


def _within(name: str, given: object, default: int, least: int, most: int, faults: list[Fault]) -> int:
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        faults.append(Fault(name, shown(given), f"a whole number from {least} to {most}"))
        return default
    return given


def _columns(given: object) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise InvalidInput([Fault("columns", shown(given), "a list of texts like 'Our column=question'")])
    return list(given)


def _plain(given: Mapping[str, object]) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in sorted(given.items())}


def _collected(faults: list[Fault], read: Callable[[], T]) -> T | None:
    """What `read` gives, or None after noting its faults."""
    try:
        return read()
    except InvalidInput as invalid:
        faults.extend(invalid.faults)
        return None
