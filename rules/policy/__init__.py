"""House policies: an organisation's own rules, gates, weights and waivers, layered over a release document.

A policy is a document (`docs/policy.md`). `check` lists everything that is wrong with one; `apply` layers several over
a release document and gives a new one, to be compiled like any other. Who wrote a policy, where it is kept and what
day it is are the caller's business; what a waiver does to an answer is the gates'.
"""

from collections.abc import Sequence
from typing import Any

from rules import canonical
from rules.faults import Fault, InvalidInput, shown
from rules.policy.fields import is_day
from rules.policy.reading import Below, Document, Entry, Policy, read
from rules.release import release_id

MAX_LAYERS = 16


def check(document: object, release_document: Document) -> list[Fault]:
    """Every fault of a policy that is to be layered over a release document; an empty list means that it fits.

    Faults carry paths such as `policy.rules[0].when, 1:14`; the release document may be a layered one.
    """
    return read(document, Below(release_document), "policy")[1]


def apply(release_document: Document, policies: Sequence[object], as_of: str) -> dict[str, Any]:
    """The release document with the policies layered over it, lowest first; parts that none touches are shared.

    Args:
        release_document: a release document, layered already or not.
        policies: policy documents; each may build on those before it.
        as_of: the day of asking, as 2026-11-21; a waiver counts up to and including the day it expires.

    Raises:
        InvalidInput: with every fault of every policy; paths begin with `policies[0]`, `policies[1]` ...
    """
    faults = [] if is_day(as_of) else [Fault("as_of", shown(as_of), "a day such as 2026-11-21")]
    layered = dict(release_document)
    if len(policies) + len(layered.get("layers", ())) > MAX_LAYERS:
        raise InvalidInput([*faults, Fault("policies", f"{len(policies)} more layers", f"at most {MAX_LAYERS} in all")])
    if policies and "base" not in layered:
        sha256 = canonical.digest(release_document)
        layered["base"] = {"id": release_id(release_document, sha256), "sha256": sha256}
    for index, document in enumerate(policies):
        policy, found = read(document, Below(layered), f"policies[{index}]")
        faults += found
        # What is sound of a faulty policy is layered too, so that those above it are not blamed for its faults.
        layered = _layer(layered, policy, "" if found else canonical.digest(document), as_of)
    if faults:
        raise InvalidInput(faults)
    return layered


# --- Layering --------------------------------------------------------------------------------------------------------


def _layer(below: Document, policy: Policy, sha256: str, as_of: str) -> dict[str, Any]:
    """The document with the sound entries of one policy over it."""
    overrides = {override["rule"]: override for override in policy.weights}
    rules = [_reweighted(rule, overrides.get(rule["id"]), policy.name, below) for rule in below["rules"]]
    silenced = sorted(name for name, override in overrides.items() if override["factor"] == 0)
    waivers = sorted(policy.waivers, key=lambda w: (w["gate"], w["alternative"]))
    layer = {
        "name": policy.name,
        "owner": policy.owner,
        "sha256": sha256,
        "silenced": silenced,
        "waivers": [w for w in waivers if w["expires"] >= as_of],
        "expired": [w for w in waivers if w["expires"] < as_of],
    }
    gates = [*below["gates"], *_added(policy.gates, policy.name)]
    return {
        **below,
        "rules": [*(r for r in rules if r["id"] not in silenced), *_added(policy.rules, policy.name)],
        "gates": [_waived(gate, layer) for gate in gates],
        "layers": [*below.get("layers", ()), layer],
    }


def _added(entries: Sequence[Entry], layer: str) -> list[Entry]:
    return [entry | {"layer": layer} for entry in sorted(entries, key=lambda e: str(e["id"]))]


def _reweighted(rule: Document, override: Entry | None, layer: str, below: Document) -> Document:
    """The rule as the override leaves it; a priority's weights are shares, so that its total takes the factor."""
    if override is None:
        return rule
    spoken = {**rule, "layer": f"{rule['layer']}+{layer}"}
    factor = override["factor"]
    if factor is None:
        return spoken | {"weights": override["weights"]}
    if rule["rank_of"]:
        return spoken | {"priorities_weight": factor * rule.get("priorities_weight", below["priorities_weight"])}
    return spoken | {"weights": {criterion: weight * factor for criterion, weight in rule["weights"].items()}}


def _waived(gate: Document, layer: Document) -> Document:
    """The gate with the layer's waivers in force; of two layers that waive it for the same one, the upper speaks."""
    own = {
        w["alternative"]: {key: value for key, value in w.items() if key != "gate"} | {"layer": layer["name"]}
        for w in layer["waivers"]
        if w["gate"] == gate["id"]
    }
    standing = {w["alternative"]: w for w in gate.get("waivers", ())}
    return {**gate, "waivers": [waiver for _, waiver in sorted((standing | own).items())]}
