"""A house policy, one that leaves nothing, and the preferences of two people, for the small pack."""

from typing import Any

POLICY: dict[str, Any] = {
    "name": "acme",
    "owner": "Board",
    "summary": "For tests.",
    "rules": [
        {
            "id": "acme-easy",
            "text": "Easy first",
            "roles": ["training"],
            "when": "team_size <= 3",
            "weights": {"ease_of_use": 2},
            "argument": "Few hands.",
            "examples": {"fires": [{"team_size": 2}], "silent": [{"team_size": 9}, {}]},
        }
    ],
    "waivers": [
        {"gate": "archived", "alternative": "caffe", "owner": "Jane", "reason": "Legacy.", "expires": "2026-12-31"},
        {"gate": "archived", "alternative": "mxnet", "owner": "Jane", "reason": "Legacy.", "expires": "2026-11-20"},
    ],
}
NOTHING_ALIVE: dict[str, Any] = {
    "name": "strict",
    "owner": "Board",
    "summary": "Leaves nothing.",
    "gates": [
        {
            "id": "strict-dead",
            "roles": ["training"],
            "effect": "exclude",
            "when": 'stage == "production"',
            "requires": 'alt.lifecycle < "active"',
            "text": "{name} is alive",
            "argument": "For tests.",
            "examples": {
                "stops": [{"alternative": "pytorch", "answers": {"stage": "production"}}],
                "passes": [{"alternative": "pytorch"}],
            },
        }
    ],
}
PREFERENCES = {
    "stakeholders": [
        {"name": "Ann", "say": 2, "method": "ranked", "ranking": ["debugging", "portability"]},
        {"name": "Bob", "method": "swing", "weights": {"portability": 100, "ease_of_use": 30}},
    ]
}
