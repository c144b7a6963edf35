"""What codes tell of labels: against sums written out, and freed of chance."""

from collections import Counter, defaultdict
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import information

QUIET = settings(max_examples=60, deadline=None, database=None)


def plain(label: list[int], code: list[int], weight: list[float]) -> float:
    """H(label) - H(label | code), by definition."""
    joint: defaultdict[tuple[int, int], float] = defaultdict(float)
    labels: defaultdict[int, float] = defaultdict(float)
    codes: defaultdict[int, float] = defaultdict(float)
    for a, b, w in zip(label, code, weight, strict=True):
        joint[a, b] += w
        labels[a] += w
        codes[b] += w
    return sum(p * log2(p / (labels[a] * codes[b])) for (a, b), p in joint.items() if p > 0)


rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(1, 5)), min_size=30, max_size=80)


@QUIET
@given(rows)
def test_what_is_told_is_the_definition_less_what_chance_tells(found: list[tuple[int, int, int]]) -> None:
    label, code, raw = (np.array(each) for each in zip(*found, strict=True))
    weight = raw / raw.sum()
    orders = information._shuffles(len(weight), "s")
    by_chance = [plain(label[o].tolist(), code.tolist(), weight.tolist()) for o in orders]
    told = information.told(label, {"q": code}, weight, "s")["q"]
    expected = max(0.0, plain(label.tolist(), code.tolist(), weight.tolist()) - float(np.mean(by_chance)))
    assert told.bits == pytest.approx(expected, abs=1e-9)
    assert told.noise == pytest.approx(float(np.std(by_chance, ddof=1)), abs=1e-9)


def test_codes_do_not_touch_each_other() -> None:
    random = np.random.default_rng(1)
    one, two, code = random.integers(0, 3, 400), random.integers(0, 4, 400), random.integers(0, 5, 400)
    weight = np.full(400, 1 / 400)
    alone = information.told(code // 2, {"q": code}, weight, "s")["q"]
    beside = information.told(code // 2, {"other": one, "q": code, "third": two}, weight, "s")
    assert (beside["q"].bits, beside["q"].noise) == pytest.approx((alone.bits, alone.noise))
    assert beside["other"].bits < 0.1


def test_a_code_that_is_the_label_tells_nearly_all_and_one_that_is_not_next_to_nothing() -> None:
    random = np.random.default_rng(2)
    label = random.integers(0, 8, 500)
    weight = np.full(500, 1 / 500)
    told = information.told(label, {"same": label, "other": random.integers(0, 12, 500)}, weight, "s")
    assert 2.7 < told["same"].bits <= 3
    assert told["other"].bits < 4 * told["other"].noise


def test_chance_alone_comes_to_nothing_on_the_average() -> None:
    """Where plain counts would tell 0.2 bits of nothing, the estimate is 0 but for its noise, on both sides of it."""
    random = np.random.default_rng(3)
    weight = np.full(400, 1 / 400)
    above, raw = [], []
    for _ in range(60):
        label, code = random.integers(0, 10, 400), random.integers(0, 12, 400)
        told = information.told(label, {"q": code}, weight, "s")["q"]
        above.append(told.bits)
        raw.append(plain(label.tolist(), code.tolist(), weight.tolist()))
    assert np.mean(raw) > 0.15
    assert np.mean(above) < 0.02


def test_entropy_is_the_definition_with_millers_correction() -> None:
    label = np.array([0] * 60 + [1] * 30 + [3] * 10)
    weight = np.full(100, 0.01)
    expected = -sum(p * log2(p) for p in (0.6, 0.3, 0.1)) + 2 / (2 * 100 * np.log(2))
    assert information.entropy(label, weight) == pytest.approx(expected)
    assert information.entropy(np.zeros(5, dtype=np.intp), np.full(5, 0.2)) == 0.0


@QUIET
@given(st.lists(st.integers(0, 30), min_size=1, max_size=200))
def test_what_is_rare_is_one_together(index: list[int]) -> None:
    weight = np.full(len(index), 1 / len(index))
    found = information.pooled(np.array(index), weight, 0.05)
    assert sorted(set(found.tolist())) == list(range(found.max() + 1))
    count = Counter(index)
    common = {each for each, times in count.items() if times / len(index) >= 0.05 + 1e-12}
    for each in common:  # what is not rare keeps a number of its own
        assert len({n for n, i in zip(found.tolist(), index, strict=True) if i == each}) == 1
    rare = {n for n, i in zip(found.tolist(), index, strict=True) if count[i] / len(index) < 0.05 - 1e-12}
    assert len(rare) <= 1


def test_the_order_of_rows_does_not_matter_to_entropy() -> None:
    label = np.array([0, 1, 2, 2, 1, 0, 0])
    weight = np.array([1, 2, 3, 4, 5, 6, 7]) / 28
    order = [3, 0, 6, 2, 5, 1, 4]
    assert information.entropy(label[order], weight[order]) == pytest.approx(information.entropy(label, weight))
