"""Cells: one text, one meaning; what could be read in two ways is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.mapping import FileMapping
from portfolio.reading.cells import Meaning, Speller
from portfolio.reading.numbers import number
from rules.faults import InvalidInput
from rules.release import Release

NOTHING = FileMapping()


def said(release: Release, question: str, cell: str, mapping: FileMapping = NOTHING) -> Meaning:
    return Speller(release.questionnaire.questions[question], release.questionnaire, mapping).text(cell)


def answer(release: Release, question: str, cell: str, mapping: FileMapping = NOTHING) -> object:
    meaning = said(release, question, cell, mapping)
    assert not meaning.faults, meaning.faults
    return meaning.answer


@pytest.mark.parametrize(
    ("question", "cell", "meant"),
    [
        ("team_size", "5", 5.0),
        ("team_size", " 5.0 ", 5.0),
        ("team_size", "5 people", 5.0),
        ("data_rows", "1.5M rows", 1.5e6),
        ("data_rows", "1.5M", 1.5e6),
        ("data_rows", "20k", 20_000.0),
        ("data_rows", "2 million", 2e6),
        ("data_rows", "1 000 000", 1e6),
        ("data_rows", "1'000'000", 1e6),
        ("data_rows", "1\u202f000\u202f000", 1e6),
        ("data_rows", "1e6", 1e6),
        ("model_parameters", "7B", 7e9),
        ("model_parameters", "7bn parameters", 7e9),
        ("data_gb", "16 GB", 16.0),
        ("data_gb", "1.5TB", 1500.0),
        ("data_gb", "512 MB", 0.512),
        ("data_gb", "1 GiB", 1.073741824),
        ("memory_mb", "2 GB", 2000.0),
        ("latency_ms", "0.5 s", 500.0),
        ("latency_ms", "20ms", 20.0),
        ("training_minutes", "2 h", 120.0),
        ("training_minutes", "90 s", 1.5),
        ("new_model_days", "2 weeks", 14.0),
        ("support_horizon_years", "18 months", 1.5),
        ("requests_per_second", "100 1/s", 100.0),
        ("requests_per_second", "2k rps", 2000.0),
        ("requests_per_second", "120 per minute", 2.0),
    ],
)
def test_numbers_with_units_are_converted(shipped_release: Release, question: str, cell: str, meant: float) -> None:
    assert answer(shipped_release, question, cell) == pytest.approx(meant, rel=1e-15)


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("team_size", "1,000"),
        ("team_size", "2,5"),
        ("team_size", "1.234,5"),
        ("team_size", "0x10"),
        ("team_size", "inf"),
        ("team_size", "nan"),
        ("team_size", "1e999"),
        ("team_size", "１２"),
        ("team_size", "5."),
        ("team_size", "--5"),
        ("team_size", "=2"),
        ("team_size", "5 GB"),
        ("team_size", "50 %"),
        ("team_size", "about 5"),
        ("team_size", "5-10"),
        ("team_size", "12 34"),
        ("data_gb", "16 Gbit"),
        ("data_gb", "16 ms"),
        ("data_rows", "1.5m"),
        ("new_model_days", "2 months"),
        ("latency_ms", "5 rows"),
    ],
)
def test_what_is_no_number_or_could_be_two_is_refused(shipped_release: Release, question: str, cell: str) -> None:
    assert said(shipped_release, question, cell).faults


@pytest.mark.parametrize(
    ("decimal", "cell", "meant"),
    [
        (",", "2,5", 2.5),
        (",", "1.234,5", 1234.5),
        (",", "1.234", 1234.0),
        (",", "1 234,5", 1234.5),
        (",", "2.5", None),
        (",", "1.23,4", None),
        (".", "1,234.5", 1234.5),
        (".", "1,234,567", 1234567.0),
        (".", "2,5", None),
        (".", "1.234,5", None),
    ],
)
def test_where_the_decimal_sign_is_said_it_holds(
    shipped_release: Release, decimal: str, cell: str, meant: float | None
) -> None:
    found = said(shipped_release, "data_gb", cell, FileMapping(decimal=decimal))
    assert (found.answer, bool(found.faults)) == (meant, meant is None)


@given(st.text(max_size=20), st.sampled_from([None, ",", "."]))
def test_no_text_is_a_number_by_accident(shipped_release: Release, text: str, decimal: str | None) -> None:
    question = shipped_release.questionnaire.questions["team_size"]
    with suppress(InvalidInput):
        found = number(text, question, decimal)
        assert any(letter in "0123456789" for letter in text)
        assert found == found


@pytest.mark.parametrize(
    ("question", "cell", "meant"),
    [
        ("offline", "Yes", True),
        ("offline", "FALSE", False),
        ("offline", "1", True),
        ("offline", "n", False),
        ("stage", "Production", "production"),
        ("deploy_targets", "server_cpu; android", ("server_cpu", "android")),
        ("deploy_targets", "android|ios", ("android", "ios")),
        ("deploy_targets", "android, ios", ("android", "ios")),
        ("deploy_targets", "android\nios", ("android", "ios")),
        ("deploy_targets", '["ios", "android"]', ("android", "ios")),
        ("deploy_targets", "Server CPU;;", ("server_cpu",)),
        ("deploy_targets", "none", ("none",)),
        ("deploy_targets", "[]", ("none",)),
        ("deploy_targets", "; ;", None),
        ("known_frameworks", "None", ()),
        ("known_frameworks", "[]", ()),
        ("existing_code", "PyTorch; scikit learn", ("pytorch", "scikit-learn")),
        ("considering", "PyTorch@2.9", ("pytorch",)),
        ("priorities", "low_upkeep; accuracy", ("low_upkeep", "accuracy")),
        ("python_version", "3.10", "3.10"),
        *((question, cell, None) for question in ("stage", "team_size", "offline") for cell in ("", " ", "?", "N/A")),
    ],
)
def test_cells_mean_what_they_say(shipped_release: Release, question: str, cell: str, meant: object) -> None:
    found = answer(shipped_release, question, cell)
    assert (set(found) if isinstance(found, tuple) and question != "priorities" else found) == (
        set(meant) if isinstance(meant, tuple) and question != "priorities" else meant
    )


@pytest.mark.parametrize(
    ("question", "cell", "near"),
    [
        ("deploy_targets", "android; ios, browser", None),
        ("deploy_targets", "androd", "android"),
        ("deploy_targets", "[1", None),
        ("deploy_targets", '[["ios"]]', None),
        ("stage", "none", None),
        ("stage", "production;research", "production"),
        ("offline", "perhaps", None),
        ("python_version", "3.1", "3.10"),
        ("considering", "pytorch@2.1; pytorch@2.2", None),
    ],
)
def test_cells_that_say_nothing_or_two_things_are_refused(
    shipped_release: Release, question: str, cell: str, near: str | None
) -> None:
    (fault, *_) = said(shipped_release, question, cell).faults
    assert fault.nearest == near


def test_versions_are_kept(shipped_release: Release) -> None:
    assert said(shipped_release, "considering", "pytorch@2.9; jax").versions == (("pytorch", "2.9"),)


def test_words_mean_what_the_mapping_says(shipped_release: Release) -> None:
    words: dict[str, dict[str, tuple[str, ...]]] = {
        "deploy_targets": {"handys": ("android", "ios"), "on prem": ("server_cpu",), "nowhere": ()},
        "stage": {"go-live": ("production",), "1": ("research",)},
        "offline": {"ja": ("yes",)},
        "team_size": {"small": ("5",)},
    }
    mapping = FileMapping(values=words, unknown=frozenset({"tbd", "0"}))
    assert answer(shipped_release, "deploy_targets", "Handys; On  prem", mapping) == ("server_cpu", "android", "ios")
    assert answer(shipped_release, "deploy_targets", "nowhere", mapping) == ("none",)
    assert answer(shipped_release, "deploy_targets", "browser", mapping) == ("browser",)
    assert answer(shipped_release, "stage", "GO-LIVE", mapping) == "production"
    assert answer(shipped_release, "offline", "Ja", mapping) is True
    assert answer(shipped_release, "team_size", "small", mapping) == 5.0
    assert answer(shipped_release, "team_size", "0", mapping) is None
    assert answer(shipped_release, "stage", "TBD", mapping) is None
    speller = Speller(shipped_release.questionnaire.questions["stage"], shipped_release.questionnaire, mapping)
    assert speller.value(1).answer == "research"
    assert [fault.value for fault in said(shipped_release, "stage", "alive", mapping).faults] == ["'alive'"]
