"""`steelyard ask`: by lines, as from a pipe, and by menus, on a real pseudo-terminal."""

import os
import pty
import re
import select
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.putting.lines import Lines
from tests.commanding import Ended, Steelyard

PATIENCE_S = 60.0
DOWN, ENTER, SPACE, INTERRUPT = b"\x1b[B", b"\r", b" ", b"\x03"
RUN = "import sys; from cli.main import main; sys.argv = ['steelyard', *sys.argv[1:]]; main()"


def said(ended: Ended) -> str:
    return " ".join(ended.out.split())


def project_of(ended: Ended) -> str:
    return str(re.findall(r"steelyard ask (p-[0-9a-f]{32})", ended.out)[-1])


def test_the_end_of_the_input_stops_and_says_how_to_go_on(steelyard: Steelyard) -> None:
    ended = steelyard("ask", "--name", "Bird songs")
    assert ended.code == 0
    assert ended.out.startswith("Bird songs  [p-")
    assert "Go on at any time with: steelyard ask p-" in ended.out


def test_every_answer_is_kept_and_the_project_is_gone_on_with(steelyard: Steelyard) -> None:
    first = steelyard("ask", stdin=b"other stage\nproduction\nstop\n")
    project = project_of(first)
    shown = steelyard("ask", project, stdin=b"other stage\nstop\n")
    assert "so far: production" in said(shown)
    again = steelyard("recommend", project, "--json").json()
    assert again["answers"] == {"stage": "production"}


def test_numbers_ids_several_and_nothing(steelyard: Steelyard) -> None:
    lines = (
        b"other stage\n2\nother need\ntrain, 6\nother offline\nyes\nother data_rows\n5000\nother team_size\n\nstop\n"
    )
    project = project_of(steelyard("ask", stdin=lines))
    answers = steelyard("recommend", project, "--json").json()["answers"]
    assert answers["stage"] == "research"
    assert answers["need"] == ["train", "use_pretrained"]
    assert answers["offline"] is True
    assert answers["data_rows"] == 5000
    assert "team_size" not in answers


def test_none_of_these_is_an_answer_and_is_shown_again(steelyard: Steelyard) -> None:
    lines = b"other known_frameworks\nnone\nother deploy_targets\nnone\nother data_rows\nnone\nstop\n"
    ended = steelyard("ask", stdin=lines)
    assert "expected a number" in said(ended)
    answers = steelyard("recommend", project_of(ended), "--json").json()["answers"]
    assert answers == {"known_frameworks": [], "deploy_targets": ["none"]}
    again = steelyard("ask", project_of(ended), stdin=b"other known_frameworks\nstop\n")
    assert "so far: none of these" in said(again)


def test_a_mistake_is_told_with_the_nearest_and_asked_again(steelyard: Steelyard) -> None:
    ended = steelyard(
        "ask", stdin=b"other stage\nprodction\nproduction\nother data_rows\nplenty\n7\nother stge\nstop\n"
    )
    told = said(ended)
    assert "did you mean production?" in told
    assert "expected a number" in told
    assert "did you mean stage?" in told
    answers = steelyard("recommend", project_of(ended), "--json").json()["answers"]
    assert answers == {"stage": "production", "data_rows": 7}


def test_why_and_help_are_told_without_leaving_the_question(steelyard: Steelyard) -> None:
    told = said(steelyard("ask", stdin=b"?\nwhy\nstop\n"))
    assert told.count("Numbers or ids, several with commas between") == 2
    assert re.search(r": [A-Z][^:]* first", told)


def test_the_other_questions_are_listed_with_their_ids(steelyard: Steelyard) -> None:
    ended = steelyard("ask", stdin=b"other stage\n\nother\nother team_size\nstop\n")
    told = said(ended)
    assert "How many people work on it? [team_size]" in told
    assert told.count("[stage]") == 2  # put once, and listed among the answered


def test_the_unit_of_a_number_is_said_in_words(steelyard: Steelyard) -> None:
    told = steelyard("ask", stdin=b"other requests_per_second\nother team_size\nother latency_ms\nstop\n").out
    assert [line.strip() for line in told.splitlines() if line.startswith("  a number")] == [
        "a number a second",
        "a number of people",
        "a number in ms",
    ]


def test_the_recommendation_ends_it(steelyard: Steelyard) -> None:
    ended = steelyard("ask", stdin=b"other need\ntrain\nshow\n")
    told = said(ended)
    assert "Train with" in told
    assert "A record to commit: steelyard record d-" in told
    assert ended.code == 0


def test_it_settles_says_why_and_lets_one_go_on(steelyard: Steelyard) -> None:
    ended = steelyard("ask", stdin=b"\n" * 200)
    told = said(ended)
    assert "Empty line or show: the recommendation." in told
    assert "A record to commit" in told
    more = steelyard("ask", project_of(ended), stdin=b"go\nstop\n")
    assert more.code == 0


def test_a_project_begins_with_the_answers_of_a_file(steelyard: Steelyard, answers: Callable[[str], Path]) -> None:
    ended = steelyard("ask", "--from", answers("name: Mine\nanswers: {stage: research}\n"), stdin=b"stop\n")
    assert ended.out.startswith("Mine  [p-")
    assert steelyard("recommend", project_of(ended), "--json").json()["answers"] == {"stage": "research"}


def test_an_answer_that_a_release_no_longer_takes_is_asked_again(steelyard: Steelyard, home: Path) -> None:
    project = project_of(steelyard("ask", stdin=b"other stage\nresearch\nother offline\nyes\nstop\n"))
    with sqlite3.connect(home / "steelyard.db") as database:  # as if the release had never had the option
        database.execute(
            "UPDATE project_revisions SET content = replace(content, '\"research\"', '\"resurch\"')",
        )
    ended = steelyard("ask", project, stdin=b"production\nstop\n")
    assert ended.code == 0
    assert "[stage]" in ended.out
    assert steelyard("recommend", project, "--json").json()["answers"] == {"stage": "production", "offline": True}


def test_what_no_project_keeps_is_not_dropped_in_silence(steelyard: Steelyard, answers: Callable[[str], Path]) -> None:
    ended = steelyard("ask", "--from", str(answers("answers: {stage: production}\nroles: [runtime]\npolicy: acme\n")))
    assert ended.code != 0
    assert "roles" in ended.err
    assert "policy" in ended.err


def test_what_cannot_be_is_refused(steelyard: Steelyard, answers: Callable[[str], Path]) -> None:
    assert steelyard("ask", "p-" + "0" * 32).code == 2
    assert steelyard("ask", "p-" + "0" * 32, "--name", "x").code == 2
    assert steelyard("ask", "--from", answers("stage: prod\n")).code == 2
    assert steelyard("ask", "--hardware", "catalogue:nothing-like-it").code == 2


def test_lines_break_between_words_on_a_terminal_and_stay_whole_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = (
        "A question that is longer than a narrow terminal is wide.\n   2  An indented option of it  [an_option]\n\nEnd"
    )
    Lines().tell(told)
    assert capsys.readouterr().out == told + "\n"
    monkeypatch.setenv("COLUMNS", "24")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    Lines().tell(told)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 24
    assert " ".join(" ".join(lines).split()) == " ".join(told.split())
    assert "   of it  [an_option]" in lines
    assert "" in lines


class Terminal:
    """The program on a pseudo-terminal: keys in, the screen's text out."""

    def __init__(self, arguments: list[str]) -> None:
        self._master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "60", "PROMPT_TOOLKIT_NO_CPR": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        os.close(slave)
        self.seen = ""

    def until(self, text: str) -> None:
        """Read until a text has come since the last one."""
        end = time.monotonic() + PATIENCE_S
        while text not in self.seen:
            assert time.monotonic() < end, f"{text!r} did not come; seen: {self.seen[-2000:]!r}"
            ready, _, _ = select.select([self._master], [], [], 1.0)
            if ready:
                try:
                    self.seen += re.sub(
                        r"\x1b\[[0-9;?]*[A-Za-z]", "", os.read(self._master, 65536).decode("utf-8", "replace")
                    )
                except OSError:  # the program has ended, and with it the terminal
                    assert text in self.seen
                    return
        self.seen = self.seen[self.seen.index(text) + len(text) :]

    def press(self, *keys: bytes) -> None:
        for key in keys:
            os.write(self._master, key)
            time.sleep(0.05)

    def end(self) -> int:
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def on_terminal(home: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts the program on a terminal of its own."""
    started: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        started.append(Terminal([*arguments]))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_menus_are_walked_by_keys(home: Path, on_terminal: Callable[..., Terminal]) -> None:
    terminal = on_terminal("ask", "--name", "By keys", "--from", str(_few(home)))
    terminal.until("By keys")
    terminal.until("alone: don't know)")  # a list: nothing chosen leads to what one may want instead
    terminal.press(ENTER)
    terminal.until("nothing chosen")
    terminal.until("Instead?")
    terminal.press(DOWN, DOWN, DOWN, ENTER)
    terminal.until("A record to commit")
    assert terminal.end() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_another_question_is_chosen_from_a_menu(home: Path, on_terminal: Callable[..., Terminal]) -> None:
    terminal = on_terminal("ask", "--from", str(_few(home)))
    terminal.until("alone: don't know)")
    terminal.press(ENTER)
    terminal.until("Instead?")
    terminal.press(DOWN, DOWN, ENTER)
    terminal.until("Which one?")
    terminal.press(INTERRUPT)
    assert terminal.end() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_interrupting_a_menu_keeps_what_was_answered(on_terminal: Callable[..., Terminal]) -> None:
    terminal = on_terminal("ask", "--name", "Stopped")
    terminal.until("Stopped")
    terminal.until("?")
    terminal.press(INTERRUPT)
    terminal.until("Go on at any time with: steelyard ask p-")
    assert terminal.end() == 0


def _few(home: Path) -> Path:
    """Answers that leave a list as the next question."""
    path = home / "few.yaml"
    path.write_text("stage: research\n", encoding="utf-8")
    return path
