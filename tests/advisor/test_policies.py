"""House policies in a house: checked against the active release, stored once, named by their content."""

from datetime import timedelta
from typing import Any

import pytest

from advisor import policies
from advisor.errors import InvalidInput, Missing
from advisor.house import House
from rules import canonical, policy
from rules.release import compile_release
from tests.conftest import NOW
from tests.house_rules import POLICY

ACME: dict[str, Any] = {
    **POLICY,
    "owner": "Board ☃",
    "weights": [{"rule": "base", "factor": 0.5, "argument": "Half."}],
}
LAB = {
    **{key: ACME[key] for key in ("owner", "summary")},
    "name": "lab",
    "weights": [{"rule": "acme-easy", "factor": 2, "argument": "More."}],
}


def test_a_policy_is_named_by_its_content_and_comes_back_as_it_was_written(house: House) -> None:
    name = policies.store(house, ACME)
    assert name == f"p-{canonical.digest(ACME)[:24]}"
    assert policies.get(house, name) == ACME
    layered = policy.apply(house.knowledge().document, [policies.get(house, name)], "2026-11-21")
    assert f"p-{compile_release(layered).layers[0].sha256[:24]}" == name


def test_storing_a_policy_again_stores_nothing_and_a_changed_one_is_another(house: House) -> None:
    first = policies.store(house, ACME)
    later = House(house.database, lambda: NOW + timedelta(days=3), house.probe)
    assert policies.store(later, dict(reversed(ACME.items()))) == first
    second = policies.store(later, {**ACME, "owner": "Another"})
    found = policies.listing(house)
    assert [(each.id, each.name) for each in found] == [(second, "acme"), (first, "acme")]
    assert found[1].received_at == NOW


def test_every_fault_is_told_and_nothing_is_stored(house: House) -> None:
    wrong = {**ACME, "name": "engine", "weights": [{"rule": "bse", "factor": 0.5, "argument": "Half."}]}
    with pytest.raises(InvalidInput) as caught:
        policies.store(house, wrong)
    assert [(fault.path, fault.nearest) for fault in caught.value.faults] == [
        ("policy.name", None),
        ("policy.weights[0].rule", "base"),
    ]
    nothing: tuple[object, ...] = (None, [], "acme")
    for document in nothing:
        with pytest.raises(InvalidInput, match="an object"):
            policies.store(house, document)
    assert list(policies.listing(house)) == []


def test_a_policy_may_build_on_those_that_will_lie_below_it(house: House) -> None:
    acme = policies.store(house, ACME)
    with pytest.raises(InvalidInput, match="acme-easy"):
        policies.store(house, LAB)
    lab = policies.store(house, LAB, over=[acme])
    assert policies.get(house, lab) == LAB
    with pytest.raises(InvalidInput, match="no layer has yet"):
        policies.store(house, {**ACME, "rules": []}, over=[acme])


def test_a_policy_that_is_not_stored_is_missing(house: House) -> None:
    with pytest.raises(Missing, match="p-nobody"):
        policies.get(house, "p-nobody")
    with pytest.raises(Missing, match="p-nobody"):
        policies.store(house, LAB, over=["p-nobody"])


def test_a_check_lists_every_fault_and_stores_nothing(house: House) -> None:
    assert policies.check(house, ACME) == []
    faults = policies.check(house, {**LAB, "sumary": 1})
    assert {fault.path for fault in faults} == {"policy", "policy.weights[0].rule"}
    assert policies.check(house, LAB, over=[policies.store(house, ACME)]) == []
    assert [each.name for each in policies.listing(house)] == ["acme"]
    with pytest.raises(Missing):
        policies.check(house, ACME, over=["p-nobody"])
