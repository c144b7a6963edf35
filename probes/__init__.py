"""What a machine has, found out without trusting it: processor, memory, system and accelerators.

Three verbs: `local` looks at this machine, `document` writes a profile down, `parse` reads one back and
refuses what is malformed. The package knows nothing of frameworks, scores, databases or the network. Nothing
is opened at import, and no vendor library is ever loaded into this process (see
docs/decisions/0008-probes-in-children.md).
"""

from probes.documents import document, parse
from probes.look.survey import local

__all__ = ["document", "local", "parse"]
