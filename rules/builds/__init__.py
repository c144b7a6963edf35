"""Which published builds of a framework run on a machine, and the smallest change that would better it.

A build is what can be installed: a requirement and where it is taken from, with the systems, Pythons, drivers and
generations of processors that it was made for. `coverage` says whether code runs on a device, `verdicts` joins
everything into one verdict per framework. It knows no file and no machine: it is handed a profile and the builds.
"""

from rules.builds.assuming import Fresh, Judged, fresh, judge
from rules.builds.coverage import Coverage, coverage
from rules.builds.fitting import Change
from rules.builds.kinds import Absence, Build, System, installable
from rules.builds.verdicts import KindVerdict, Option, Verdict, verdicts

__all__ = [
    "Absence",
    "Build",
    "Change",
    "Coverage",
    "Fresh",
    "Judged",
    "KindVerdict",
    "Option",
    "System",
    "Verdict",
    "coverage",
    "fresh",
    "installable",
    "judge",
    "verdicts",
]
