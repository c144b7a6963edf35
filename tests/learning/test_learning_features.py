"""What a tree may ask: the same of one project and of a sheet, in words that a person can answer."""

import numpy as np
import pytest

from learning import features, wording
from learning.features import Feature
from rules import requirements, sampling
from rules.compiled import Release
from rules.sampling import Habits

OFTEN = Habits(answered=(0.5, 0.9))


@pytest.mark.parametrize("role", ["training", "runtime"])
def test_a_column_says_what_holds_of_each_row(shipped_release: Release, role: str) -> None:
    drawn = sampling.draw(shipped_release, 150, "features", OFTEN)
    found = features.all_of(shipped_release, role)
    held = np.stack([feature.column(drawn.sheet) for feature in found], axis=1)
    for row in range(150):
        values = requirements.parse(drawn.answers(row), shipped_release.questionnaire).values
        assert held[row].tolist() == [feature.holds(values) for feature in found]
    assert 0.01 < held.mean() < 0.5


def test_what_is_not_known_is_no() -> None:
    for feature in (Feature("a", ("x",), None, "?"), Feature("a", (), 5.0, "?"), Feature("a", (), None, "?")):
        assert not feature.holds({})
    assert not Feature("a", (), None, "?").holds({"a": False})
    assert Feature("a", (), None, "?").holds({"a": True})


def test_a_number_is_reached_at_its_bound() -> None:
    enough = Feature("rows", (), 100.0, "?")
    assert [enough.holds({"rows": rows}) for rows in (99.9, 100.0, 101.0)] == [False, True, True]


def test_what_can_be_asked_is_asked_at_once_and_weighed_by_the_engine(shipped_release: Release) -> None:
    for role in ("training", "runtime"):
        found = features.askable(shipped_release, role)
        assert {f.question for f in found} <= set(features.AT_ONCE)
        assert set(found) < set(features.all_of(shipped_release, role))
        assert len({f.text for f in found}) == len(found)
        assert all(f.text.endswith("?") for f in found)
        assert all(f.at_least is None or f.at_least > 0 for f in found)
    training = {f.question for f in features.askable(shipped_release, "training")}
    assert {"approach", "deploy_targets", "training_language"} <= training


def test_words_of_their_own_belong_to_options_that_there_are(shipped_release: Release) -> None:
    questions = shipped_release.questionnaire.questions
    for key in wording.WORDS:
        name, _, options = key.partition("=")
        assert set(options.split("|")) <= {option.id for option in questions[name].options}, key
    assert set(wording.TEMPLATES) <= set(questions)


def test_splits_are_questions_in_plain_words(shipped_release: Release) -> None:
    texts = {(f.question, f.options, f.at_least): f.text for f in features.all_of(shipped_release, "training")}
    assert texts["deploy_targets", ("browser",), None] == "Must it run in a web browser?"
    assert texts["deploy_targets", ("android", "ios"), None] == "Must it run on phones?"
    assert texts["stage", ("research",), None] == "Is it for research?"
    assert texts["task", ("ocr",), None] == "Is text recognition (OCR) one of its tasks?"
    assert texts["training_language", ("python",), None] == "Is the training code written in Python?"
    assert texts["data_rows", (), 0.0] == "Number of examples: stated at all?"
    assert texts["train_devices", (), 1.0] == "Number of accelerators: 1 or more?"
    assert texts["data_rows", (), 1_000_000.0] == "Number of examples: 1 million rows or more?"


@pytest.mark.parametrize(
    ("value", "said"), [(0.5, "0.5"), (12, "12"), (20_000, "20,000"), (1_500_000, "1.5 million"), (1e9, "1000 million")]
)
def test_numbers_are_read_aloud(value: float, said: str) -> None:
    assert wording.number(value) == said
