"""What a person says of a file: read strictly, kept whole."""

import pytest

from portfolio import mapping
from rules.faults import InvalidInput
from rules.release import Release

SAID = {
    "columns": {"Team": "team_size", "Owner": "-", "*": "-"},
    "values": {"stage": {"Go  Live": "production", True: "research"}, "deploy_targets": {"Handys": ["android", "ios"]}},
    "unknown": ["TBD", 0],
    "decimal": ",",
    "sheet": "Projects",
}


def test_a_mapping_is_read_and_kept(small_release: Release) -> None:
    found = mapping.parse(SAID, small_release.questionnaire)
    assert found.columns == SAID["columns"]
    assert found.values == {
        "stage": {"go live": ("production",), "yes": ("research",)},
        "deploy_targets": {"handys": ("android", "ios")},
    }
    assert (found.unknown, found.decimal, found.sheet) == (frozenset({"tbd", "0"}), ",", "Projects")
    assert mapping.from_document(found.document()) == found
    assert mapping.parse(None, small_release.questionnaire) == mapping.FileMapping()


def test_options_are_put_over_it(small_release: Release) -> None:
    said = mapping.FileMapping(columns={"Team": "-", "Owner": "-"})
    found = mapping.with_options(said, ["Team = team_size", "a=b=stage"], small_release.questionnaire)
    assert found.columns == {"Team": "team_size", "Owner": "-", "a=b": "stage"}
    with pytest.raises(InvalidInput) as caught:
        mapping.with_options(said, ["Team", "=stage", "x=stge"], small_release.questionnaire)
    assert [fault.nearest for fault in caught.value.faults] == [None, None, "stage"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "mapping: [] is not an object"),
        ({"colums": {}}, "did you mean 'columns'?"),
        ({"columns": {"a": "stge"}}, "mapping.columns.a: 'stge' is not a question, id, name, weight, packages or '-'"),
        ({"columns": {"*": "stage"}}, "to leave columns out"),
        ({"columns": ["a"]}, "mapping.columns: ['a'] is not an object"),
        ({"columns": {"a": None}}, "to leave columns out"),
        ({"columns": {"a": ["stage"]}}, "is not a question, id, name"),
        ({"values": {"stge": {}}}, "did you mean 'stage'?"),
        ({"values": {"stage": {"a": {"b": 1}}}}, "a word of at most"),
        ({"values": {"stage": {"a": "x" * 501}}}, "a word of at most"),
        ({"unknown": "tbd"}, "a list of at most"),
        ({"decimal": ";"}, "mapping.decimal"),
        ({"decimal": []}, "mapping.decimal"),
        ({"sheet": 3}, "the name of a sheet"),
    ],
)
def test_every_fault_of_a_mapping_is_told(small_release: Release, document: object, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        mapping.parse(document, small_release.questionnaire)
    assert said in str(caught.value)
