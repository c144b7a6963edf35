"""Throws hostile text at the condition language for as long as it is told to; pytest does not collect it.

    python -m tests.fuzz_conditions --minutes 10 [--seed 1]

Inputs: random bytes and characters, random tokens, mutated conditions of the shipped pack, deep nests, huge texts.
Held for each: parsing raises nothing but `InvalidInput`; every fault has its line and column inside the text; what
passes the check is True, False or None for every well-typed assignment, reads no name that it does not mention, can be
said in words and comes back from its canonical text; nothing is opened, imported or run; none takes long.
"""

# ruff: noqa: T201  (a command, not a module of the house)

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from knowledge_base import pack
from knowledge_base.lint import expand
from knowledge_base.vocabulary import pack_names
from rules import conditions
from rules.conditions import Kind, computed, sentences
from rules.faults import Fault, InvalidInput

SECONDS_PER_INPUT = 0.25
ASSIGNMENTS = 6
NUMBERS = (0.0, 1.0, -1.0, 2.5, 1e-308, 1e308, 5e-324, float("inf"), float("-inf"), float("nan"))
VERSIONS = ("3.9", "3.10.4", "0", "", "x", "9.9.9.9.9", "580.95.05", "999999999", "3.٣", "²")
ODD_CHARACTERS = (
    "٣³½１᠐𝟘𝒳éñﬁßİıſK\u00a0\u2028\u2029\u200b\u202e\ufeff\x00\x01\x0b\x0c\x1c\x1f\x7f\x85\ud800\udfff"
    "\U0001f600\U0010ffff'\"\\`;:.,-+*/%^&|~!=<>()[]{}#@$_"
)
ODD_NUMBERS = "1e400 1e-400 1e999999999 0e0 00 007 1.5 1. .5 1..2 1e 0x10 1_000 9999999999999999999999 inf nan"
WORDS = "and or not in overlaps within true false answered count == != < <= > >= None __class__ lambda import"
ODD = (*ODD_CHARACTERS, *ODD_NUMBERS.split(), *WORDS.split())
_PARTS = """a|a.|9|9.|1e|"|""| |\n|not |x or |true and |a==b or |"x",|((|\x00|offlin or |trin_os or |\U0001f600"""
REPEATED = tuple(_PARTS.split("|"))
ZEROS_AND_ONES = ("1" * 400 + " < ", "0" * 300 + "1 ")
LENGTHS = (10, 100, 199, 500, 1000, 1999, 2000, 2001, 50_000)
FORBIDDEN = ("open", "import", "exec", "compile", "os.", "subprocess.", "socket.", "ctypes.", "pickle.")


class Escape(AssertionError):
    """Something reached outside what it was given."""


class Watched(dict[str, object]):
    """Values that remember which names were read."""

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def get(self, name: str, default: object = None) -> object:
        self.read.add(name)
        return super().get(name, default)


@cache
def corpus() -> tuple[dict[str, Kind], tuple[str, ...]]:
    """(every name that conditions may mention, every condition of the shipped pack)."""
    shipped = pack.load()
    texts = [rule.when for rule in shipped.rules] + [c.when for c in shipped.questionnaire.contradictions]
    texts += [text for gate in shipped.gates for one in expand(gate) for text in (one.when, one.requires)]
    return pack_names(shipped)[1], tuple(sorted({text for text in texts if text}))


# --- Inputs ----------------------------------------------------------------------------------------------------------


def _token(chance: random.Random) -> str:
    names, _ = corpus()
    name = chance.choice(tuple(names))
    options = names[name].options or ("x",)
    return chance.choice((name, f'"{chance.choice(options)}"', str(chance.randint(0, 99)), chance.choice(ODD)))


def noise(chance: random.Random) -> str:
    """Random bytes, read in three ways, or random characters of all of Unicode."""
    data = chance.randbytes(chance.choice((1, 8, 60, 400, 2500)))
    encoding, errors = chance.choice((("latin-1", "strict"), ("utf-8", "surrogateescape"), ("utf-16-le", "ignore")))
    if chance.random() < 0.3:
        return "".join(chr(chance.randrange(0x110000)) for _ in range(len(data) % 300))
    return data.decode(encoding, errors)


def tokens(chance: random.Random) -> str:
    """Words of the language in any order."""
    return chance.choice((" ", "", "\n", "\t ")).join(_token(chance) for _ in range(chance.randint(1, 60)))


def mutated(chance: random.Random) -> str:
    """A condition of the shipped pack with a few characters or words taken out, put in, doubled or swapped."""
    text = chance.choice(corpus()[1])
    for _ in range(chance.randint(0, 4)):
        a, b = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + 12)
        middle = chance.choice(("", _token(chance), text[a:b] * 2, chance.choice(ODD), text[a:b][::-1]))
        text = text[:a] + middle + text[b:]
        if chance.random() < 0.2:
            text = f"{text} {chance.choice(('and', 'or'))} {chance.choice(corpus()[1])}"
    return text


def nested(chance: random.Random) -> str:
    """Deep and wide nests, whole and broken, at and around the bounds."""
    depth = chance.choice((1, 5, 22, 23, 24, 25, 40, 190, 400, 900))
    before, after = chance.choice(
        (("(", ")"), ("not (", ")"), ("not ", ""), ("(true or (", "))"), ("[", "]"), ("-", ""))
    )
    middle = chance.choice(("true", "offline", _token(chance), mutated(chance), ""))
    return before * depth + middle + after * max(0, depth + chance.choice((0, 0, 0, -1, 1)))


def huge(chance: random.Random) -> str:
    """Long repetitions of one part: of text, of names, of numbers, of what makes careless patterns backtrack."""
    part = chance.choice((*REPEATED, *ZEROS_AND_ONES, _token(chance) + " "))
    return (part * chance.choice(LENGTHS))[: chance.choice((200, 1999, 10**6))]


def built(chance: random.Random) -> str:
    """Mostly well-formed: comparisons of names with what suits them, joined and negated."""
    text = _comparison(chance)
    for _ in range(chance.randint(0, 7)):
        joined = chance.choice(("{0} and {1}", "{1} or {0}", "({0}) and {1}", "not ({0}) or {1}", "not {1} and {0}"))
        text = joined.format(text, _comparison(chance))
    return text


def _comparison(chance: random.Random) -> str:
    names, _ = corpus()
    name = chance.choice(tuple(names))
    kind = names[name]
    options = kind.options or ("3.9", "x")
    texts = "[" + ", ".join(f'"{chance.choice(options)}"' for _ in range(chance.randint(0, 4))) + "]"
    order = chance.choice(("==", "!=", "<", "<=", ">", ">="))
    alike = [f"{name} {order} {other}" for other in names if names[other] == kind][:9]
    by_sort = {
        "number": (f"{name} {order} {chance.choice((0, 1, 0.5, 1e6))}", f"1e3 {order} {name}", *alike),
        "level": (f"{name} {order} {chance.randint(0, 3)}", *alike),
        "one": (f'{name} {order} "{options[0]}"', f'"{options[0]}" {order} {name}', f"{name} in {texts}", *alike),
        "version": (f'{name} {order} "3.{chance.randint(0, 20)}"', *alike),
        "yes/no": (name, f"{name} == true", f"answered({name})"),
        "flag": (name, f"{name} != false", *alike),
    }
    sets = (
        f"{name} overlaps {texts}",
        f"{name} within {texts}",
        f'"{options[-1]}" in {name}',
        f"count({name}) {order} 2",
    )
    return chance.choice(by_sort.get(kind.sort, sets))


Sort = Callable[[random.Random], str]
SORTS: tuple[Sort, ...] = (noise, tokens, mutated, nested, huge, built)


def value(kind: Kind, chance: random.Random) -> object:
    """A well-typed value, however absurd; None for a missing one."""
    if chance.random() < 0.25:
        return None
    options = kind.options or ("x", "", "\ud800", "y" * 500)
    match kind.sort:
        case "one":
            return chance.choice(options)
        case "many" | "ranked" | "set":
            return tuple(chance.sample(options, chance.randint(0, len(options))))
        case "number":
            return chance.choice((*NUMBERS, float(chance.randint(0, 10**6))))
        case "level":
            return chance.randint(0, 3)
        case "version":
            return chance.choice((*kind.options, *VERSIONS))
        case _:
            return chance.random() < 0.5


# --- What holds for every input --------------------------------------------------------------------------------------


def inside(fault: Fault, text: str) -> bool:
    """Whether the place of a fault lies in the text, its end included."""
    line, _, column = fault.path.partition(":")
    lines = text.split("\n")
    return 1 <= int(line) <= len(lines) and 1 <= int(column) <= len(lines[int(line) - 1]) + 1


def bare(node: conditions.Node) -> object:
    """The tree without positions."""
    fields = (getattr(node, name) for name in node.__slots__ if name != "at")
    parts = (
        tuple(map(bare, f)) if isinstance(node, conditions.Junction) and isinstance(f, tuple) else f for f in fields
    )
    return type(node).__name__, *(bare(p) if hasattr(p, "at") else p for p in parts)  # type: ignore[arg-type]


def examine(text: str, names: Mapping[str, Kind], chance: random.Random) -> str:
    """How far a text gets: refused, ill-typed or sound. Whatever should hold and does not is raised."""
    refused: tuple[Fault, ...] = ()
    try:
        node = conditions.parse(text)
    except InvalidInput as invalid:
        refused = invalid.faults
        assert refused
    if refused:
        assert all(inside(f, text) and str(f).isprintable() for f in refused), refused
        return "refused"
    again = conditions.written(node)
    if len(again) <= conditions.MAX_CHARACTERS:
        assert bare(conditions.parse(again)) == bare(node), again
        assert conditions.written(conditions.parse(again)) == again
    faults = conditions.check(text, node, names)
    if faults:
        assert all(inside(f, text) and str(f).isprintable() for f in faults), faults
        return "ill-typed"
    mentioned = conditions.names(node)
    evaluate = conditions.compile_record(node, names)
    for _ in range(ASSIGNMENTS):
        values = {name: value(names[name], chance) for name in mentioned}
        known = Watched({name: given for name, given in values.items() if given is not None})
        truth = evaluate(known)
        assert truth is True or truth is False or truth is None, truth
        looked_at = mentioned.union(computed.looked_at(mentioned))
        assert known.read <= looked_at, known.read - looked_at
        assert evaluate(values) is truth, "missing and None differ"
        assert sentences.sentence(node, names, {}, known)
    return "sound"


def watch() -> Callable[[bool], None]:
    """Raise `Escape` on every event of the interpreter that reaches outside, while switched on."""
    on = [False]

    def hook(event: str, args: tuple[object, ...]) -> None:
        if on[0] and event.startswith(FORBIDDEN):
            on[0] = False
            raise Escape(f"{event} {args!r}"[:300])

    sys.addaudithook(hook)
    return lambda state: on.__setitem__(0, state)


def inputs(seed: int) -> Iterator[tuple[str, str]]:
    """(sort, text) without end."""
    chance = random.Random(seed)  # noqa: S311  (a reproducible fuzzer, no secret)
    while True:
        sort = chance.choice(SORTS)
        yield sort.__name__, sort(chance)


def main() -> int:
    """Fuzz for some minutes; 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    asked = parser.parse_args()
    names, chance = corpus()[0], random.Random(asked.seed)  # noqa: S311
    counts: Counter[tuple[str, str]] = Counter()
    slowest, slowest_text = 0.0, ""
    switch, until = watch(), time.monotonic() + 60 * asked.minutes
    print(f"seed {asked.seed}", flush=True)
    for sort, text in inputs(asked.seed):
        if time.monotonic() > until:
            break
        started = time.thread_time()
        switch(True)
        try:
            counts[sort, examine(text, names, chance)] += 1
        except BaseException:
            switch(False)
            print(f"{sort}: {text[:2100]!r}", flush=True)
            raise
        switch(False)
        spent = time.thread_time() - started
        if spent > slowest:
            slowest, slowest_text = spent, text
        if spent > SECONDS_PER_INPUT:
            print(f"{spent:.3f} s: {text[:2100]!r}", flush=True)
            return 1
    for (sort, end), count in sorted(counts.items()):
        print(f"{sort:8} {end:10} {count:9,}")
    print(f"{counts.total():,} inputs; the slowest took {1000 * slowest:.1f} ms: {slowest_text[:120]!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
