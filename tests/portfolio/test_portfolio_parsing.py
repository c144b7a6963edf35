"""A block says of every row what `rules.requirements.parse` says of the same record: answers, versions and faults."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.blocks import Block, requirements
from portfolio.mapping import FileMapping
from portfolio.reading import arrow, parse, telling
from portfolio.reading.frames import LINE, RECORD
from rules.conditions.columns import NumberColumn
from rules.release import Release
from rules.requirements import MAX_ANSWERS
from tests.portfolio import answering

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def read_as(many: bool) -> Iterator[None]:
    """Few rows read as many are, or as few."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("columns", "parsing") if many else ():
            patch.setattr(f"portfolio.reading.{module}.MANY_ROWS", 0)
        yield


def block_of(given: dict[str, pl.Series], release: Release, mapping: FileMapping | None = None) -> Block:
    return parse(pl.DataFrame(given), 1, release.questionnaire, release.names, mapping)


def numbers_of(block: Block, question: str) -> list[float]:
    column = block.sheet.columns[question]
    assert isinstance(column, NumberColumn)
    return list(column.value.tolist())


@CALM
@given(st.data())
def test_records_are_understood_as_one_by_one(shipped_release: Release, data: st.DataObject) -> None:
    questionnaire = shipped_release.questionnaire
    finite = answering.records(questionnaire).filter(_has_json)
    rows = data.draw(st.lists(finite, min_size=1, max_size=12))
    texts = [json.dumps(row) for row in rows]
    block = block_of({RECORD: pl.Series(texts, dtype=pl.String)}, shipped_release)
    assert answering.in_block(block, questionnaire, len(rows)) == [
        answering.one_by_one(json.loads(text), questionnaire) for text in texts
    ]
    assert block.read == len(rows) == block.sheet.rows + block.failed
    assert block.silent == sum(not found.values for found in requirements(block, questionnaire))


def _has_json(record: dict[str, object]) -> bool:
    try:
        text = json.dumps(record, allow_nan=False)
    except ValueError:
        return False
    return len(text) < 4000  # Python reads no whole numbers of more digits


@CALM
@given(st.data())
def test_typed_columns_are_understood_as_one_by_one(shipped_release: Release, data: st.DataObject) -> None:
    questionnaire = shipped_release.questionnaire
    question = data.draw(st.sampled_from(list(questionnaire.questions.values())))
    options = answering.options(question, questionnaire) or ["1", "yes"]
    text = st.sampled_from([*options, "perhaps", "none"])
    kinds: list[tuple[pl.DataType, st.SearchStrategy[object]]] = [
        (pl.Float64(), st.floats()),
        (pl.Float64(), st.floats(0, 100)),
        (pl.Int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(0, 200)),
        (pl.UInt8(), st.integers(0, 255)),
        (pl.Float32(), st.floats(0, 1e6, width=32)),
        (pl.Boolean(), st.booleans()),
        (pl.List(pl.Int64()), st.lists(st.integers(0, 3), max_size=2)),
    ]
    if answering.several(question):
        lists = st.lists(text, max_size=3) | st.lists(text | st.none(), max_size=70)
        kinds += [(pl.List(pl.String()), lists)] * 4 + [(pl.List(pl.Categorical()), st.lists(text, max_size=3))]
    dtype, values = data.draw(st.sampled_from(kinds))
    column = pl.Series(question.id, data.draw(st.lists(values | st.none(), min_size=1, max_size=20)), dtype=dtype)
    column = column.slice(data.draw(st.integers(0, 2)))
    with read_as(data.draw(st.booleans())):
        block = block_of({question.id: column}, shipped_release)
    expected = [answering.one_by_one({question.id: value}, questionnaire) for value in column.to_list()]
    assert answering.in_block(block, questionnaire, len(column)) == expected


def test_lists_of_many_rows_are_understood_as_those_of_few(shipped_release: Release) -> None:
    for question in filter(answering.several, shipped_release.questionnaire.questions.values()):
        options = answering.options(question, shipped_release.questionnaire)
        pairs = [[one, other] for one in (options[0], options[-1]) for other in [*options, "perhaps", None]]
        column = pl.Series(question.id, [*([option] for option in options), *pairs, [], None, options[:1] * 70])
        few = block_of({question.id: column}, shipped_release)
        with read_as(many=True):
            many = block_of({question.id: column}, shipped_release)
        assert many.faults == few.faults
        assert list(requirements(many, shipped_release.questionnaire)) == list(
            requirements(few, shipped_release.questionnaire)
        )


@CALM
@given(st.data())
def test_texts_with_semicolons_are_the_lists_they_stand_for(shipped_release: Release, data: st.DataObject) -> None:
    questionnaire = shipped_release.questionnaire
    question = data.draw(st.sampled_from([q for q in questionnaire.questions.values() if answering.several(q)]))
    word = st.sampled_from([*answering.options(question, questionnaire), "perhaps", "pytorch@2.1"])
    rows = data.draw(st.lists(st.lists(word, min_size=1, max_size=5), min_size=1, max_size=20))
    with read_as(data.draw(st.booleans())):
        block = block_of({question.id: pl.Series(["; ".join(row) for row in rows])}, shipped_release)
    plain = block_of({question.id: pl.Series([";".join(row) for row in rows])}, shipped_release)
    expected = [answering.one_by_one({question.id: row}, questionnaire) for row in rows]
    assert answering.in_block(block, questionnaire, len(rows)) == expected
    assert answering.in_block(plain, questionnaire, len(rows)) == expected


@CALM
@given(st.lists(st.floats(0, 1e15) | st.integers(0, 10**15), min_size=1, max_size=20))
def test_numbers_as_text_are_the_numbers_they_stand_for(small_release: Release, numbers: list[float]) -> None:
    texts = [f"{number:.17f}" if isinstance(number, float) else str(number) for number in numbers]
    assert numbers_of(block_of({"data_rows": pl.Series(texts)}, small_release), "data_rows") == [
        float(text) for text in texts
    ]


@pytest.mark.parametrize("many", [False, True])
def test_contradictions_are_found_between_columns(shipped_release: Release, many: bool) -> None:
    rows = [("3.12", "3.10"), ("3.10", "3.12"), (None, "3.12"), ("3.9", "3.9")]
    columns = {name: pl.Series([row[i] for row in rows]) for i, name in enumerate(("python_version", "python_min"))}
    with read_as(many):
        block = block_of(columns, shipped_release)
    questionnaire = shipped_release.questionnaire
    expected = [answering.one_by_one(dict(zip(columns, row, strict=True)), questionnaire) for row in rows]
    assert answering.in_block(block, questionnaire, len(rows)) == expected
    assert block.row.tolist() == [1, 3, 4]


@pytest.mark.parametrize("distinct", [telling.MOST, telling.MOST + 1])
def test_texts_told_apart_where_they_lie_are_what_polars_reads(distinct: int) -> None:
    # some stand in their views; of the others some are alike but in the middle, some but at the end
    words = [
        (f"{i}", f"{i:012d}", f"the same {i:04d} is the end", f"the same is the begin {i:04d} é")[i % 4]
        for i in range(distinct)
    ]
    lists = [
        None if i % 5 == 0 else [words[(i * k) % distinct] if k else None for k in range(i % 4)] for i in range(600)
    ]
    column = pl.Series([["before"], *lists])[1:]
    found = arrow.lists(column)
    if distinct > telling.MOST:
        assert found is None
        return
    assert found is not None
    texts = [*found.flat.texts, None]
    each = zip(found.known, found.start.tolist(), found.start[1:].tolist(), strict=False)
    read = [[texts[code] for code in found.flat.code[begin:end]] if known else None for known, begin, end in each]
    assert read == column.to_list()


def test_weights_are_read_as_numbers_are(small_release: Release) -> None:
    given = ["2", None, "1,5", "-1", "many", "1e10", "0"]
    stage = pl.Series(["research"] * len(given))
    block = block_of({"weight": pl.Series(given), "stage": stage}, small_release, FileMapping(headers={"weight": "W"}))
    assert block.weight is not None
    assert (block.row.tolist(), block.weight.tolist()) == ([1, 2, 7], [2, 1, 0])
    assert [(f.row, f.column, f.value) for f in block.faults] == [
        (3, "W", "'1,5'"),
        (4, "W", "-1.0"),
        (5, "W", "'many'"),
        (6, "W", "10000000000.0"),
    ]
    assert block.faults[1].reason == "expected a number from 0 to 1000000000 (weight)"
    records = pl.Series(['{"weight": 3, "answers": {}}', '{"stage": "research"}'], dtype=pl.String)
    named = block_of({RECORD: records}, small_release, FileMapping(columns={"weight": "weight"}))
    assert named.weight is not None
    assert named.weight.tolist() == [3, 1]
    late = block_of({RECORD: records}, small_release)  # the look at the file saw none: results have no such column
    assert (late.weight, [(f.row, f.column) for f in late.faults]) == (None, [(1, "weight")])


def test_good_rows_keep_their_numbers_and_bad_rows_their_lines(small_release: Release) -> None:
    frame = pl.DataFrame(
        {
            LINE: [12, 13, 17],
            "id": ["a", "b", "c"],
            "stage": ["research", "reserch", "production"],
            "name": [None, "x", "y"],
        }
    )
    block = parse(frame, 101, small_release.questionnaire, small_release.names, index=7)
    assert (block.index, block.row.tolist(), block.id.to_list(), block.name.to_list()) == (
        7,
        [101, 103],
        ["a", "c"],
        ["", "y"],
    )
    (fault,) = block.faults
    assert (fault.row, fault.line, fault.column, fault.value, fault.nearest) == (
        102,
        13,
        "stage",
        "'reserch'",
        "research",
    )
    assert fault.reason == "expected one of: education, research, prototype, production"


def test_faults_name_the_column_as_the_file_does(small_release: Release) -> None:
    mapping = FileMapping(headers={"stage": "Phase"})
    block = block_of({"stage": pl.Series(["reserch"])}, small_release, mapping)
    assert [fault.column for fault in block.faults] == ["Phase"]


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("[1]", "", "[1]"),
        ("null", "", "null"),
        ("{", "", "''"),
        ('{"answers": 3}', "answers", "3"),
        ('{"answers": {}, "nam": "x"}', "", "'nam'"),
        ('{"answers": {}, "name": [1]}', "name", "[1]"),
        ('{"answers": {}, "id": true}', "id", "true"),
        ('{"answers": {"id": "a"}}', "", "'id'"),
        ('{"answers": {}, "name": "\\ud800"}', "name", "'\\ud800'"),
        ('{"answers": {}, "answers": {}}', "", "the key 'answers', used twice in one object,"),
        ('{"team_size": 1e999}', "team_size", "inf"),
        ("[" * 3000 + "]" * 3000, "", "this nesting"),
        (json.dumps(dict.fromkeys(map(str, range(MAX_ANSWERS + 1)))), "", "501 answers"),
    ],
)
def test_a_line_of_json_is_read_strictly(small_release: Release, line: str, column: str, value: str) -> None:
    texts = ['{"stage": "research"}', line, '{"id": 5, "stage": "research"}']
    block = block_of({RECORD: pl.Series(texts)}, small_release)
    assert (block.row.tolist(), block.id.to_list()) == ([1, 3], ["", "5"])
    assert [(fault.row, fault.column, fault.value) for fault in block.faults][:1] == [(2, column, value)]


def test_ids_and_names_are_short_texts(small_release: Release) -> None:
    stage = pl.Series(["research"] * 3)
    block = block_of({"id": pl.Series([1, None, 3]), "stage": stage}, small_release)
    assert block.id.to_list() == ["1", "", "3"]
    block = block_of({"name": pl.Series([" a ", "x" * 301, None]), "stage": stage}, small_release)
    assert (block.name.to_list(), [fault.column for fault in block.faults]) == (["a", ""], ["name"])
    block = block_of({"id": pl.Series([1.5, None, 2.0]), "stage": stage}, small_release)
    assert [(fault.row, fault.value) for fault in block.faults] == [(1, "1.5"), (3, "2.0")]


def test_a_block_may_be_empty(small_release: Release) -> None:
    block = block_of({"stage": pl.Series([], dtype=pl.String)}, small_release)
    assert (block.read, block.sheet.rows, block.faults) == (0, 0, ())
    block = block_of({"stage": pl.Series([None, None])}, small_release)
    assert (block.read, block.sheet.rows, dict(block.sheet.columns)) == (2, 2, {})


def test_what_was_parsed_before_changes_nothing(small_release: Release) -> None:
    first = pl.Series(["5", "6", "x"])
    for _ in range(2):
        block = block_of({"team_size": first}, small_release)
        assert [fault.value for fault in block.faults] == ["'x'"]
    german = block_of({"team_size": pl.Series(["5,5"])}, small_release, FileMapping(decimal=","))
    assert numbers_of(german, "team_size") == [5.5]
    assert numbers_of(block, "team_size") == [5.0, 6.0]


def test_a_text_in_a_cell_and_in_a_record_are_read_each_in_its_way(small_release: Release) -> None:
    cell = {"stage": pl.Series(["Production"])}
    record = {RECORD: pl.Series(['{"stage": "Production"}'])}
    for columns, failed in ((cell, 0), (record, 1), (cell, 0)):
        assert block_of(columns, small_release).failed == failed
    for number in (0.0, -0.0):
        (fault,) = block_of({"team_size": pl.Series([number])}, small_release).faults
        assert fault.value == repr(number)
