"""How large a profile may be: what a probe makes and what is read back keep to the same bounds."""

from __future__ import annotations

MAX_TEXT_CHARACTERS = 300
MAX_DEVICES = 64
MAX_FINDINGS = 512
MAX_FEATURES = 1024
MAX_SOFTWARE = 128
MAX_CODE = 256
MAX_OVERRIDES = 64
MAX_CONFLICTS = 64
