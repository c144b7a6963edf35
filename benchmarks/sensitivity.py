"""`python -m benchmarks.sensitivity`: how far answers hang on the numbers of the evidence model.

The projects are the decided cases of outside teams and plausible projects drawn at random.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

PROJECTS = 300
SEED = "sensitivity of the evidence model"
CASES = Path(__file__).parent.parent / "tests" / "golden"
HEAD = """# Sensitivity of the evidence model

Written by `python -m benchmarks.sensitivity --markdown docs/sensitivity.md`. Each number of the model is moved by
itself, all grades are fused anew, and the same projects are decided: {cases} decided cases of outside teams and {drawn}
plausible projects drawn at random, {answers} rankings in all. A *clear* change is a first place that passes to another
alternative which the ranking did not call tied with it, before or after. [Decision 22](decisions/0022-sensitivity.md)
says what follows.

| moved | from | to | median grade moves | greatest | clear changes, cases | clear changes, drawn | within ties, all |
| --- | --: | --: | --: | --: | --: | --: | --: |
"""


def main(given: Sequence[str] | None = None) -> int:
    """Runs the study; 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sensitivity", description=__doc__)
    parser.add_argument("--projects", type=int, default=PROJECTS, help="how many plausible projects are drawn")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table into this page")
    options = parser.parse_args(given)
    text = table(options.projects)
    print(text)
    if options.markdown:
        options.markdown.write_text(text, "utf-8")
    return 0


def table(drawn: int) -> str:
    """The study as a page."""
    from knowledge_base import cases, pack, release, sensitivity
    from knowledge_base.impact import Project
    from rules import sampling
    from rules.release import compile_release

    shipped = pack.load()
    document = release.build(shipped)
    sample = sampling.draw(compile_release(document), drawn, SEED)
    decided = [Project(c.id, c.answers, roles=(c.role,)) for c in cases.load(CASES)]
    plausible = [Project(f"drawn {row}", sample.answers(row)) for row in range(drawn)]
    known = {p.name for p in decided}
    rows = []
    answers = 0
    for moved in sensitivity.study(shipped, document, [*decided, *plausible]):
        clear = [f for f in moved.impact.flips if not f.tied]
        of_cases = sum(f.project in known for f in clear)
        answers = moved.impact.answers
        tied = len(moved.impact.flips) - len(clear)
        grades = f"{moved.median_grade:.2f} | {moved.greatest_grade:.2f}"
        others = len(clear) - of_cases
        rows.append(f"| {moved.what} | {moved.before} | {moved.after} | {grades} | {of_cases} | {others} | {tied} |")
    return HEAD.format(cases=len(decided), drawn=drawn, answers=answers) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
