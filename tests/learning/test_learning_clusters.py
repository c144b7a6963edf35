"""Groups of projects are found where there are some, come back, are told in words, and are not made up."""

from functools import partial

import numpy as np
import pytest
from sklearn.cluster import KMeans

from learning import clusters, kinds, projects
from rules import batch, completions, sampling
from rules.conditions import column_parts
from rules.conditions.columns import SetColumn, Sheet
from rules.release import Release
from rules.requirements import parse

PLANTED = ("tables", "language models on servers", "apps for all phones")
OFTEN = {"tables": 60, "language models on servers": 40, "apps for all phones": 30}


@pytest.fixture(scope="module")
def planted(shipped_release: Release) -> tuple[Sheet, list[str]]:
    """Projects of three kinds; what else they answer has nothing to do with their kind."""
    drawn = sampling.draw(shipped_release, sum(OFTEN.values()), "planted", sampling.Habits(answered=(0.1,)))
    named = [kind for kind, count in OFTEN.items() for _ in range(count)]
    rows: list[dict[str, object]] = []
    for number, kind in enumerate(named):
        answers = parse(drawn.answers(number), shipped_release.questionnaire).values
        rows.append({**answers, **kinds.KINDS[kind]})
    order = np.random.default_rng(3).permutation(len(rows))
    return batch.varied(shipped_release, {}, [rows[i] for i in order]), [named[i] for i in order]


def test_planted_kinds_are_found_told_and_assigned(shipped_release: Release, planted: tuple[Sheet, list[str]]) -> None:
    sheet, named = planted
    found = clusters.clusters(shipped_release, "training", sheet)
    assert [group.size for group in found.groups] == [60, 40, 30]
    labels = found.assign(sheet)
    assert [{n for n, label in zip(named, labels, strict=True) if label == g} for g in range(3)] == [
        {k} for k in PLANTED
    ]
    blocks = [(sheet, np.full(sheet.rows, weight)) for weight in (1, 3)]
    assert clusters.sizes(found, blocks) == [(120, 240), (80, 160), (60, 120)]
    modality = sheet.columns["modality"]
    assert isinstance(modality, SetColumn)
    says = modality.holds("tabular")
    told = {shared.question: (shared.inside, shared.outside) for shared in found.groups[0].more}
    assert told["modality"] == (int(says[labels == 0].sum()), int(says[labels != 0].sum()))
    assert all(shared.inside < shared.outside for group in found.groups for shared in group.less)
    chosen = next(each for each in found.tried if each.groups == 3)
    assert chosen.passes
    assert min(chosen.reseeded, chosen.subsampled) > 0.95


def test_answers_that_have_nothing_to_do_with_each_other_make_no_groups(shipped_release: Release) -> None:
    rng = np.random.default_rng(11)
    drawn = completions.complete(shipped_release, {}, (), "nothing in common", 400).sheet
    mixed = {name: column.take(rng.permutation(drawn.rows)) for name, column in drawn.columns.items()}
    found = clusters.clusters(shipped_release, "training", Sheet(drawn.rows, mixed))
    assert found.groups == ()
    assert found.tried


def test_too_few_projects_make_no_groups(shipped_release: Release, planted: tuple[Sheet, list[str]]) -> None:
    few = Sheet(10, {name: column.take(np.arange(10)) for name, column in planted[0].columns.items()})
    assert clusters.clusters(shipped_release, "training", few).groups == ()
    nothing = projects.sample(shipped_release, 40, "x").sheet
    empty = Sheet(nothing.rows, {})
    assert clusters.clusters(shipped_release, "training", empty).groups == ()


def test_the_same_projects_make_the_same_groups(shipped_release: Release, planted: tuple[Sheet, list[str]]) -> None:
    sheet, _ = planted
    twice = {name: column_parts.join([column, column]) for name, column in sheet.columns.items()}
    once = clusters.clusters(shipped_release, "training", sheet)
    double = clusters.clusters(shipped_release, "training", Sheet(2 * sheet.rows, twice))
    assert [2 * group.size for group in once.groups] == [group.size for group in double.groups]
    assert once.groups == clusters.clusters(shipped_release, "training", sheet).groups


GAPPY = (  # of which each answer is left out now and then
    (100, "train", "deep_learning", "classification", "image", ("android", "ios"), True, "pytorch"),
    (100, "train", "classical_ml", "forecasting", "tabular", ("server_cpu",), False, "scikit-learn"),
    (16, "train", "llm", "text_generation", "text", ("server_gpu",), False, "transformers"),
)
ASKED = ("need", "approach", "task", "modality", "deploy_targets", "offline", "existing_code")


FIT = clusters._fit


def _fit_from(start: int, values: clusters.Values, groups: int, seed: int) -> KMeans:
    return FIT(values, groups, start + seed)


def test_neither_the_order_of_the_projects_nor_the_starting_points_make_groups(
    shipped_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(7)
    rows = []
    for count, *kind in GAPPY:
        for _ in range(count):
            said = {name: value for name, value in zip(ASKED, kind, strict=True) if rng.random() < 0.85}
            rows.append(parse(said, shipped_release.questionnaire).values)
    found = []
    for start in range(8):
        monkeypatch.setattr(clusters, "_fit", partial(_fit_from, 1000 * start))
        sheet = batch.varied(shipped_release, {}, [rows[at] for at in rng.permutation(len(rows))])
        found.append(clusters.clusters(shipped_release, "training", sheet).groups)
    assert [group.size for group in found[0]] == [100, 100, 16]
    assert all(each == found[0] for each in found)
