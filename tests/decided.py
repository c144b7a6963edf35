"""Decision documents of the form that a passport covers, made by hand and hashed by a second formula."""

import hashlib
import json
from typing import Any

BODY: dict[str, Any] = {
    "engine": "1",
    "release": {"id": "2026-11-21-0123456789ab", "sha256": "0" * 64},
    "policy": None,
    "preferences": None,
    "draws": 10_000,
    "hardware": {"basis": "answers", "label": "what the answers say", "filled": {}},
    "answers": {"deploy_targets": ["android"], "data_gb": 1e-07, "über": "π\u2028"},
    "asked_roles": ["training"],
    "roles": {"training": {"ranking": [{"framework": "pytorch", "score": 0.123456789012}, {"score": 1.0}]}},
}


def document(**changes: Any) -> dict[str, Any]:
    """A document with a passport that fits; `changes` go into the body before it is hashed."""
    body = {**BODY, **changes}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    passport = hashlib.sha256(text.encode()).hexdigest()
    head = {"id": f"d-{passport[:24]}", "created_at": "2026-11-21T12:00:00+00:00", "passport": passport}
    return {**head, "signature": None, **body}
