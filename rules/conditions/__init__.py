"""The condition language: parsed, typed against a vocabulary, and evaluated with three truth values.

    expression := disjunction
    disjunction := conjunction ("or" conjunction)*
    conjunction := negation ("and" negation)*
    negation    := "not" negation | comparison
    comparison  := operand [operator operand]
    operator    := "==" "!=" "<" "<=" ">" ">=" "in" "overlaps" "within"
    operand     := name | number | "text" | "[" literal, ... "]" | "true" | "false"
                 | "answered" "(" name ")" | "count" "(" name ")" | "(" expression ")"

Names are questions (`deploy_targets`), facts of the hardware (`hardware.os`), facts of memory (`feasible.full`) that
follow from both, and facts of the alternative (`alt.run.android`). Every expression is total: a name without a value
makes what depends on it unknown (None), by Kleene's strong logic. Nothing here reaches Python's own evaluator; length,
depth and size are bounded.
"""

from rules.conditions.evaluation import Evaluate, Truth, Values, compile_record
from rules.conditions.formatting import written
from rules.conditions.kinds import Kind, check
from rules.conditions.syntax import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_TOKENS,
    Call,
    Compare,
    Junction,
    Literal,
    Name,
    Node,
    Not,
    bounds,
    children,
    names,
    parse,
    walk,
)

__all__ = [
    "MAX_CHARACTERS",
    "MAX_DEPTH",
    "MAX_TOKENS",
    "Call",
    "Compare",
    "Evaluate",
    "Junction",
    "Kind",
    "Literal",
    "Name",
    "Node",
    "Not",
    "Truth",
    "Values",
    "bounds",
    "check",
    "children",
    "compile_record",
    "names",
    "parse",
    "walk",
    "written",
]
