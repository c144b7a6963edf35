"""The probe as one file that runs on any machine with Python 3.8 or newer, and nothing else installed.

`source` packs the modules of `probes.look` and the types in `rules.hardware`, as they are and readable, behind a small
importer. The same modules give the same bytes. It knows nothing of what the modules do.
"""

import hashlib
from pathlib import Path

_ROOT = Path(__file__).parent.parent
# The packages are here for their names only; what theirs would import stays behind.
_EMPTY = '"""Packed for travelling; see the top of this file."""\n'

_HEAD = '''\
#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""What this machine has, for Steelyard, which weighs machine-learning frameworks against a project.

    python3 probe.py                    a report for reading
    python3 probe.py --json             the profile, exactly as it would be sent
    python3 probe.py --push https://... sends it; the key comes from the variable STEELYARD_KEY

It needs Python 3.8 or newer and nothing else. It reads files, may ask drivers through child processes that it ends when
they take too long, and sends nothing unless --push says where to. Names of hosts and users, home folders and serial
numbers are left out; serial numbers become hashes that mean something on this machine only.

All of it is below as plain text, one module after the other, and at the end the few lines that run it.
SHA-256 of the modules: {digest}
"""

import sys

if sys.version_info < (3, 8):
    sys.stderr.write("This probe needs Python 3.8 or newer; this is Python %d.%d.\\n" % sys.version_info[:2])
    sys.exit(2)

import importlib.abc
import importlib.machinery

SOURCES = {{}}
'''

_FOOT = '''
# ---------------------------------------------------------------------------------------------------------------------


class Packed(importlib.abc.ExecutionLoader):
    """Finds and loads the modules above, before any of the same name that lie beside this file."""

    def find_spec(self, name, path=None, target=None):
        if name not in SOURCES:
            return None
        spec = importlib.machinery.ModuleSpec(
            name, self, origin=self.get_filename(name), is_package=self.is_package(name)
        )
        spec.has_location = True
        return spec

    def is_package(self, name):
        return any(other.startswith(name + ".") for other in SOURCES)

    def get_filename(self, name):
        return "packed/" + name.replace(".", "/") + ("/__init__.py" if self.is_package(name) else ".py")

    def get_source(self, name):
        if name not in SOURCES:
            raise ImportError(name)
        return SOURCES[name]


def run():
    # Files that happen to lie beside this one are no modules of it.
    import os

    if sys.path and "__file__" in globals() and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    elif sys.path and sys.path[0] == "":
        del sys.path[0]
    sys.meta_path.insert(0, Packed())
    from probes.look.main import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
'''


def source() -> str:
    """The whole probe as one Python file."""
    packed = modules()
    digest = hashlib.sha256()
    for name, text in packed.items():
        digest.update(f"{name}\n{text}\n".encode())
    parts = [_HEAD.format(digest=digest.hexdigest())]
    parts += [f"\nSOURCES[{name!r}] = {literal(text)}\n" for name, text in packed.items()]
    return "".join(parts) + _FOOT


def modules() -> dict[str, str]:
    """The modules that travel: name -> source, ordered by name."""
    found = {"probes": _EMPTY, "rules": _EMPTY, "rules.hardware": _read(_ROOT / "rules" / "hardware.py")}
    for path in (_ROOT / "probes" / "look").rglob("*.py"):
        parts = path.relative_to(_ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = _read(path)
    return dict(sorted(found.items()))


def literal(text: str) -> str:
    """A text as a Python literal, readable where it can be."""
    raw = "'''" not in text and text.endswith("\n") and "\0" not in text and "\r" not in text
    return f"r'''{text}'''" if raw else ascii(text)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")
