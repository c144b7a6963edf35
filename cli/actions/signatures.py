"""Make a signing key, and check what was signed."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from advisor import recommend, signing
from advisor.signing import Outcome, PublicKey
from cli import files, output
from cli.actions import opening
from cli.problems import NO


def create(path: Path, *, as_json: bool) -> int:
    """Write a new private key and show the public one; see `cli.asking.create`."""
    public = signing.generate(path).public
    if as_json:
        output.emit_json({"file": str(path), **signing.described(public)})
        return 0
    output.emit(f"The private key is in {path}. Keep it secret, and keep a copy: it cannot be made again.")
    output.emit(f"To sign with it: {signing.SETTING}={path}")
    output.emit(f"Key id: {public.id}")
    for each in public.pem.splitlines():
        output.emit(each)
    return 0


def verify(decision: str, public_keys: Sequence[Path], *, as_json: bool) -> int:
    """Check a decision and its signature; see `cli.asking.verify`."""
    keys = [signing.load_public(path, "--public-key") for path in public_keys]
    document = files.decision(decision) if files.is_given(decision) else _recorded(decision)
    found = asdict(signing.verify(document, keys or _own()))
    if as_json:
        output.emit_json(found)
    else:
        from cli.render import questioned, screen

        with screen.page() as to:
            questioned.show_verified(to, found)
    return 0 if found["outcome"] == Outcome.GOOD else NO


def _recorded(decision: str) -> object:
    with opening.house() as house:
        return json.loads(recommend.find(house, decision))


def _own() -> list[PublicKey]:
    """The public half of the configured key, if one is: no database is needed for that."""
    named = opening.settings().signing_key_file
    return [] if named is None else [signing.load(named.expanduser()).public]
