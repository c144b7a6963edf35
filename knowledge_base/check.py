"""`python -m knowledge_base.check [FOLDER]`: every problem of a pack, one a line. For curators at work."""

import sys
from pathlib import Path

from knowledge_base import fingerprint, lint, pack
from rules.faults import InvalidInput


def main() -> int:
    """Print the problems; 0 when there are none, 1 otherwise."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else fingerprint.SHIPPED
    try:
        faults = lint.lint(pack.load(folder))
    except InvalidInput as invalid:
        faults = list(invalid.faults)
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"{len(faults)} problems\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
