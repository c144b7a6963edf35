"""Lists of packages as projects write them: which names stand in a text, without versions, extras, markers and options.

Lines of requirement files, of `package.json` and `pyproject.toml`, and what people put into cells are read alike. What
a name stands for is `rules.packages`' business; nothing here is a fault, since such lists have every form there is.
"""

import re
from collections.abc import Iterator

from rules.packages import Named, find

MAX_SHOWN = 80
MAX_NAME = 160
_COMMENT = re.compile(r"(?:^|\s)#.*")
_EXTRAS = re.compile(r" ?\[([^\[\]]*)\]")
_BEFORE = re.compile(r"\w[\w.-]*\Z")
_GROUPS = {"(": re.compile(r"\([^()]*\)"), "{": re.compile(r"\{[^{}]*\}")}
_NO_NAME = frozenset("-<>=!~^*()[]{}")
_BETWEEN = re.compile(r"[;|,]")
_BULLET = re.compile(r"[-*]\s+")
_MARKER = re.compile(
    r"(?:python_(?:full_)?version|os_name|sys_platform|platform_\w+|implementation_\w+|extra)\s*(?:[<>=!~]|(?:not\s+)?in\b)"
)
_VERSION = re.compile(r"v?\d+(?:\.[\dxX*]+)*(?:[-+.]\S*)?")
_NAME = re.compile(
    r"(?:[\w.-]+::)?"  # a channel of conda
    r"(?P<name>(?>@[\w.~-]+/[\w.~-]+"  # npm, with a scope
    r"|\w(?:[\w.+-]*\w)?(?:\[[\w.-]+\]"  # with an extra
    r"|:(?P<artifact>\w(?:[\w.-]*\w)?)|(?:/\w(?:[\w.+-]*\w)?)+)?))"  # Maven; a part of a pod
    r"(?=[\"'`]|\s*(?:$|[<>=!~^@*\\]|:(?!//)|--|v?\d))"  # what may follow: nothing, a version, its place
)
_WORDS = re.compile(r"(?P<name>\S.*?)\s+v?\d[\w.*+-]*")
_QUOTES = " \t\"'`"


def entries(text: str, known: Named) -> Iterator[str]:
    """What stands in a text as a package each, with its version and all.

    Lines, semicolons, bars and commas part them. What is between brackets belongs to one; what a comma parts from a
    range of versions (`torch>=2,<3`) has no name and is left out, as markers, comments and options are. Extras are left
    out, too, but for those by which a package is known, which stand as one each: `ray[serve]`.
    """
    for line in text.replace("\\\n", " ").splitlines():
        plain = _COMMENT.sub("", line) if "#" in line else line
        plain = _EXTRAS.sub(lambda found: _extras(found, known), plain) if "[" in plain else plain
        for sign, group in _GROUPS.items():
            plain = group.sub("", plain) if sign in plain else plain
        for piece in _BETWEEN.split(plain):
            entry = _BULLET.sub("", piece.strip(), count=1).strip(_QUOTES)
            if entry and entry[0] not in _NO_NAME and not _MARKER.match(entry) and not _VERSION.fullmatch(entry):
                yield entry


def _extras(found: re.Match[str], known: Named) -> str:
    """What stays of brackets: the extras by which the package before them is known, the package again with each."""
    before = _BEFORE.search(found.string[max(0, found.start() - MAX_NAME) : found.start()])
    if before is None:
        return ""
    package = before[0]
    told = (f"{package}[{each.strip(_QUOTES)}]" for each in found[1].split(","))
    return ",".join(each for each in told if find(each, known) is not None).removeprefix(package)


def name(entry: str, known: Named) -> str:
    """The name in an entry: one that is known where it can be read as such, else as it is written."""
    if find(entry, known) is not None:
        return entry
    read = _NAME.match(entry)
    if read is None:
        words = _WORDS.fullmatch(entry) if len(entry) <= MAX_SHOWN else None  # "TensorFlow Lite 2.4"
        return words["name"] if words and find(words["name"], known) is not None else entry[:MAX_SHOWN]
    whole, artifact = read["name"], read["artifact"] or ""
    return (whole.partition(":")[0] if artifact[:1].isdigit() else whole)[:MAX_NAME]
