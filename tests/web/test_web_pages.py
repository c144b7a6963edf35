"""The pages without a browser: what they say, what they refuse, and that they trust no text."""

import html
import re
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from rich.console import Console

from advisor import knowledge
from advisor.house import House
from advisor.names import Wording
from api.web import assets, rendering
from api.web.view import view
from cli.render import roles
from tests.house_rules import NOTHING_ALIVE, POLICY, PREFERENCES

FORM = {
    "stage": "production",
    "need": ["train", "inference_only"],
    "deploy_targets": ["android", "server_cpu"],
    "train_hardware": "nvidia_gpu",
    "train_os": "windows",
    "data_rows": "1 500 000",
    "offline": "yes",
    "considering": ["caffe"],
    "considering.versions": "tensorflow@2.20, jax",
    "priorities": ["accuracy", "", "portability", "", ""],
    "hardware": "",
}


def text_of(page: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_every_question_is_asked_and_none_is_compulsory(client: TestClient, house: House) -> None:
    page = client.get("/questionnaire").text
    for question in knowledge.questionnaire(house)["questions"]:
        assert f'id="q-{question["id"]}"' in page
        assert question["text"] in html.unescape(page)
        for option in question["options"]:
            assert f'value="{option["id"]}"' in page
    assert not re.search(r"<(input|select)[^>]* required", page)


def test_a_filled_in_form_leads_to_a_recommendation(client: TestClient) -> None:
    answer = client.post("/questionnaire", data=FORM, follow_redirects=False)
    assert answer.status_code == 303
    address = answer.headers["location"]
    recorded = client.get(f"/v1{address}").json()
    assert recorded["answers"] == {
        "stage": "production",
        "need": ["train", "inference_only"],
        "data_rows": 1_500_000,
        "train_hardware": ["nvidia_gpu"],
        "train_os": ["windows"],
        "deploy_targets": ["server_cpu", "android"],
        "offline": True,
        "considering": ["caffe", "jax", "tensorflow@2.20"],
        "priorities": ["accuracy", "portability"],
    }


def test_the_form_and_the_api_give_the_same_recommendation(client: TestClient) -> None:
    address = client.post("/questionnaire", data=FORM, follow_redirects=False).headers["location"]
    recorded = client.get(f"/v1{address}").json()
    posted = client.post("/v1/recommendations", json={"answers": recorded["answers"]}).json()
    assert posted["id"] == recorded["id"]


def test_answering_again_keeps_the_name_and_what_is_not_known(client: TestClient) -> None:
    body = {"answers": {"stage": "research", "team_size": None, "task": None, "offline": None}, "name": "Bird songs"}
    made = client.post("/v1/recommendations", json=body).json()
    page = client.get("/questionnaire", params={"from": made["id"]}).text
    assert page.count("stays so unless you answer") == 3
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', page)
    name = re.search(r'name="name"[^>]* value="([^"]*)"', page)
    assert name
    fields = {"name": name[1], "not_known": [value for key, value in hidden if key == "not_known"]}
    same = client.post("/questionnaire", data={**fields, "stage": "research"}, follow_redirects=False)
    assert same.headers["location"] == f"/recommendations/{made['id']}"
    wrong = client.post("/questionnaire", data={**fields, "data_rows": "many"})
    assert wrong.status_code == 422
    assert wrong.text.count("stays so unless you answer") == 3
    assert 'value="Bird songs"' in wrong.text
    told = client.post("/questionnaire", data={**fields, "team_size": "3"}, follow_redirects=False)
    again = client.get(f"/v1{told.headers['location']}").json()
    assert (again["answers"], again["not_known"], again["name"]) == (
        {"team_size": 3},
        ["task", "offline"],
        "Bird songs",
    )
    strange = client.post("/questionnaire", data={"not_known": "team_sice", "name": "x" * 300})
    assert strange.status_code == 422
    assert all(part in text_of(strange.text) for part in ("team_size", "200 characters"))


def test_changed_answers_are_told_by_what_is_new_and_many_numbers_by_their_ends(house: House) -> None:
    def told(question: str, before: object, afters: list[object]) -> dict[str, list[str]]:
        flips = [
            {"role": "runtime", "question": question, "from": before, "to": after, "winner": "litert"}
            for after in afters
        ]
        document = {"roles": {}, "stack": [], "silent_rules": [], "changes": {"answers": flips, "weights": []}}
        ways: dict[str, list[str]] = view(document, Wording(house.knowledge()))["flips"][0]["ways"]
        return ways

    assert told("train_os", ["linux"], [["linux", "macos"]]) == {"answered also with": ["macOS"]}
    assert told("train_os", [], [["macos"]]) == {"answered": ["macOS"]}
    assert told("artifact_mb", None, [11.0, 1.5]) == {"answered": ["1.5 MB", "11 MB"]}
    assert told("artifact_mb", 7.0, [11.0, 9.0, 0.5, 2.0]) == {"answered": ["a number from 0.5 MB to 11 MB"]}
    assert told("offline", None, [True, False]) == {"answered": ["yes", "no"]}


def test_an_empty_form_is_answered(client: TestClient) -> None:
    assert client.post("/questionnaire", data={"stage": ""}).status_code == 200


def test_the_page_says_what_the_record_says(client: TestClient) -> None:
    answer = client.post("/questionnaire", data=FORM)
    page = text_of(answer.text)
    recorded = client.get(f"/v1{answer.url.path}").json()
    names = {a["id"]: a["name"] for a in client.get("/v1/frameworks").json()["items"]}
    for role in recorded["roles"].values():
        for place in role["ranking"]:
            assert names[place["framework"]] in page
            assert f"{100 * place['score']:.1f}" in page
            assert all(reason["text"] in page for reason in place["reasons"])
        for excluded in role["excluded"]:
            assert excluded["text"] in page
    for needed in ("Required", "Found", "Would let it in", "What would change the answer", "The stack", "caffe"):
        assert needed.lower() in page.lower()
    assert recorded["passport"] in page


def test_the_page_names_the_policies_and_what_they_waive(client: TestClient) -> None:
    body = {"answers": {"team_size": 2}, "policy": POLICY, "preferences": PREFERENCES, "draws": 100}
    made = client.post("/v1/recommendations", json=body).json()["id"]
    page = text_of(client.get(f"/recommendations/{made}").text)
    assert "This would exclude Caffe; Jane waives it in the policy acme until 2026-12-31: Legacy." in page
    assert "acme, answered for by Board" in page
    assert "its waiver of archived for MXNet expired on 2026-11-20" in page


def test_where_nothing_is_left_the_page_says_what_to_take_back(client: TestClient) -> None:
    body = {"answers": {"stage": "production", "need": ["train"]}, "policy": NOTHING_ALIVE}
    made = client.post("/v1/recommendations", json=body).json()["id"]
    page = text_of(client.get(f"/recommendations/{made}").text)
    assert "Nothing is left" in page
    assert "What would leave something" in page
    assert re.search(r"Taking back the answer to “[^”]+” lets in [^.]*PyTorch", page)
    gate = {**NOTHING_ALIVE["gates"][0], "when": '"android" in deploy_targets'}
    gate["examples"] = {"stops": [{"alternative": "pytorch", "answers": {"deploy_targets": "android"}}]}
    gate["examples"]["passes"] = [{"alternative": "pytorch"}]
    body = {"answers": {"deploy_targets": ["android", "ios"]}, "policy": {**NOTHING_ALIVE, "gates": [gate]}}
    made = client.post("/v1/recommendations", json=body).json()["id"]
    page = text_of(client.get(f"/recommendations/{made}").text)
    assert re.search(r"Taking back Android[^“]* under “Where will the model run\?” lets in [^.]*PyTorch", page)


def test_the_answers_can_be_changed(client: TestClient) -> None:
    made = client.post("/questionnaire", data=FORM)
    page = client.get("/questionnaire", params={"from": made.url.path.rsplit("/", 1)[1]}).text
    assert re.search(r'name="stage" value="production" checked', page)
    assert re.search(r'name="data_rows" value="1500000"', page)
    assert re.search(r'name="offline" value="yes" checked', page)
    assert re.search(r'name="considering.versions"[^>]*value="tensorflow@2.20"', page)
    assert page.count('value="accuracy" selected') == 1


def test_faults_are_shown_beside_the_fields_and_nothing_is_lost(client: TestClient) -> None:
    form = {**FORM, "data_rows": "a lot", "considering.versions": "pytorhc", "need": ["none", "train"]}
    answer = client.post("/questionnaire", data=form)
    assert answer.status_code == 422
    page = answer.text
    assert "3 answers need another look" in page
    for question in ("data_rows", "considering", "need"):
        field = page[page.index(f'id="q-{question}"') :]
        assert 'class="fault"' in field[: field.index("</fieldset>")]
        assert f'href="#q-{question}"' in page
    assert "did you mean “pytorch”" in page
    assert 'value="a lot"' in page
    assert 'name="stage" value="production" checked' in page


def test_an_answer_from_nowhere_is_refused(client: TestClient) -> None:
    answer = client.post("/questionnaire", data={"stge": "research"})
    assert answer.status_code == 422
    assert "did you mean “stage”" in answer.text


def test_a_contradiction_is_shown_at_the_top(client: TestClient) -> None:
    answer = client.post("/questionnaire", data={"python_min": "3.13", "python_version": "3.10"})
    assert answer.status_code == 422
    assert "older" in answer.text or "newer" in answer.text


@pytest.mark.parametrize(("chosen", "status"), [("local", 200), ("profile", 422), ("sideways", 422)])
def test_the_hardware_may_be_named(client: TestClient, chosen: str, status: int) -> None:
    answer = client.post("/questionnaire", data={"hardware": chosen, "hardware.profile": "h-nowhere"})
    assert answer.status_code == status
    assert ("test machine" in answer.text) == (status == 200)
    assert ("(this server, seen 2026-11-21T11:59:00Z)" in answer.text) == (status == 200)


def test_a_body_that_is_no_form_is_refused(client: TestClient) -> None:
    assert client.post("/questionnaire", json={}).status_code == 415
    assert (
        client.post("/questionnaire", content=b"x" * 2_000_000, headers={"content-type": FORM_TYPE}).status_code == 413
    )


FORM_TYPE = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("url", "status", "says"),
    [
        ("/frameworks", 200, "TensorFlow"),
        ("/frameworks/pytorch", 200, "Grades"),
        ("/frameworks/mxnet", 200, "archived"),
        ("/frameworks/pytorhc", 404, "did you mean “pytorch”"),
        ("/claims", 200, "outdated"),
        ("/claims?about=tensorflow&verdict=outdated&article=", 200, "1 claim."),
        ("/claims?article=2", 200, "Article 2, paragraph 3"),
        ("/claims?article=1", 200, "No claim fits these filters."),
        ("/claims?article=6", 422, "article"),
        ("/claims?verdict=old", 422, "one of: holds"),
        ("/claims?about=pytorhc", 422, "did you mean “pytorch”"),
        ("/claims?start=0", 422, "start"),
        ("/evidence", 200, "6 pieces."),
        ("/evidence?about=tensorflow&verdict=outdated&source_kind=&start=0", 200, "1 piece."),
        ("/evidence?about=&verdict=wrong&source_kind=", 200, "Nothing on file fits these filters."),
        ("/evidence?source_kind=survey", 200, "Ease as told by users."),
        ("/evidence?about=pytorhc", 422, "did you mean “pytorch”"),
        ("/evidence?source_kind=gossip", 422, "source_kind"),
        ("/evidence?start=-1", 422, "start"),
        ("/evidence/facts", 200, "Where in it"),
        ("/evidence/fcts", 404, "did you mean “facts”"),
        ("/evidence/facts?release=never", 404, "the id of a stored release"),
        ("/recommendations/d-0", 404, "No recommendation"),
        ("/questionnaire?from=d-0", 404, "No recommendation"),
        ("/nothing", 404, "Nothing is at /nothing"),
        ("/knowledge", 200, "What is known"),
        ("/criteria", 200, "What is graded"),
        ("/criteria/debuging", 404, "did you mean “debugging”"),
        ("/problems", 200, "The request has faults"),
        ("/api", 200, "What these pages show, programs get as JSON"),
        ("/api?x=1", 422, "x"),
    ],
)
def test_pages_to_look_things_up(client: TestClient, url: str, status: int, says: str) -> None:
    answer = client.get(url)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert says in text_of(answer.text)


def test_the_claims_are_counted_article_by_article(client: TestClient) -> None:
    page = client.get("/claims").text
    (row,) = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert text_of(row).split() == ["2.", "Blog", "2021", "1", "0", "0", "1", "0", "0"]
    assert 'href="/claims?article=2"' in row
    assert 'value="2" selected' in client.get("/claims?article=2").text
    assert '0.25)</span>. <a href="/evidence/blog-small">' in client.get("/evidence?verdict=outdated").text


def test_evidence_is_turned_over_page_by_page(
    client: TestClient, house: House, small_pack_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "more"
    shutil.copytree(small_pack_folder, folder)
    with (folder / "evidence" / "all.yaml").open("a", encoding="utf-8") as file:
        for number in range(60):
            file.write(f'- {{id: zz-{number:02}, source: docs, locator: "1", as_of: "2026", about: [jax], note: N., ')
            file.write("verdict: holds}\n")
    knowledge.publish(house, folder)
    first = client.get("/evidence?about=jax").text
    assert "62 pieces, 1 to 50 shown." in text_of(first)
    assert "Before" not in first
    following = html.unescape(re.findall(r'href="(/evidence\?[^"]*start=50)"', first)[0])
    second = client.get(following).text
    assert "62 pieces, 51 to 62 shown." in text_of(second)
    assert "Next" not in second
    listed = [e for page in (first, second) for e in re.findall(r'<a href="/evidence/([^"]+)">', page)]
    assert len(listed) == len(set(listed)) == 62


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/questionnaire",
        "/knowledge",
        "/frameworks",
        "/frameworks/pytorch",
        "/criteria",
        "/criteria/debugging",
        "/claims",
        "/evidence",
        "/evidence/facts",
        "/hardware",
        "/hardware/catalogue:g5.xlarge",
        "/problems",
        "/api",
    ],
)
def test_pages_load_nothing_from_elsewhere_and_run_only_our_scripts(client: TestClient, url: str) -> None:
    page = client.get(url).text
    assert re.findall(r"<script[^>]*>", page) == [
        f'<script src="{assets.address(name)}" defer>' for name in ("htmx-4.0.1.min.js", "pages.js")
    ]
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page) == ["", ""]
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", page)
    assert all(address.startswith("/static/") for address in re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', page))
    assert page.count("<h1") == 1
    assert '<html lang="en">' in page
    sheet = client.get("/static/style.css").text
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_text_is_never_markup(client: TestClient) -> None:
    evil = '"><script>alert(1)</script>'
    for answer in (
        client.post(
            "/questionnaire", data={"data_rows": evil, "considering.versions": evil, evil: "1", "hardware": evil}
        ),
        client.get("/claims", params={"about": evil}),
        client.get("/evidence", params={"source_kind": evil}),
        client.get(f"/frameworks/{evil}"),
        client.get("/evidence/x", params={"release": evil}),
    ):
        assert answer.status_code in (404, 422)
        assert "<script>" not in answer.text
        assert "&lt;script&gt;" in answer.text


def test_a_profile_with_markup_in_its_label_is_shown_as_text(client: TestClient) -> None:
    profile = {"schema": "steelyard/hardware-profile/1", "label": "<b>bold</b>", "host": {"os": "linux"}}
    made = client.post("/v1/recommendations", json={"answers": {}, "hardware": profile}).json()
    page = client.get(f"/recommendations/{made['id']}").text
    assert "<b>" not in page
    assert "&lt;b&gt;bold" in page


def test_every_template_is_escaped() -> None:
    environment = rendering.environment()
    assert environment.autoescape is True
    folder = Path(rendering.__file__).parent / "templates"
    for template in folder.glob("*.html"):
        assert not re.search(r"\|\s*safe|Markup|autoescape", template.read_text()), template.name


def test_an_older_release_keeps_its_words(
    client: TestClient, house: House, small_pack_folder: Path, tmp_path: Path
) -> None:
    made: Any = client.post("/questionnaire", data=FORM).url.path
    before = client.get(made).text
    other = tmp_path / "other"
    for file in small_pack_folder.rglob("*.yaml"):
        target = other / file.relative_to(small_pack_folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text().replace("The model runs in Android apps", "It runs on phones"))
    assert knowledge.publish(house, other)[1]
    assert client.get(made).text == before


def test_beside_the_runtime_stands_which_server_answers(client: TestClient, house: House) -> None:
    answers = {"need": ["train"], "deploy_targets": ["server_gpu"], "stage": "production"}
    made = client.post("/v1/recommendations", json={"answers": answers}).json()
    (stack,) = made["stack"]
    document = {**made, "stack": [{**stack, "note": "One of the servers answers the requests there."}]}
    notes = {role["id"]: role["notes"] for role in view(document, Wording(house.knowledge()))["roles"]}
    server = "Server with GPU or other accelerator: One of the servers answers the requests there."
    result = document["roles"]["runtime"]
    told = [result["without"] and result["without"]["text"], result["decides"], server]
    assert notes["runtime"] == [text for text in told if text]
    assert notes["training"] == []


@pytest.mark.parametrize("is_level", [False, True])
def test_where_the_way_ends_in_another_runtime_the_card_and_the_terminal_name_that_one(
    client: TestClient, house: House, is_level: bool
) -> None:
    answers = {"need": ["train"], "deploy_targets": ["server_cpu"], "stage": "production"}
    made = client.post("/v1/recommendations", json={"answers": answers}).json()
    first, *_, last = (place["framework"] for place in made["roles"]["runtime"]["ranking"])
    made["roles"]["runtime"]["without"] = None
    for rank, place in enumerate(made["roles"]["runtime"]["ranking"], 1):
        place["tie_group"] = 1 if is_level and place["framework"] == last else rank
    start = made["roles"]["training"]["ranking"][0]["framework"]
    made["stack"][0]["path"] = [{"from": start, "to": last}, {"from": last, "to": "server_cpu"}]
    names = Wording(house.knowledge())
    (card,) = (role for role in view(made, names)["roles"] if role["id"] == "runtime")
    way = f"rom {names.framework(start)} the way leads to {names.framework(last)}"
    assert card["instead"] == names.framework(last)
    both = f"{names.framework(first)} and {names.framework(last)}"
    alone = f"{both} are tied" if is_level else f"{names.framework(first)} would come first"
    assert card["headline"] == f"F{way}; among runtimes alone {alone}."
    screen = Console(file=StringIO(), width=200)
    roles.show(screen, made, "runtime", names)
    told = " ".join(screen.file.getvalue().split())  # type: ignore[attr-defined]
    alone = f", {both} cannot be told apart on what is known." if is_level else ":"
    said = f"Run with {names.framework(last)} F{way}. Among runtimes alone{alone} {names.framework(first)} "
    assert told.startswith(said)


def test_where_no_runtime_is_needed_the_card_says_who_runs_the_model(client: TestClient, house: House) -> None:
    answers = {"need": ["train"], "deploy_targets": ["server_gpu"]}
    document = client.post("/v1/recommendations", json={"answers": answers}).json()
    first = document["roles"]["training"]["ranking"][0]["framework"]
    itself = {"framework": first, "role": "training", "target": "server_gpu", "level": 3, "evidence": []}
    told = {"text": "It runs the model itself.", "brings": "A runtime would bring speed.", "itself": [itself]}
    without = {**told, **{key: [] for key in ("needed_on", "unverified", "asked_by", "better_on", "not_compared")}}
    result = {**document["roles"]["runtime"], "without": {**without, "option": None}}
    made = {**document, "roles": {**document["roles"], "runtime": result}}
    names = Wording(house.knowledge())
    (card,) = (role for role in view(made, names)["roles"] if role["id"] == "runtime")
    assert card["instead"] == names.framework(first)
    assert card["headline"].startswith("It runs the model itself. Of the runtimes, ")
    assert (card["notes"], card["brings"]) == ([], "A runtime would bring speed.")


def test_style_and_scripts_may_be_kept_because_their_addresses_change(client: TestClient) -> None:
    page = client.get("/").text
    addresses = set(re.findall(r'"(/static/[^"]+)"', page))
    assert len(addresses) >= 4
    for address in addresses:
        assert "immutable" in client.get(address).headers["cache-control"]
        bare = address.partition("?")[0]
        for other in (bare, bare + "?0123456789ab"):
            found = client.get(other)
            assert found.headers["cache-control"] == "no-cache"
            assert client.get(other, headers={"if-none-match": found.headers["etag"]}).status_code == 304
    assert client.get("/static/nothing.css").status_code == 404
    assert client.get("/static/../pages.py").status_code == 404


def test_answers_are_compressed_for_those_who_take_it(client: TestClient) -> None:
    plain = client.get("/questionnaire", headers={"accept-encoding": "identity"})
    small = client.get("/questionnaire", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in small.headers["vary"].lower()
    assert int(small.headers["content-length"]) < len(plain.content) / 4
    assert small.text == plain.text
    assert "content-security-policy" in small.headers
