"""Portfolios as pages without a browser: a file looked at before any work, what comes of it, and nothing given away."""

import csv
import html
import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from advisor import knowledge, portfolio_drafts, portfolio_tidying, portfolio_views, portfolios
from advisor.errors import NotYet
from advisor.house import House, PortfolioRoom
from advisor.portfolio_worker import Worker
from advisor.settings import Settings
from api.app import create_app
from storage.database import Database
from tests.conftest import NOW, PROFILE
from tests.web.test_web_pages import text_of

EVIL = "<script>alert(1)</script>"
HEAD = "id,name,stage,deploy_targets,existing_code\n"
ROWS = "".join(
    f"p{n},Project {n},{('research', 'production', '')[n % 3]},{('android', '', 'server_cpu;android')[n % 3]},"
    f"{('pytorch', 'tensorflow', 'caffe', '')[n % 4]}\n"
    for n in range(60)
)
BAD = f"bad,{EVIL},reserch,androit,\n"
FILE = (HEAD + ROWS + BAD).encode()


@pytest.fixture
def work(house: House) -> Callable[[], None]:
    """Everything that waits, worked on."""

    def worked() -> None:
        worker = Worker(house)
        while worker.step():
            pass

    return worked


@pytest.fixture(scope="module")
def stood(tmp_path_factory: pytest.TempPathFactory, small_pack_folder: Path) -> Iterator[tuple[House, str]]:
    """A house, and in it the address of a portfolio that is done: 60 good rows and a bad one."""
    home = tmp_path_factory.mktemp("done")
    database = Database(f"sqlite:///{home / 'test.db'}")
    database.require_head()
    built = House(database, lambda: NOW, lambda: PROFILE, portfolios=PortfolioRoom(home / "portfolios"))
    knowledge.publish(built, small_pack_folder)
    client = TestClient(create_app(built, Settings(home=home)))
    address = started(client, sent(client, FILE))
    worker = Worker(built)
    while worker.step():
        pass
    yield built, address
    database.close()


@pytest.fixture
def reader(stood: tuple[House, str], tmp_path: Path) -> TestClient:
    """A client of the house with a portfolio that is done."""
    return TestClient(create_app(stood[0], Settings(home=tmp_path)), headers={"accept": "text/html"})


@pytest.fixture
def done(stood: tuple[House, str]) -> str:
    """The address of the portfolio that is done."""
    return stood[1]


def sent(client: TestClient, content: bytes, name: str = "Ours.csv") -> str:
    """The address where a file is looked at."""
    answer = client.post("/portfolios", files={"file": (name, content)}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["location"]
    assert re.fullmatch(r"/portfolios/drafts/[0-9a-f]{32}", address)
    return address


def started(client: TestClient, draft: str, **fields: Any) -> str:
    """The address of the portfolio that a file becomes."""
    answer = client.post(draft, data={"start": "yes", **fields}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["location"]
    assert re.fullmatch(r"/portfolios/pf-[0-9a-f]{32}", address)
    return address


def told(client: TestClient, address: str, **query: Any) -> Any:
    """What programs are told at the same address."""
    answer = client.get(f"/v1{address}", params=query, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows_on(page: str) -> list[int]:
    """The rows that a page of rows leads to."""
    return [int(each) for each in re.findall(r'<a href="/portfolios/pf-[0-9a-f]+/rows/(\d+)">', page)]


def kept(house: House) -> list[str]:
    """What lies where portfolios lie."""
    assert house.portfolios
    return [each.name for each in house.portfolios.folder.iterdir()] if house.portfolios.folder.exists() else []


# --- A file is handed in ---------------------------------------------------------------------------------------------


def test_the_page_takes_a_file_and_gives_templates(client: TestClient, house: House) -> None:
    page = client.get("/portfolios").text
    assert re.search(r'type="file"[^>]*required', page)
    assert "Nothing has been handed in yet." in page
    questions = [q["id"] for q in client.get("/v1/questions").json()["items"]]
    links = re.findall(r'href="(/portfolios/template\.\w+)"', page)
    assert [each.rpartition(".")[2] for each in links] == ["xlsx", "csv", "jsonl", "txt"]
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200
        assert "attachment" in answer.headers["content-disposition"]
    header = next(csv.reader(io.StringIO(client.get("/portfolios/template.csv").text)))
    assert header == ["id", "name", "weight", *questions]
    assert "An empty cell means: not known." in client.get("/portfolios/template.txt").text
    assert client.get("/portfolios/template.xlsx").content[:2] == b"PK"
    assert client.get("/portfolios/template.exe").status_code == 404


def test_the_template_that_is_handed_out_is_understood(client: TestClient) -> None:
    for kind in ("xlsx", "csv", "jsonl"):
        draft = sent(client, client.get(f"/portfolios/template.{kind}").content, f"ours.{kind}")
        words = text_of(client.get(draft).text)
        assert "The only row is understood." in words
        assert "Score it" in words


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"file": ("", b"")}, "File: Expected a file of projects; found nothing"),
        ({"file": ("ours.docx", b"x")}, "a file that ends in one of: .csv"),
        ({"other": ("ours.csv", FILE)}, "File: Expected a file of projects; found nothing"),
    ],
)
def test_what_is_no_file_of_projects_is_told_beside_the_form(
    client: TestClient, house: House, files: Any, says: str
) -> None:
    answer = client.post("/portfolios", files=files)
    assert answer.status_code == 422
    assert says in text_of(answer.text)
    assert kept(house) == []


def test_a_file_may_be_as_large_as_the_service_takes_and_no_larger(house: House, tmp_path: Path) -> None:
    room = PortfolioRoom(tmp_path / "portfolios", max_bytes=4096)
    app = create_app(
        replace(house, portfolios=room), Settings(home=tmp_path, max_body_bytes=1024, max_upload_bytes=4096)
    )
    client = TestClient(app, headers={"accept": "text/html"})
    sent(client, FILE[:2500])
    answer = client.post("/portfolios", files={"file": ("ours.csv", b"x" * 4500)})
    assert (answer.status_code, "The file is larger than 4096 bytes." in answer.text) == (413, True)
    assert client.post("/portfolios", content=b"x", headers={"content-type": "text/csv"}).status_code == 415
    assert len(kept(replace(house, portfolios=room))) == 1


# --- And looked at ---------------------------------------------------------------------------------------------------


def test_columns_are_shown_before_any_work(client: TestClient, house: House) -> None:
    draft = sent(client, f"id,Stage,team sise,{EVIL}\nx,reserch,5,\n".encode())
    page = client.get(draft)
    assert page.headers["cache-control"] == "no-store"
    words = text_of(page.text)
    assert "2 columns are not understood" in words
    assert "perhaps: team_size" in words
    assert "guessed by its name" in words
    assert "Score it" not in words
    assert EVIL not in page.text
    assert html.escape(EVIL) in page.text
    assert told(client, "/portfolios")["items"] == []
    answer = client.post(draft, data={"header": ["team sise", EVIL], "meant": ["team_size", "-"]})
    assert answer.status_code == 200
    words = text_of(answer.text)
    assert "not understood" not in words
    assert "Of the first 1 row, 1 would be refused; the others are scored all the same." in words
    assert "did you mean “research”?" in words
    assert "Score it" in words
    assert kept(house) == [f".incoming-held-{draft.rpartition('/')[2]}"]


def test_a_column_of_packages_is_offered_and_told(client: TestClient) -> None:
    draft = sent(client, b"repo,Needs\na,torch; numpy\nb,numpy; torch>=2\nc,pandas\n")
    page = client.get(draft)
    words = text_of(page.text)
    assert "perhaps: id" in words
    assert "packages: what the project depends on" in words
    told = client.post(draft, data={"header": ["repo", "Needs"], "meant": ["id", "packages"]})
    words = text_of(told.text)
    assert "3 rows of these list packages. Taken for: pytorch (2, by torch)." in words
    assert "Passed over: numpy (2), pandas (1)." in words
    assert "1 row of these names no framework on file: c. Their packages: pandas (1)." in words
    assert "Score it" in words


def test_a_column_that_is_guessed_to_be_packages_is_said_so(client: TestClient) -> None:
    words = text_of(client.get(sent(client, b"id,Requirements\na,torch\n")).text)
    assert "guessed by its name" in words
    assert "The only row is understood." in words


def test_what_is_said_of_a_file_holds_when_it_is_scored(
    client: TestClient, house: House, work: Callable[[], None]
) -> None:
    draft = sent(client, b"id;Phase;size;x\n1;F&E;1.234,5;y\n2;tbd;7;z\n")
    said = {
        "header": ["Phase", "size"],
        "meant": ["stage", "data_rows"],
        "rest": "yes",
        "words": "stage: F&E = research\n\n",
        "unknown": "tbd, ?",
        "decimal": ",",
        "hardware": "local",
        "name": "Ours & theirs",
    }
    assert "All of the first 2 rows are understood." in text_of(client.post(draft, data=said).text)
    address = started(client, draft, **said)
    assert client.get(draft).status_code == 404
    assert kept(house) == [address.rpartition("/")[2]]
    work()
    seen = told(client, address)
    assert (seen["name"], seen["scored"], seen["failed"], seen["hardware"]) == ("Ours & theirs", 2, 0, "test machine")
    first, second = (told(client, f"{address}/rows/{n}")["answers"] for n in (1, 2))
    assert (first, second) == ({"stage": "research", "data_rows": 1234.5}, {"data_rows": 7})


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"words": "stage = research"}, "a line like “deploy_targets: Phones = android; ios”"),
        ({"words": "stagee: F&E = research"}, "did you mean “stage”?"),
        ({"header": ["Phase"], "meant": ["stagee"]}, "did you mean “stage”?"),
        ({"hardware": "profile", "hardware.profile": "hw-nobody"}, "Hardware"),
        ({"decimal": ";"}, "Decimal: Expected"),
        ({"start": "yes", "name": "x" * 201}, "Name: Expected one line of 1 to 200 characters"),
    ],
)
def test_what_is_said_wrongly_is_told_and_kept(client: TestClient, house: House, fields: Any, says: str) -> None:
    draft = sent(client, b"id,stage\n1,research\n")
    answer = client.post(draft, data={"unknown": "tbd", **fields})
    assert answer.status_code == 422
    assert says in text_of(answer.text)
    assert 'value="tbd"' in answer.text
    assert client.get(draft).status_code == 200
    assert told(client, "/portfolios")["items"] == []


def test_a_file_of_many_columns_makes_no_endless_page(client: TestClient) -> None:
    draft = sent(client, (",".join(["stage", *(f"c{n}" for n in range(300))]) + "\nresearch\n").encode())
    page = client.get(draft)
    assert page.text.count('<select name="meant"') == 200
    assert "101 more columns are not shown." in text_of(page.text)
    assert "Score it" in client.post(draft, data={"rest": "yes"}).text
    draft = sent(client, (",".join(["stage", *(f"c{n}" for n in range(2_000))]) + "\nresearch\n").encode())
    assert "Leave out every column" in client.get(draft).text
    assert "Score it" in client.post(draft, data={"rest": "yes"}).text


def test_a_broken_file_is_told(client: TestClient) -> None:
    for name, content in (("a.parquet", b"PAR1"), ("a.xlsx", b"PK"), ("a.csv", b""), ("a.csv", b"id\n1\n")):
        page = client.get(sent(client, content, name))
        assert page.status_code == 200
        assert "It cannot be read like this" in page.text
        assert 'name="start"' not in page.text


@pytest.mark.parametrize("draft", ["x", "0" * 32, "..%2F..", "pf-" + "0" * 32])
def test_a_file_that_is_not_there(client: TestClient, draft: str) -> None:
    assert client.get(f"/portfolios/drafts/{draft}").status_code == 404
    assert client.post(f"/portfolios/drafts/{draft}", data={"start": "yes"}).status_code == 404


def test_a_file_that_nobody_comes_back_to_goes_after_a_day(client: TestClient, house: House) -> None:
    draft, young = sent(client, FILE), sent(client, FILE)
    assert house.portfolios
    old = (house.now() - timedelta(days=2)).timestamp()
    os.utime(house.portfolios.folder / f".incoming-held-{draft.rpartition('/')[2]}", (old, old))
    os.utime(house.portfolios.folder / f".incoming-held-{young.rpartition('/')[2]}", (house.now().timestamp(),) * 2)
    portfolio_tidying.tidy(house)
    assert client.get(draft).status_code == 404
    assert client.get(young).status_code == 200


def test_files_that_wait_give_way_to_newer_ones(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = PortfolioRoom(tmp_path / "portfolios", max_incoming_bytes=3 * len(FILE))
    small = replace(house, portfolios=room)
    client = TestClient(create_app(small, Settings(home=tmp_path)), headers={"accept": "text/html"})
    drafts = []
    for age in (300, 400, 200, 100):  # seconds; the second is the oldest when the fourth comes
        drafts.append(sent(client, FILE))
        when = small.now().timestamp() - age
        os.utime(room.folder / f".incoming-held-{drafts[-1].rpartition('/')[2]}", (when, when))
    assert [client.get(each).status_code for each in drafts] == [200, 404, 200, 200]
    monkeypatch.setattr(portfolio_drafts, "MOST_HELD", 2)
    drafts.append(sent(client, FILE))
    assert [client.get(each).status_code for each in drafts] == [404, 404, 404, 200, 200]


def test_every_page_of_all_projects_tells_of_rows_that_answer_nothing(
    client: TestClient, work: Callable[[], None]
) -> None:
    address = started(client, sent(client, b"id,stage,packages\na,research,\nb,,numpy\nc,,\n"))
    work()
    for rest in ("", "/consolidation", "/movers", "/risk", "/groups", "/sensitivity"):
        assert "2 of 3 rows answer nothing: what comes first for them is" in text_of(client.get(address + rest).text)
    assert told(client, f"{address}/summary")["silent"] == 2


def test_projects_that_need_no_runtime_are_told(client: TestClient, work: Callable[[], None]) -> None:
    rows = b"a,train,classical_ml,server_cpu\nb,train,deep_learning,android\n"
    address = started(client, sent(client, b"id,need,approach,deploy_targets\n" + rows))
    work()
    for rest in ("", "/consolidation"):
        page = client.get(address + rest, params={"role": "runtime"}).text
        assert "1 of the 2 projects needs no runtime: what trains or serves its models" in text_of(page)
    assert "needs no runtime" not in text_of(client.get(address).text)
    assert [each["runtime_needed"] for each in told(client, f"{address}/rows")["items"]] == [False, True]


# --- Followed, stopped, gone on with, taken away ---------------------------------------------------------------------


def test_progress_is_told_with_and_without_scripts(client: TestClient) -> None:
    address = started(client, sent(client, FILE))
    page = client.get(address)
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page.text
    assert f'data-events="/v1{address}/events"' in page.text
    assert "Waiting for a worker" in page.text
    assert page.headers["cache-control"] == "private, no-cache"
    for rest in ("/consolidation", "/movers", "/risk", "/groups", "/sensitivity", "/changes", "/rows", "/rows/1"):
        assert client.get(address + rest).status_code == 409, rest
    assert client.get(f"{address}/pictures/training/firsts.svg").status_code == 409
    assert client.post(f"{address}/rescore").status_code == 409


def test_one_is_stopped_gone_on_with_and_taken_away(client: TestClient, house: House, work: Callable[[], None]) -> None:
    address = started(client, sent(client, FILE))
    page = client.post(f"{address}/cancel").text
    assert "Stopped" in page
    assert "refresh" not in page
    assert client.post(f"{address}/cancel").status_code == 409
    assert "Waiting for a worker" in client.post(f"{address}/retry").text
    work()
    assert client.post(f"{address}/retry").status_code == 409
    gone = client.post(f"{address}/delete", follow_redirects=False)
    assert (gone.status_code, gone.headers["location"]) == (303, "/portfolios")
    assert client.get(address).status_code == 404
    assert kept(house) == []


def test_why_one_failed_is_told(client: TestClient, house: House, work: Callable[[], None]) -> None:
    address = started(client, sent(client, FILE))
    assert house.portfolios
    (house.portfolios.folder / address.rpartition("/")[2] / "source" / "Ours.csv").unlink()
    work()
    page = client.get(address).text
    assert "It failed" in page
    assert told(client, address)["said"] in text_of(page)
    assert f'action="{address}/retry"' in page


def test_the_stored_projects_are_scored(client: TestClient, work: Callable[[], None]) -> None:
    client.post("/v1/projects", json={"name": "One", "answers": {"stage": "research"}})
    answer = client.post("/portfolios", data={"projects": "all"}, follow_redirects=False)
    work()
    assert "1 row scored" in text_of(client.get(answer.headers["location"]).text)


def test_the_list_leads_to_each_and_goes_on(client: TestClient, house: House) -> None:
    ticks = iter(range(1000))
    moment = house.now()
    slow = create_app(replace(house, now=lambda: moment + timedelta(seconds=next(ticks))), Settings(home=Path("/x")))
    with TestClient(slow, headers={"accept": "text/html"}) as client:
        made = []
        for n in range(52):
            answer = client.post(
                "/v1/portfolios?file=a.csv", content=b"stage\n\n", headers={"content-type": "text/csv"}
            )
            made.append(f"/portfolios/{answer.json()['id']}")
            assert answer.status_code == 201, n
        page = client.get("/portfolios").text
        found = re.findall(r'<a href="(/portfolios/pf-[0-9a-f]+)"', page)
        older = html.unescape(re.findall(r'href="(/portfolios\?after=[^"]+)"', page)[0])
        page = client.get(older).text
        found += re.findall(r'<a href="(/portfolios/pf-[0-9a-f]+)"', page)
        assert found == made[::-1]
        assert "Older ones" not in page


@pytest.mark.parametrize("after", ["x", "2026-11-21_pf-0", "2026-13-41T00:00:00_pf-" + "0" * 32])
def test_a_list_begins_nowhere_else(client: TestClient, after: str) -> None:
    assert client.get("/portfolios", params={"after": after}).status_code == 422


def test_a_service_that_lists_nothing_still_opens_what_one_has_a_link_to(
    reader: TestClient, stood: tuple[House, str], done: str, tmp_path: Path
) -> None:
    closed = TestClient(
        create_app(replace(stood[0], list_projects=False), Settings(home=tmp_path)), headers={"accept": "text/html"}
    )
    page = closed.get("/portfolios").text
    assert done not in page
    assert "Score them all" not in page
    name = done.rpartition("/")[2]
    for given in (name, done, f"https://example.com{done}?role=serving", f" {done}/ "):
        answer = closed.get("/portfolios", params={"portfolio": given}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, done)
    refused = closed.get("/portfolios", params={"portfolio": "pf-1"})
    assert (refused.status_code, "the address of a portfolio" in refused.text) == (422, True)
    assert closed.post("/portfolios", data={"projects": "all"}).status_code == 422


# --- What a board is told --------------------------------------------------------------------------------------------


def test_the_first_page_says_what_the_summary_says(reader: TestClient, done: str) -> None:
    page = reader.get(done)
    assert page.headers["cache-control"] == "private, no-cache"
    words = text_of(page.text)
    assert "60 rows scored, 1 refused" in words
    for role in ("training", "runtime"):
        found = told(reader, f"{done}/summary", role=role)
        words = text_of(reader.get(done, params={"role": role}).text)
        assert f"{found['projects']} projects call for it" in words
        for each in found["frameworks"]:
            counts = (each["projects"], each["clear"], each["stays"], each["allowed"])
            assert " ".join(map(str, counts)) + f" {100 * each['mean_score']:.1f}" in words
    for kind in ("xlsx", "csv", "parquet", "jsonl"):
        assert f'href="{done}/results.{kind}"' in page.text
        found = reader.get(f"{done}/results.{kind}")
        assert (found.status_code, found.url.path) == (200, f"/v1{done}/results")
        assert found.headers["content-disposition"].endswith(f'-results.{kind}"')


def test_a_workbook_is_offered_only_where_one_is_written(
    reader: TestClient, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portfolio.writing.workbook.MAX_ROWS", 59)
    page = reader.get(done).text
    assert ("results.xlsx" in page, "results.csv" in page) == (False, True)


def test_bad_rows_are_shown_as_they_are_told(reader: TestClient, done: str) -> None:
    page = reader.get(done).text
    words = text_of(page)
    faults = list(csv.DictReader(io.StringIO(reader.get(f"/v1{done}/errors").text)))
    assert len(faults) == 2
    for fault in faults:
        assert (
            f"61 line 62 {fault['column']} {fault['value']} E{fault['reason'][1:]}; did you mean “{fault['nearest']}”?"
            in words
        )
    assert EVIL not in page


def test_few_frameworks_are_those_of_the_consolidation(reader: TestClient, done: str) -> None:
    found = told(reader, f"{done}/consolidation", role="training", k=2)
    page = reader.get(f"{done}/consolidation", params={"k": 2}).text
    words = text_of(page)
    assert len(found["sets"]) == 2
    names = {f["id"]: f["name"] for f in reader.get("/v1/frameworks").json()["items"]}
    for each in found["sets"]:
        members = " and ".join(names[m] for m in each["members"])
        assert f"{each['k']}: {members} {100 * each['share_lost']:.1f} % {each['hurt']['hurt']}" in words
        for case in each["hurt"]["worst"][:10]:
            assert f'<a href="{done}/rows/{case["row"]}">{case["id"]}</a>' in page
    assert reader.get(f"{done}/consolidation", params={"k": 0}).status_code == 422


def test_movers_risks_and_groups_are_told_in_words(reader: TestClient, done: str) -> None:
    found = told(reader, f"{done}/movers", role="training")
    words = text_of(reader.get(f"{done}/movers").text)
    names = {f["id"]: f["name"] for f in reader.get("/v1/frameworks").json()["items"]}
    assert found["verdicts"]["has to move"] > 0
    assert f"Have to move: what they have is excluded or given up {found['verdicts']['has to move']}" in words
    assert "{name}" not in words
    assert ("In brackets: where the net gain lies with 90" in words) == bool(found["listed"])
    assert (found["pays_from"], found["interval_probability"]) == (0.75, 0.9)
    for flow in found["flows"]:
        assert re.search(
            rf"{names[flow['present']]} {names[flow['target']]}( has to move)? {flow['projects']}\b", words
        )
    page = reader.get(f"{done}/movers").text
    for case in (*found["listed"], *found["forced"]):
        assert f"{case['id']} : {names[case['present']]} to {names[case['target']]}" in words
        assert f'<a href="{done}/rows/{case["row"]}">{case["id"]}</a>' in page
    assert all(case["why"] in words for case in found["forced"])
    assert f"Have to move: {found['verdicts']['has to move']}" in words
    found = told(reader, f"{done}/risk", role="training")
    words = text_of(reader.get(f"{done}/risk").text)
    assert f"{found['exposed']['present']} of {found['projects']['present']} are exposed." in words
    assert found["licence_policies"] == 0
    assert "No project states a licence policy, so whether" in words
    for each in [e for e in found["exposures"] if e["at_risk"]]:
        assert f"{each['at_risk']} of {each['projects']}" in words
    assert "There are no clear groups" in reader.get(f"{done}/groups").text or told(reader, f"{done}/groups")["groups"]


def test_pages_tell_by_what_projects_count(reader: TestClient, done: str) -> None:
    table = "id,weight\n" + "".join(f"p{n},{0.5 + 40 * n}\n" for n in range(60))
    put = reader.put(f"/v1{done}/weights", content=table, headers={"content-type": "text/csv"})
    assert put.status_code == 204
    try:
        words = {page: text_of(reader.get(f"{done}{page}").text) for page in ("", "/movers", "/risk", "/rows")}
        found = {page: told(reader, f"{done}{page}", role="training") for page in ("/summary", "/movers", "/risk")}
    finally:
        reader.delete(f"/v1{done}/weights")
    assert all("counts for the board by the weights that were put beside it" in each for each in words.values())
    assert f"count together, of {found['/summary']['weight']:,.0f} in all" in words[""]
    for verdict, weight in found["/movers"]["weights"].items():
        assert (f"weight {weight:,.0f}" in words["/movers"]) == (found["/movers"]["verdicts"][verdict] > 0)
    for each in found["/risk"]["exposures"]:
        assert each["weight"] < 1000 or f"weight {each['weight']:,.0f}" in words["/risk"]
        for example in each["examples"][:3]:
            assert f'<a href="{done}/rows/{example["row"]}">{example["id"]}</a>' in reader.get(f"{done}/risk").text
    assert "counts for the board" not in reader.get(done).text


def test_how_sure_the_sets_are_is_told_in_words(reader: TestClient, done: str) -> None:
    found = told(reader, f"{done}/sensitivity", role="training")
    words = text_of(reader.get(f"{done}/sensitivity").text)
    names = {f["id"]: f["name"] for f in reader.get("/v1/frameworks").json()["items"]}
    assert found["sets"]
    for each in found["sets"]:
        own = sum(drawn["share"] for drawn in each["in_draws"] if drawn["members"] == each["members"])
        members = " and ".join(", ".join(names[m] for m in each["members"]).rsplit(", ", 1))
        assert f"{each['k']}: {members} in {round(100 * own)} % {'clear' if own >= 0.75 else 'open'}" in words
    assert f"of the {found['pieces']} pieces of evidence" in words or f"Of {found['pieces']} pieces" in words
    for pivot in found["pivots"]:
        assert f"Without {pivot['evidence']} :" in words


def test_the_same_projects_are_scored_again_and_what_changed_is_told(
    client: TestClient, house: House, work: Callable[[], None], tmp_path: Path, small_pack_folder: Path
) -> None:
    first = started(client, sent(client, FILE))
    work()
    page = client.get(f"{first}/changes").text
    assert "scored under the release that is active now" in text_of(page)
    folder = tmp_path / "later"
    shutil.copytree(small_pack_folder, folder)
    file = folder / "frameworks" / "tensorflow.yaml"
    file.write_text(file.read_text().replace("state: active", "state: archived"), encoding="utf-8")
    knowledge.publish(house, folder)
    answer = client.post(f"{first}/rescore", follow_redirects=False)
    again: str = answer.headers["location"]
    assert (answer.status_code, again != first) == (303, True)
    work()
    assert f'href="{again}/changes"' in client.get(again).text.partition("For</span>")[0]
    found = told(client, f"{first}/drift/{again.rpartition('/')[2]}")
    page = client.get(f"{again}/changes").text
    words = text_of(page)
    assert first not in page  # its address is a secret of its own
    assert f"From release {found['releases']['before']} to {found['releases']['after']} another" in words
    assert "Excluded now TensorFlow is archived:" in words
    assert f"another framework comes first in {found['changed']} of {found['projects']} projects" in words
    assert found["changes"]
    for each in found["changes"]:
        assert each["why"] in words
        assert f"such as {' , '.join(one['id'] for one in each['examples'][:3])}" in words
        assert all(f'href="{again}/rows/{one["row"]}"' in page for one in each["examples"][:3])
    assert found["exclusions"]
    for left_out in found["exclusions"]:
        assert f"{left_out['why']}: {left_out['projects']} projects" in words
    client.post(f"{first}/delete")
    assert "cannot be told any more" in client.get(f"{again}/changes").text


def test_a_role_that_nobody_calls_for_is_told(client: TestClient, work: Callable[[], None]) -> None:
    address = started(client, sent(client, b"stage,need\nresearch,train\n"))
    work()
    for rest in ("", "/consolidation", "/movers", "/risk", "/groups", "/sensitivity"):
        page = client.get(address + rest, params={"role": "runtime"})
        assert page.status_code == 200, rest
        assert "No project of this portfolio calls for runtime." in page.text, rest
    assert client.get(address, params={"role": "cook"}).status_code == 422
    assert client.get(address, params={"rolle": "training"}).status_code == 422


def test_what_takes_long_is_asked_for_again(reader: TestClient, done: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_yet(*_: Any) -> Any:
        raise NotYet

    monkeypatch.setattr(portfolio_views, "groups", not_yet)
    page = reader.get(f"{done}/groups")
    assert page.status_code == 200
    assert "data-again" in page.text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page.text
    monkeypatch.setattr(portfolios, "written", not_yet)
    file = reader.get(f"{done}/errors.jsonl")
    assert (file.status_code, file.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "data-again" in file.text
    assert "(jsonl) is being written" in text_of(file.text)


def test_the_pictures_are_there_in_the_size_that_they_say(reader: TestClient, done: str) -> None:
    named = []
    for page in (reader.get(done).text, reader.get(f"{done}/consolidation?role=runtime").text):
        pattern = r"<(?:source|img)[^>]*(?:srcset|src)=\"([^\"]+)\" width=\"(\d+)\" height=\"(\d+)\""
        named += re.findall(pattern, page)
    assert len({address.partition("?")[0] for address, _, _ in named}) == 4
    for address, width, height in named:
        answer = reader.get(html.unescape(address))
        assert answer.status_code == 200
        assert f'width="{width}" height="{height}"' in answer.text
        assert "var(" not in answer.text
        assert answer.headers["cache-control"] == "private, no-cache"
        again = reader.get(html.unescape(address), headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
    for name in ("x", "price", "price_x", "firsts_x"):
        assert reader.get(f"{done}/pictures/training/{name}.svg").status_code == 404, name


# --- Rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"first": "pytorch"},
        {"stage": "research", "target": "android"},
        {"present": "caffe"},
        {"sure": "clear"},
        {"sure": "tied", "stage": "production"},
        {"role": "runtime", "first": "litert"},
    ],
)
def test_rows_are_filtered_and_gone_through(
    reader: TestClient, stood: tuple[House, str], done: str, asked: dict[str, str]
) -> None:
    clear = stood[0].knowledge().release.confidence["tie_below_win_probability"]
    query: dict[str, Any] = {name: value for name, value in asked.items() if name != "sure"}
    if "sure" in asked:
        query["confidence_from" if asked["sure"] == "clear" else "confidence_below"] = clear
    expected = [row["row"] for row in told(reader, f"{done}/rows", limit=500, **query)["items"]]
    found, address = [], f"{done}/rows"
    page = reader.get(address, params={**asked, "present": asked.get("present", "")}).text
    while True:
        found += rows_on(page)
        following = re.findall(rf'href="({address}\?[^"]*after=\d+)">Next rows', page)
        if not following:
            break
        page = reader.get(html.unescape(following[0])).text
    assert found == expected
    assert len(found) < 60 or asked == {}
    assert found or "No row fits these filters." in page


def test_a_filter_that_is_none_is_refused(reader: TestClient, done: str) -> None:
    for query in ("first=pytorhc", "stage=x", "after=-1", "after=x", "sure=yes", "role=x", "stage=research&stage=x"):
        assert reader.get(f"{done}/rows?{query}").status_code == 422, query


def test_a_row_leads_to_its_full_decision_and_back(reader: TestClient, done: str) -> None:
    for number in (1, 60):
        row = told(reader, f"{done}/rows/{number}")
        words = text_of(reader.get(f"{done}/rows/{number}").text)
        assert f"Project {number - 1}" in words
        answer = reader.post(f"{done}/rows/{number}/decision", follow_redirects=False)
        made: str = answer.headers["location"]
        assert re.fullmatch(r"/recommendations/[\w-]+", made)  # which may be passed on: it names no portfolio
        decision = reader.get(f"/v1{made}").json()
        assert decision["name"] == f"Project {number - 1}"
        assert decision["answers"] == row["answers"]
        for role, found in row["roles"].items():
            ranking = decision["roles"][role]["ranking"][:3]
            assert [(p["framework"], p["score"]) for p in ranking] == [
                (p["framework"], p["score"]) for p in found["ranking"]
            ]
        back = reader.get(made, headers={"referer": f"http://testserver{done}/rows/{number}"})
        assert f'<a href="{done}/rows/{number}">' in back.text
        assert done not in reader.get(made).text
        assert "evil" not in reader.get(made, headers={"referer": 'https://evil.example/portfolios/x"><b>'}).text


def test_a_row_is_decided_for_the_machine_of_its_portfolio(client: TestClient, work: Callable[[], None]) -> None:
    address = started(client, sent(client, b"stage\nproduction\n"), hardware="local")
    work()
    made: Response = client.post(f"{address}/rows/1/decision")
    assert client.get(f"/v1{made.url.path}").json()["hardware"]["label"] == "test machine"


@pytest.mark.parametrize("number", ["0", "61", "62", "-1", "9" * 30, "x"])
def test_a_row_that_is_not_there(reader: TestClient, done: str, number: str) -> None:
    assert reader.get(f"{done}/rows/{number}").status_code in (404, 422)
    assert reader.post(f"{done}/rows/{number}/decision").status_code in (404, 422)


@pytest.mark.parametrize("rest", ["", "/rows", "/rows/1", "/movers", "/pictures/training/firsts.svg"])
def test_no_portfolio_no_page(client: TestClient, rest: str) -> None:
    for name in ("pf-" + "0" * 32, "x", "PF-" + "0" * 32):
        assert client.get(f"/portfolios/{name}{rest}").status_code == 404
