"""A rule of thumb: a small tree of questions that says what the engine most often says; plain values, and JSON.

It stands beside the engine and is never part of an answer. It says how often it is right, per leaf and in all, and
which projects it gets wrong. How it is fitted is `learning.fitting`'s business.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from learning.features import Feature
from rules.compiled import Release
from rules.conditions import Values
from rules.decision import ENGINE

SCHEMA = "steelyard/rule-of-thumb/1"


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where a walk ends.

    `share` of the `count` held-out projects that come here have `framework` first in the engine's ranking, and
    `next_share` have `next_framework`, the most frequent of the others (None where there is none).
    """

    framework: str
    count: int
    share: float
    next_framework: str | None
    next_share: float


@dataclass(frozen=True, slots=True)
class Split:
    """A question with yes or no for an answer, and where each leads."""

    asks: Feature
    yes: "Node"
    no: "Node"


Node = Split | Leaf


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How well a tree does on projects that it was not fitted to; shares are in [0, 1], losses in points of 0..100.

    Attributes:
        projects: the held-out projects, all of which the engine has an answer to.
        agree: share of them for which the tree names the engine's first.
        interval: where that share lies with a probability of 0.95 (Wilson, JASA 22(158), 1927).
        baseline: what is named when the most frequent first of all is always named, and `baseline_agree` how often.
        excluded: share of those it gets wrong for which what it names is excluded.
        lost_median: score lost where it is wrong though not excluded, and `lost_most` (9 of 10 lose less).
        tied: share of those, wrong but not excluded, that the engine cannot tell apart from its first, as far as
            `tied_of` of them were looked at.
    """

    projects: int
    agree: float
    interval: tuple[float, float]
    baseline: str
    baseline_agree: float
    excluded: float
    lost_median: float
    lost_most: float
    tied: float
    tied_of: int


@dataclass(frozen=True, slots=True)
class Miss:
    """A group of held-out projects for which the tree says one thing and the engine another.

    `share` is of all held-out projects. `common` is what tells them most from the others that come to the same
    leaves: `common_in` of the group and `common_out` of those answer it with yes.
    """

    says: str
    engine: str
    count: int
    share: float
    common: str
    common_in: float
    common_out: float


@dataclass(frozen=True, slots=True)
class Size:
    """A tree that could have been taken: its leaves, its share of right answers in cross-validation, its error."""

    leaves: int
    agree: float
    error: float


@dataclass(frozen=True, slots=True)
class Tree:
    """The rule of thumb of one role of one release.

    `engine` is the version of the engine that answered. `fitted` projects were fitted to, of `drawn` in all;
    `unanswered` is the share of those that call for the role for which the engine finds nothing. `sizes` are what was
    chosen from.
    """

    role: str
    release_id: str
    release_sha256: str
    engine: str
    seed: str
    drawn: int
    fitted: int
    unanswered: float
    root: Node
    fidelity: Fidelity
    sizes: tuple[Size, ...]
    misses: tuple[Miss, ...]

    def belongs_to(self, release: Release) -> bool:
        """Whether this engine on this release is what it was fitted to; else it is stale."""
        return self.release_sha256 == release.sha256 and self.engine == ENGINE

    def document(self) -> dict[str, Any]:
        """The tree as JSON."""
        return {"schema": SCHEMA, **asdict(self), "root": _node_out(self.root)}


@dataclass(frozen=True, slots=True)
class Step:
    """One question on a walk, whether it holds, and whether the project says anything about it."""

    asks: Feature
    holds: bool
    known: bool


def walk(tree: Tree, values: Values) -> tuple[tuple[Step, ...], Leaf]:
    """The questions that a project meets, in order, and the leaf it comes to."""
    steps: list[Step] = []
    node = tree.root
    while isinstance(node, Split):
        holds = node.asks.holds(values)
        steps.append(Step(node.asks, holds, node.asks.question in values))
        node = node.yes if holds else node.no
    return tuple(steps), node


def leaves(node: Node) -> Iterator[Leaf]:
    """The ends below a node, those of yes first."""
    if isinstance(node, Leaf):
        yield node
    else:
        yield from leaves(node.yes)
        yield from leaves(node.no)


def splits(node: Node) -> Iterator[Split]:
    """The questions from a node on, each before those that follow it."""
    if isinstance(node, Split):
        yield node
        yield from splits(node.yes)
        yield from splits(node.no)


def outline(node: Node, names: Mapping[str, str], depth: int = 0) -> list[str]:
    """The tree as lines of text: every question with what yes and no lead to, indented below it."""
    if isinstance(node, Leaf):
        return [ending(node, names)]
    lines = [node.asks.text]
    for word, child in (("yes", node.yes), ("no", node.no)):
        first, *rest = outline(child, names, depth + 1)
        lines += [f"  {word}: {first}", *(f"  {line}" for line in rest)]
    return lines


def ending(leaf: Leaf, names: Mapping[str, str]) -> str:
    """A leaf in words."""
    told = f"{names.get(leaf.framework, leaf.framework)} ({leaf.share:.0%} of {leaf.count:,}"
    other = leaf.next_framework
    return f"{told}; else mostly {names.get(other, other)})" if other else f"{told})"


# --- JSON ------------------------------------------------------------------------------------------------------------


def _node_out(node: Node) -> dict[str, Any]:
    if isinstance(node, Leaf):
        return asdict(node)
    asks = {**asdict(node.asks), "options": list(node.asks.options)}
    return {"asks": asks, "yes": _node_out(node.yes), "no": _node_out(node.no)}


def read(document: Mapping[str, Any]) -> Tree:
    """The tree in a document.

    Raises:
        ValueError: it is not one, or one of another version.
    """
    if document.get("schema") != SCHEMA:
        raise ValueError(f"not a document of {SCHEMA}")
    try:
        given = {field.name: document[field.name] for field in fields(Tree)}
        measured = {**given["fidelity"], "interval": tuple(given["fidelity"]["interval"])}
        made = {
            "root": _node_in(given["root"]),
            "fidelity": Fidelity(**measured),
            "sizes": tuple(Size(**each) for each in given["sizes"]),
            "misses": tuple(Miss(**each) for each in given["misses"]),
        }
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a whole rule of thumb: {error}") from None
    return Tree(**{**given, **made})


def _node_in(given: Mapping[str, Any]) -> Node:
    if "asks" not in given:
        return Leaf(**given)
    asks = Feature(**{**given["asks"], "options": tuple(given["asks"]["options"])})
    return Split(asks, _node_in(given["yes"]), _node_in(given["no"]))
