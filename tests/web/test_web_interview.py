"""The questionnaire as a conversation, without a browser and without scripts: forms, redirects, faults, and no loss."""

import copy
import html
import inspect
import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

import probes
from advisor import knowledge
from advisor.house import House
from advisor.names import Wording
from api.web import interview
from api.web.form import can_be_none
from storage import releases
from tests.conftest import PROFILE
from tests.web.test_web_pages import text_of

EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def project(client: TestClient) -> str:
    """The address of a project that was just begun."""
    answer = client.post("/projects", data={"name": "Bird songs"}, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"].partition("?")[0]


def stored(client: TestClient, project: str) -> Any:
    """What is on file about a project."""
    return client.get("/v1" + project, headers={"accept": "application/json"}).json()


def say(client: TestClient, project: str, question: str, **fields: Any) -> Response:
    """Answer a question as its form does."""
    data = {"revision": str(stored(client, project)["revision"]), "question": question, **fields}
    return client.post(project, data=data, follow_redirects=False)


def heading(page: str) -> str:
    """The one main heading."""
    (found,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    return html.unescape(found).strip()


def field_of(page: str, question: str) -> str:
    """The field of one question."""
    found = page[page.index(f'id="q-{question}"') :]
    return found[: found.index("</fieldset>")]


# --- Where a project begins ------------------------------------------------------------------------------------------


def test_the_start_page_offers_every_way_to_begin(client: TestClient, house: House) -> None:
    page = client.get("/").text
    assert f"all {len(knowledge.questionnaire(house)['questions'])} questions" in page
    assert 'name="name"' in page
    assert re.search(r'type="file"[^>]*required', page)
    assert page.count('name="example"') > 3
    for about in re.findall(r"<button class=\"tile\".*?<span>(.*?)</span>", page):
        assert about[0] == about[0].upper()


def test_a_new_project_begins_with_the_most_telling_question(client: TestClient) -> None:
    answer = client.post("/projects", data={"name": "  Bird songs  "})
    assert answer.history[0].status_code == 303
    assert re.fullmatch(r"/projects/p-[\w-]{20,}", answer.url.path)
    page = answer.text
    words = text_of(page)
    assert "Bird songs · 0 answered" in words
    assert "Why this one now." in words
    assert answer.url.query.decode() == "question=" + re.findall(r'name="question" value="(\w+)"', page)[0]
    assert heading(page) == heading(client.get(answer.url.path).text)
    assert answer.headers["cache-control"] == "no-store"


def test_a_project_needs_no_name(client: TestClient) -> None:
    assert "A project without a name" in client.post("/projects", data={"name": ""}).text


@pytest.mark.parametrize("number", range(3))
def test_an_example_begins_with_its_answers(client: TestClient, number: int) -> None:
    example = re.findall(r'name="example" value="([^"]+)"', client.get("/").text)[number]
    answer = client.post("/projects", data={"example": example})
    given = stored(client, answer.url.path)
    assert given["answers"]
    words = text_of(answer.text)
    assert f"{len(given['answers'])} answered" in words
    assert given["name"] in words


def test_an_example_that_is_not_there_names_the_nearest(client: TestClient) -> None:
    example = re.findall(r'name="example" value="([^"]+)"', client.get("/").text)[0]
    answer = client.post("/projects", data={"example": example[:-1]})
    assert answer.status_code == 422
    assert f"did you mean “{example}”" in text_of(answer.text)


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("a.yaml", b"stage: production\nneed: [train]\n", 2),
        ("a.json", b'{"name": "From afar", "answers": {"offline": true, "data_rows": 5000, "stage": null}}', 2),
    ],
)
def test_a_file_begins_with_its_answers(client: TestClient, name: str, content: bytes, count: int) -> None:
    answer = client.post("/projects", files={"file": (name, content)})
    assert answer.status_code == 200
    assert f"{count} answered" in text_of(answer.text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"- stage\n",
        b"just words",
        b"\xff\xfe\x00\x01",
        b"{",
        b"stge: production\n",
        b"answers: {stage: sideways}\n",
        b"answers: {}\npasword: x\n",
        b"a: &a [1]\nb: *a\n",
        b"!!python/object/apply:os.system ['true']\n",
        b"[" * 5000,
        b"name: [1]\nanswers: {}\n",
        b"hardware: nowhere\nanswers: {}\n",
    ],
)
def test_a_file_that_is_no_project_is_told_and_nothing_begins(client: TestClient, content: bytes) -> None:
    answer = client.post("/projects", files={"file": ("answers.yaml", content)})
    assert answer.status_code == 422
    words = text_of(answer.text)
    assert "That could not be read" in words
    assert "Expected" in words
    assert heading(answer.text) == "Which machine-learning framework fits your project?"


def test_a_file_that_is_too_large_is_refused(client: TestClient) -> None:
    for size in (600_000, 3_000_000):
        answer = client.post("/projects", files={"file": ("answers.yaml", b"# " + b"x" * size)})
        assert answer.status_code in (413, 422)
        assert answer.headers["content-type"].startswith("text/html")


def test_a_recommendation_can_be_gone_on_from(client: TestClient) -> None:
    answers = {"stage": "production", "need": ["train"], "offline": True}
    made = client.post("/v1/recommendations", json={"answers": answers}).json()
    answer = client.post("/projects", data={"from": made["id"], "name": "Again"})
    assert stored(client, answer.url.path)["answers"] == made["answers"]
    assert client.post("/projects", data={"from": "d-0"}).status_code == 404


def test_what_is_gone_on_from_keeps_its_machine(client: TestClient) -> None:
    kept = client.post("/v1/hardware", json=probes.document(replace(PROFILE, origin="hand"))).json()["id"]
    for machine in ("catalogue:aws-g5-xlarge", "local", kept):
        made = client.post("/v1/recommendations", json={"answers": {"stage": "research"}, "hardware": machine}).json()
        answer = client.post("/projects", data={"from": made["id"]})
        assert stored(client, answer.url.path)["hardware"] == machine
        page = client.get("/questionnaire", params={"from": made["id"]}).text
        assert f'value="{"local" if machine == "local" else "profile"}" checked' in page
        assert machine == "local" or f'value="{machine}"' in page


def test_a_machine_that_is_kept_no_more_is_not_gone_on_with(client: TestClient) -> None:
    kept = client.post("/v1/hardware", json=probes.document(replace(PROFILE, origin="hand"))).json()["id"]
    made = client.post("/v1/recommendations", json={"answers": {"stage": "research"}, "hardware": kept}).json()
    client.delete(f"/v1/hardware/{kept}")
    answer = client.post("/projects", data={"from": made["id"]})
    assert stored(client, answer.url.path)["hardware"] is None


def test_what_is_posted_must_be_a_form(client: TestClient, project: str) -> None:
    for address in ("/projects", project, project + "/preview"):
        assert client.post(address, json={"name": "x"}).status_code == 415
        assert client.post(address + "?x=1", data={"name": "x"}).status_code == 422


# --- Answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "fields", "answer", "says"),
    [
        ("stage", {"stage": "production"}, "production", "Production"),
        ("deploy_targets", {"deploy_targets": ["android", "ios"]}, ["android", "ios"], "Android, iOS"),
        ("data_rows", {"data_rows": "50 000"}, 50_000, "50,000"),
        ("data_rows", {"data_rows": "1.5e6"}, 1_500_000, "1,500,000 rows"),
        ("offline", {"offline": "yes"}, True, "Yes"),
        ("offline", {"offline": "no"}, False, "No"),
        (
            "priorities",
            {"priorities": ["", "portability", "accuracy", "", ""]},
            ["portability", "accuracy"],
            "Accuracy",
        ),
        ("considering", {"considering": ["jax"], "considering.versions": "tensorflow@2.20"}, None, "TensorFlow 2.20"),
        ("known_frameworks", {"none": "yes"}, [], "None so far"),
        ("known_frameworks", {"known_frameworks": ["jax"], "none": "yes"}, [], "None so far"),
        ("team_size", {"dont_know": "yes"}, None, "Don’t know"),
        ("stage", {"stage": "production", "dont_know": "yes"}, None, "Don’t know"),
    ],
)
def test_every_kind_of_question_is_answered(
    client: TestClient, project: str, question: str, fields: dict[str, Any], answer: Any, says: str
) -> None:
    taken = say(client, project, question, **fields)
    assert taken.status_code == 303
    assert taken.headers["location"].partition("?")[0] == project
    found = stored(client, project)
    assert question in found["answers"]
    assert found["answers"][question] == (["jax", "tensorflow@2.20"] if question == "considering" else answer)
    assert found["asked"] == [question]
    page = client.get(project).text
    so_far = text_of(page[page.index('id="so-far"') :])
    assert says in so_far
    shown = field_of(client.get(project, params={"question": question}).text, question)
    if answer in ("production", True, False):
        assert shown.count(" checked") == 1
    if question == "data_rows":
        assert f'value="{answer}"' in shown


def test_an_unanswered_number_is_an_empty_field(client: TestClient, project: str) -> None:
    assert 'value=""' in field_of(client.get(project, params={"question": "data_rows"}).text, "data_rows")


def test_an_answer_is_changed_and_taken_back(client: TestClient, project: str) -> None:
    say(client, project, "stage", stage="production")
    say(client, project, "offline", offline="yes")
    say(client, project, "stage", stage="research")
    assert stored(client, project)["answers"] == {"offline": True, "stage": "research"}
    assert stored(client, project)["asked"] == ["offline", "stage"]
    assert 'name="forget"' in client.get(project, params={"question": "stage"}).text
    assert 'name="forget"' not in client.get(project, params={"question": "team_size"}).text
    say(client, project, "stage", stage="research", forget="yes")
    assert stored(client, project)["answers"] == {"offline": True}
    assert stored(client, project)["asked"] == ["offline"]


@pytest.mark.parametrize(
    ("question", "fields", "says"),
    [
        ("data_rows", {"data_rows": "plenty"}, "found 'plenty'"),
        ("data_rows", {"data_rows": "-5"}, "found -5"),
        ("need", {"need": ["none", "train"]}, "Expected"),
        ("stage", {"stage": "productoin"}, "did you mean “production”"),
        ("considering", {"considering.versions": "pytorhc"}, "did you mean “pytorch”"),
        ("stage", {}, "Expected an answer, or “Don’t know”; found nothing."),
        ("deploy_targets", {}, "Expected an answer"),
        ("priorities", {"priorities": ["", ""]}, "Expected an answer"),
    ],
)
def test_a_fault_is_told_beside_its_field_and_nothing_is_stored(
    client: TestClient, project: str, question: str, fields: dict[str, Any], says: str
) -> None:
    answer = say(client, project, question, **fields)
    assert answer.status_code == 422
    shown = field_of(answer.text, question)
    assert 'class="fault"' in shown
    assert says in text_of(shown)
    told = re.findall(r'class="fault" id="([^"]+)"', shown)
    assert all(re.search(rf'aria-describedby="[^"]*\b{name}\b', shown) for name in told)
    if question == "data_rows":
        assert f'value="{fields["data_rows"]}"' in shown
        assert 'aria-invalid="true"' in shown
    assert stored(client, project)["answers"] == {}
    assert answer.headers["hx-push-url"] == "false"


def test_a_contradiction_is_told_and_keeps_the_answers(client: TestClient, project: str) -> None:
    say(client, project, "python_min", python_min="3.13")
    answer = say(client, project, "python_version", python_version="3.10")
    page = client.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text
    assert "newer than the newest" in text_of(page)
    assert "You can stop here" not in text_of(page)


# --- Two windows -----------------------------------------------------------------------------------------------------


def test_a_change_from_an_older_page_is_told_and_loses_nothing(client: TestClient, project: str) -> None:
    first = {"revision": "1", "question": "data_rows", "data_rows": "5000"}
    assert client.post(project, data={"revision": "1", "question": "stage", "stage": "research"}).status_code == 200
    answer = client.post(project, data=first)
    assert answer.status_code == 409
    assert "changed in another window" in text_of(answer.text)
    assert 'value="5000"' in field_of(answer.text, "data_rows")
    assert stored(client, project)["answers"] == {"stage": "research"}
    (revision,) = set(re.findall(r'name="revision" value="(\d+)"', answer.text))
    assert client.post(project, data={**first, "revision": revision}).status_code == 200
    assert stored(client, project)["answers"] == {"stage": "research", "data_rows": 5000}


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40, "1.0", "٣"])
def test_a_revision_that_is_none_is_refused(client: TestClient, project: str, revision: str) -> None:
    answer = client.post(project, data={"revision": revision, "question": "stage", "stage": "research"})
    assert answer.status_code == 422
    assert "revision" in text_of(answer.text)
    assert stored(client, project)["answers"] == {}


# --- Other questions, and none ---------------------------------------------------------------------------------------


def test_any_question_can_be_asked_by_its_address(client: TestClient, project: str, house: House) -> None:
    for question in knowledge.questionnaire(house)["questions"]:
        page = client.get(project, params={"question": question["id"]})
        assert page.status_code == 200
        assert heading(page.text) == question["text"]
        assert f"{question['text']} – Bird songs – Steelyard" in html.unescape(page.text)


def test_every_open_question_is_within_reach(client: TestClient, project: str, house: House) -> None:
    say(client, project, "stage", stage="research")
    page = client.get(project).text
    linked = set(re.findall(rf'href="{project}\?question=(\w+)"', page))
    (here,) = re.findall(r'name="question" value="(\w+)"', page)
    open_now = {q["id"] for q in knowledge.questionnaire(house)["questions"]}
    assert len(linked | {here}) > 0.9 * len(open_now)
    assert "stage" in linked


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("{project}?question=stge", "did you mean “stage”"),
        ("/projects/p-nobody", "project"),
        ("/projects/" + "x" * 500, "project"),
        ("/projects/%00", "project"),
        ("/projects/p-nobody?question=stage", "project"),
    ],
)
def test_what_is_not_there_is_told(client: TestClient, project: str, address: str, says: str) -> None:
    answer = client.get(address.format(project=project))
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert says in text_of(answer.text)


@pytest.mark.parametrize("action", ["", "/preview", "/recommendation"])
def test_nothing_is_posted_to_a_project_that_is_not_there(client: TestClient, action: str) -> None:
    data = {"revision": "1", "question": "stage", "stage": "research"}
    assert client.post("/projects/p-nobody" + action, data=data).status_code == 404


def test_an_answer_to_no_question_is_refused(client: TestClient, project: str) -> None:
    answer = say(client, project, "stge", stage="research")
    assert answer.status_code == 404
    assert "did you mean “stage”" in text_of(answer.text)
    assert stored(client, project)["revision"] == 1


# --- The ranking beside the question ---------------------------------------------------------------------------------


def test_a_preview_shows_what_an_answer_would_do_and_stores_nothing(client: TestClient, project: str) -> None:
    say(client, project, "need", need="train")
    before = stored(client, project)
    fields = {"revision": "2", "question": "deploy_targets", "deploy_targets": "android"}
    answer = client.post(project + "/preview", data=fields)
    words = text_of(answer.text)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<aside")
    assert "If you answer so" in words
    assert "Runtime" in words
    assert "new" in words
    assert stored(client, project) == before
    asked = {"answers": {**before["answers"], "deploy_targets": ["android"]}}
    told = client.post("/v1/questions/next", json=asked).json()["roles"]["training"]
    for place in told["ranking"][:3]:
        assert f"{100 * place['score']:.1f}" in words
    assert f"{told['excluded']} excluded" in words


def test_excluded_frameworks_are_counted_once_each(client: TestClient) -> None:
    answers = {"need": ["train"], "deploy_targets": ["android", "microcontroller"], "stage": "production"}
    asked = client.post("/v1/questions/next", json={"answers": answers}).json()["roles"]
    made = client.post("/v1/recommendations", json={"answers": answers}).json()["roles"]
    for role, found in made.items():
        assert asked[role]["excluded"] == len({each["framework"] for each in found["excluded"]})


def test_half_an_answer_previews_nothing(client: TestClient, project: str) -> None:
    fields = {"revision": "1", "question": "data_rows"}
    assert client.post(project + "/preview", data={**fields, "data_rows": "5k"}).status_code == 204
    empty = client.post(project + "/preview", data={**fields, "data_rows": ""})
    assert empty.status_code == 200
    assert "As it stands" in empty.text


def test_places_move_with_a_tried_answer(client: TestClient, project: str) -> None:
    say(client, project, "need", need="train")
    ranks = {}
    for body in ({"need": ["train"]}, {"need": ["train"], "approach": ["classical_ml"]}):
        found = client.post("/v1/questions/next", json={"answers": body}).json()
        ranks[len(body)] = {p["framework"]: p["rank"] for p in found["roles"]["training"]["ranking"][:5]}
    data = {"revision": "2", "question": "approach", "approach": "classical_ml"}
    words = text_of(client.post(project + "/preview", data=data).text)
    moved = [f for f, rank in ranks[2].items() if ranks[1].get(f, rank) != rank]
    for each in moved:
        assert f"from {ranks[1][each]}" in words


# --- The end, and what follows it ------------------------------------------------------------------------------------


def settle(client: TestClient, project: str) -> str:
    """Know nothing until no question is put any more."""
    for _ in range(100):
        page = client.get(project).text
        if not (asked := re.findall(r'name="question" value="(\w+)"', page)):
            return page
        say(client, project, asked[0], dont_know="yes")
    raise AssertionError("it never ends")


def test_it_ends_says_why_and_goes_on(client: TestClient, project: str) -> None:
    page = settle(client, project)
    assert heading(page) == "You can stop here"
    assert "See the recommendation" in page
    assert stored(client, project)["answers"]
    assert all(given is None for given in stored(client, project)["answers"].values())
    further = re.findall(rf'href="({project}\?question=\w+)"', page)
    assert further
    other = client.get(further[0]).text
    assert heading(other) not in ("You can stop here", "")
    assert "You can stop here" in other


@pytest.mark.parametrize("settled", [False, True])
def test_a_recommendation_may_be_had_at_any_time(client: TestClient, project: str, settled: bool) -> None:
    say(client, project, "need", need="train")
    if settled:
        settle(client, project)
    assert "recommendation" in text_of(client.get(project).text)
    answer = client.post(project + "/recommendation", follow_redirects=False)
    assert answer.status_code == 303
    assert stored(client, project)["decision"] == answer.headers["location"].rpartition("/")[2]
    assert heading(client.get(answer.headers["location"]).text) == "Recommendation for Bird songs"


# --- Name and machine ------------------------------------------------------------------------------------------------


def test_a_project_is_renamed(client: TestClient, project: str) -> None:
    client.post(project, data={"revision": "1", "name": " Frogs "})
    assert stored(client, project)["name"] == "Frogs"
    client.post(project, data={"revision": "2", "name": "  "})
    assert stored(client, project)["name"] == "A project without a name"


@pytest.mark.parametrize(
    ("fields", "status", "hardware"),
    [
        ({"hardware": "local"}, 200, "local"),
        ({"hardware": "profile", "hardware.profile": "catalogue:g5.xlarge"}, 200, "catalogue:g5.xlarge"),
        ({"hardware": ""}, 200, None),
        ({"hardware": "profile", "hardware.profile": "catalogue:g5.xlage"}, 422, None),
        ({"hardware": "profile", "hardware.profile": "h-nowhere"}, 422, None),
        ({"hardware": "sideways"}, 422, None),
    ],
)
def test_a_machine_is_chosen(
    client: TestClient, project: str, fields: dict[str, str], status: int, hardware: str | None
) -> None:
    answer = client.post(project, data={"revision": "1", **fields})
    assert answer.status_code == status
    found = stored(client, project)["hardware"]
    assert (found or "").startswith((hardware or "").partition("g5")[0])
    assert (found is None) == (hardware is None)
    if found:
        assert "from the machine" in text_of(answer.text)
    if status == 422:
        assert 'role="alert"' in answer.text


def test_a_machine_that_was_looked_at_fills_answers_in(client: TestClient, project: str) -> None:
    profile = {"schema": "steelyard/hardware-profile/1", "label": "box", "host": {"os": "linux"}}
    name = client.post("/v1/hardware", json=profile).json()["id"]
    answer = client.post(project, data={"revision": "1", "hardware": "profile", "hardware.profile": name})
    assert f"Machine: {name}" in text_of(answer.text)


# --- Text is text ----------------------------------------------------------------------------------------------------


def test_text_is_never_markup(client: TestClient, project: str) -> None:
    pages = [
        client.post("/projects", data={"name": EVIL}),
        client.post("/projects", data={"example": EVIL}),
        client.post("/projects", data={"from": EVIL}),
        client.post("/projects", files={"file": (EVIL + ".yaml", f"stage: '{EVIL}'".encode())}),
        client.post("/projects", files={"file": ("a.yaml", f"name: '{EVIL}'\nanswers: {{}}".encode())}),
        client.get(project, params={"question": EVIL}),
        client.get("/projects/" + EVIL),
        say(client, project, "data_rows", data_rows=EVIL),
        say(client, project, EVIL, data_rows="1"),
        client.post(project, data={"revision": EVIL, "question": "stage", "stage": "research"}),
        client.post(project, data={"revision": "1", "hardware": EVIL}),
        client.post(project + "/preview", data={"revision": "1", "question": EVIL}),
    ]
    for page in pages:
        assert "<script>" not in page.text
    assert sum("&lt;script&gt;" in page.text for page in pages) >= 8


def test_every_page_of_it_works_without_scripts(client: TestClient, project: str) -> None:
    page = client.get(project).text
    for form in re.findall(r"<form[^>]*>", page):
        assert 'method="post"' in form
        assert f'action="{project}' in form
    for button in re.findall(r"<button[^>]*>", page):
        assert 'type="submit"' in button
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", page)


# --- A project that a later release does not take whole ---------------------------------------------------------------


def without(house: House, question: str, option: str | None) -> None:
    """Publish a release whose questionnaire has an option less, or a question less."""
    document = copy.deepcopy(house.knowledge().document)
    questions = document["questionnaire"]["questions"]
    if option is None:
        questions[:] = [q for q in questions if q["id"] != question]
    for each in questions:
        if each["id"] == question:
            each["options"] = [o for o in each["options"] if o["id"] != option]
    with house.database.writing() as session:
        info, _ = releases.publish(session, document, house.now())
        releases.activate(session, info.id)


def test_an_answer_that_a_release_no_longer_takes_is_asked_again(
    client: TestClient, project: str, house: House
) -> None:
    say(client, project, "stage", stage="research")
    say(client, project, "offline", offline="yes")
    without(house, "stage", "research")
    page = client.get(project).text
    assert heading(page) == Wording(house.knowledge()).question("stage")
    assert "found &#39;research&#39;" in field_of(page, "stage")
    assert "Answered so far" in page
    assert say(client, project, "need", need="train").status_code == 422
    assert say(client, project, "stage", stage="production").status_code == 303
    assert stored(client, project)["answers"] == {"stage": "production", "offline": True}
    assert client.get(project).status_code == 200


def test_an_answer_to_a_question_that_is_gone_goes_with_the_next_one(
    client: TestClient, project: str, house: House
) -> None:
    say(client, project, "cloud", cloud="laptop")
    without(house, "cloud", None)
    assert heading(client.get(project).text)
    assert say(client, project, "stage", stage="production").status_code == 303
    assert stored(client, project)["answers"] == {"stage": "production"}
    assert client.get(project).status_code == 200


def test_beginning_a_project_leaves_the_loop_free() -> None:
    """What reads files and asks the database runs in a thread of its own: others are answered meanwhile."""
    assert not inspect.iscoroutinefunction(interview.begin)


def test_a_list_without_such_an_option_has_a_button_for_none_of_these(client: TestClient, project: str) -> None:
    for question, has_it in (("known_frameworks", True), ("need", False), ("stage", False), ("priorities", False)):
        page = client.get(f"{project}?question={question}").text
        assert ("None of these</button>" in page) == has_it, question
        assert "Don’t know</button>" in page


def test_no_help_names_a_button_that_there_is_not(house: House) -> None:
    for question in knowledge.questionnaire(house)["questions"]:
        told = question["help"] or ""
        assert "leave it out" not in told.lower()
        if "None of these" in told:
            assert can_be_none(question) or "None of these" in {o["label"] for o in question["options"]}


def test_an_answer_is_told_as_a_person_writes_it(client: TestClient, project: str) -> None:
    assert "a second</span>" in client.get(f"{project}?question=requests_per_second").text
    say(client, project, "requests_per_second", requests_per_second="20")
    say(client, project, "offline", offline="yes")
    words = text_of(client.get(project).text)
    assert "20 a second" in words
    assert "Yes Change" in words


def test_frameworks_to_choose_from_are_in_sight(client: TestClient, project: str) -> None:
    assert '<details class="many" open>' in client.get(f"{project}?question=known_frameworks").text


def test_all_that_are_ranked_are_counted(client: TestClient) -> None:
    asked = client.post("/v1/questions/next", json={"answers": {}}).json()["roles"]
    made = client.post("/v1/recommendations", json={"answers": {}}).json()["roles"]
    assert {role: found["ranked"] for role, found in asked.items()} == {
        role: len(found["ranking"]) for role, found in made.items()
    }


@pytest.mark.parametrize(
    "way", ["{id}", " {id} ", "http://testserver/projects/{id}", "/projects/{id}?question=stage", "/projects/{id}/"]
)
def test_a_project_is_gone_on_with_by_its_address_or_id(client: TestClient, way: str) -> None:
    begun = client.post("/projects", data={"name": "Mine"}, follow_redirects=False).headers["location"]
    project = str(begun).partition("?")[0]
    given = way.format(id=project.rpartition("/")[2])
    found = client.get("/projects", params={"project": given}, follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (303, project)


@pytest.mark.parametrize("given", ["", "p-1", "../secrets", "p-" + "g" * 32])
def test_what_is_no_project_is_told_on_the_start_page(client: TestClient, given: str) -> None:
    answer = client.get("/projects", params={"project": given})
    assert answer.status_code == 422
    assert "the address of a project, or its id" in text_of(answer.text)
    assert client.get("/projects", params={"project": "p-" + "0" * 32}).status_code == 404
