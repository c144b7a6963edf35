"""Asking an index over HTTP, against a real server on this machine: manners, bounds, and answers nobody should send."""

import gzip
import ssl
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from knowledge_base.index import address
from knowledge_base.index.cache import Cache
from knowledge_base.index.client import MAX_REDIRECTS, Clock, HttpIndex, Manners
from knowledge_base.refresh.asking import Answer, NotAnswered, NotReached
from tests.index_server import LocalIndex, Page, local_index

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PATH = "/simple/torch/"
MOST = 10_000


@pytest.fixture
def server() -> Iterator[LocalIndex]:
    with local_index() as found:
        yield found


class Client:
    """A client of the local index, with a clock of its own; `slept` are its waits in seconds."""

    def __init__(self, server: LocalIndex, folder: Path, *, credentials: str = "", timeout_s: float = 5.0) -> None:
        self.slept: list[float] = []
        self.root = server.address.removesuffix("/simple")
        given = server.address.replace("http://", f"http://{credentials}")
        clock = Clock(now=lambda: NOW, sleep=self.slept.append)
        manners = Manners("steelyard/test", timeout_s=timeout_s)
        self.index = HttpIndex(address.parse(given), Cache(folder), manners, clock)

    def get(self, path: str = PATH, most_bytes: int = MOST) -> Answer | None:
        return self.index.get(self.root + path, "text/html", most_bytes)


@pytest.fixture
def client(server: LocalIndex, tmp_path: Path) -> Client:
    return Client(server, tmp_path / "cache")


def header(server: LocalIndex, name: str, request: int = -1) -> str | None:
    return server.asked[request].headers.get(name)


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_a_page_is_read(server: LocalIndex, client: Client) -> None:
    server.pages[PATH] = Page(b"<html>", "text/HTML; charset=utf-8")
    assert client.get() == Answer("text/html", b"<html>", client.root + PATH)
    assert header(server, "User-Agent") == "steelyard/test"
    assert header(server, "Accept") == "text/html"
    assert header(server, "Authorization") is None


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_none(server: LocalIndex, client: Client, status: int) -> None:
    server.pages[PATH] = Page(status=status)
    assert client.get() is None
    assert client.slept == []


def test_a_packed_page_is_unpacked(server: LocalIndex, client: Client) -> None:
    server.pages[PATH] = Page(b"x" * 9_000, zipped=True)
    found = client.get()
    assert found is not None
    assert found.body == b"x" * 9_000
    assert header(server, "Accept-Encoding") == "gzip"


def test_an_answer_that_only_says_packed(server: LocalIndex, client: Client) -> None:
    server.pages[PATH] = Page(b"plain", headers={"Content-Encoding": "gzip"})
    with pytest.raises(NotAnswered, match="cannot be unpacked"):
        client.get()


# --- What is kept ----------------------------------------------------------------------------------------------------


def test_what_has_not_changed_is_not_sent_again(server: LocalIndex, client: Client, tmp_path: Path) -> None:
    server.pages[PATH] = Page(b"first", "text/html")
    first = client.get()
    assert header(server, "If-None-Match") is None
    again = Client(server, tmp_path / "cache").get()
    assert again == first
    assert header(server, "If-None-Match")
    server.pages[PATH] = Page(b"second", "text/html")
    changed, kept = client.get(), client.get()
    assert changed is not None
    assert (changed.body, kept) == (b"second", changed)
    assert [each.name for each in (tmp_path / "cache").iterdir()] == [next((tmp_path / "cache").iterdir()).name]


def test_a_date_of_the_last_change_serves_where_there_is_no_etag(server: LocalIndex, client: Client) -> None:
    when = format_datetime(NOW, usegmt=True)
    server.pages[PATH] = Page(b"page", with_etag=False, headers={"Last-Modified": when})
    client.get()
    client.get()
    assert header(server, "If-Modified-Since") == when


def test_without_either_nothing_is_kept(server: LocalIndex, client: Client, tmp_path: Path) -> None:
    server.pages[PATH] = Page(b"page", with_etag=False)
    client.get()
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("damage", [b"", b"{}\nfirst", b"not json\nfirst", b"[]\nfirst", b"\xff", None])
def test_what_is_kept_damaged_is_asked_anew(
    server: LocalIndex, client: Client, tmp_path: Path, damage: bytes | None
) -> None:
    server.pages[PATH] = Page(b"first")
    client.get()
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"first", b"fIrst") if damage is None else damage)
    found = client.get()
    assert found is not None
    assert found.body == b"first"
    assert header(server, "If-None-Match") is None


def test_a_folder_that_cannot_be_written_costs_no_answer(server: LocalIndex, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    server.pages[PATH] = Page(b"page")
    client = Client(server, tmp_path / "file" / "cache")
    assert client.get() == client.get() != None  # noqa: E711  both are pages


def test_not_modified_without_anything_kept_is_no_answer(server: LocalIndex, client: Client) -> None:
    server.pages[PATH] = Page(status=304)
    with pytest.raises(NotAnswered, match="status 304"):
        client.get()


# --- Patience --------------------------------------------------------------------------------------------------------


def test_a_server_that_recovers_is_waited_for_longer_and_longer(server: LocalIndex, client: Client) -> None:
    server.pages[PATH] = Page(b"fine")
    server.planned[PATH] = [Page(status=500), Page(status=503), Page(status=502)]
    found = client.get()
    assert found is not None
    assert (found.body, client.slept) == (b"fine", [1.0, 2.0, 4.0])


def test_it_gives_up_after_four_tries(server: LocalIndex, client: Client) -> None:
    server.pages[PATH] = Page(status=500)
    with pytest.raises(NotAnswered, match="status 500"):
        client.get()
    assert (len(server.asked), client.slept) == (4, [1.0, 2.0, 4.0])


@pytest.mark.parametrize(
    ("given", "waited"),
    [
        ("7", 7.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        ("soon", 1.0),
        ("-5", 1.0),
        ("", 1.0),
    ],
)
def test_it_waits_as_long_as_it_is_asked_to(server: LocalIndex, client: Client, given: str, waited: float) -> None:
    server.pages[PATH] = Page(b"fine")
    server.planned[PATH] = [Page(status=429, headers={"Retry-After": given})]
    assert client.get() is not None
    assert client.slept == [waited]


def test_a_wait_that_is_too_long_ends_it(server: LocalIndex, client: Client) -> None:
    server.pages[PATH] = Page(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(NotAnswered, match="status 429, and asks to wait for 3600 seconds"):
        client.get()
    assert (len(server.asked), client.slept) == (1, [])


@pytest.mark.parametrize(("status", "said"), [(401, "refuses access"), (403, "refuses access"), (418, "status 418")])
def test_a_no_is_taken_at_once(server: LocalIndex, client: Client, status: int, said: str) -> None:
    server.pages[PATH] = Page(status=status)
    with pytest.raises(NotAnswered, match=said):
        client.get()
    assert len(server.asked) == 1


def test_a_connection_that_breaks_off_is_tried_again(server: LocalIndex, client: Client) -> None:
    server.pages[PATH] = Page(b"whole")
    server.planned[PATH] = [Page(b"half", cut=True)]
    found = client.get()
    assert found is not None
    assert (found.body, client.slept) == (b"whole", [1.0])


def test_an_answer_that_drips_is_bounded_in_time(server: LocalIndex, tmp_path: Path) -> None:
    server.pages[PATH] = Page(b"x" * 400, drip_s=0.02)
    client = Client(server, tmp_path, timeout_s=0.2)
    with pytest.raises(NotReached, match=r"longer than 0\.2 seconds"):
        client.get()
    assert len(client.slept) == 3


def test_nobody_there(server: LocalIndex, tmp_path: Path) -> None:
    with local_index() as gone:
        client = Client(gone, tmp_path)
    with pytest.raises(NotReached, match="refuses the connection"):
        client.get()
    assert client.slept == []  # it would not be better a second later


# --- Bounds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [False, True])
def test_a_page_is_bounded_packed_or_not(server: LocalIndex, client: Client, zipped: bool) -> None:
    server.pages[PATH] = Page(b"0" * MOST, zipped=zipped)
    assert client.get() is not None
    server.pages[PATH] = Page(b"0" * (MOST + 1), zipped=zipped)
    with pytest.raises(NotAnswered, match="larger than 10,000 bytes"):
        client.get()
    server.pages[PATH] = Page(b"0" * 50_000_000, zipped=True)  # 49 kB on the way
    with pytest.raises(NotAnswered, match="larger"):
        client.get(most_bytes=100_000)


def test_a_packed_page_is_unpacked_no_further_than_its_bound(server: LocalIndex, client: Client) -> None:
    packed = gzip.compress(b"0" * 60_000_000)  # 58 kB, one chunk on the way
    server.pages[PATH] = Page(packed, headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    try:
        with pytest.raises(NotAnswered, match="larger"):
            client.get(most_bytes=100_000)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


# --- Redirects -------------------------------------------------------------------------------------------------------


def to(place: str, status: int = 301) -> Page:
    return Page(status=status, headers={"Location": place})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_links_are_relative_to_its_end(
    server: LocalIndex, client: Client, status: int
) -> None:
    server.pages |= {"/simple/Torch/": to("../torch/", status), PATH: Page(b"page")}
    found = client.get("/simple/Torch/")
    assert found is not None
    assert (found.base, server.paths()) == (client.root + PATH, ["/simple/Torch/", PATH])


def test_redirects_are_bounded(server: LocalIndex, client: Client) -> None:
    server.pages[PATH] = to(PATH)
    with pytest.raises(NotAnswered, match=f"more than {MAX_REDIRECTS} times"):
        client.get()
    assert len(server.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    "place",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "data:text/html,x",
        "http://192.0.2.1/simple/torch/",
        "http://index.example/simple/torch/",
        "https://",
        "http://[::bad",
        "gopher://127.0.0.1/",
        "http://127.0.0.1:99999/",
    ],
)
def test_a_redirect_never_leaves_what_may_be_asked(server: LocalIndex, client: Client, place: str) -> None:
    server.pages[PATH] = to(place)
    with pytest.raises(NotAnswered, match="may not be asked"):
        client.get()
    assert len(server.asked) == 1


def test_an_address_in_a_page_is_checked_as_well(client: Client) -> None:
    with pytest.raises(NotAnswered, match="may not be asked"):
        client.index.get("file:///etc/passwd", "*/*", MOST)


# --- Credentials -----------------------------------------------------------------------------------------------------


def test_credentials_go_to_the_index_and_nowhere_else(server: LocalIndex, tmp_path: Path) -> None:
    with local_index() as other:
        client = Client(server, tmp_path / "cache", credentials="ann:s3cr%40t@")
        server.pages["/simple/torch/"] = Page(b"page")
        server.pages["/moved/"] = to(other.address + "/torch/")
        other.pages["/simple/torch/"] = Page(b"elsewhere")
        assert client.get() is not None
        assert header(server, "Authorization") == "Basic YW5uOnMzY3JAdA=="  # ann:s3cr@t
        found = client.get("/moved/")
        assert found is not None
        assert (found.body, header(other, "Authorization")) == (b"elsewhere", None)
    assert "s3cr" not in client.index.address
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").iterdir())
    assert b"s3cr" not in kept
    assert b"YW5u" not in kept


def test_what_is_secret_in_a_redirect_is_not_kept(server: LocalIndex, client: Client, tmp_path: Path) -> None:
    server.pages[PATH] = to("/signed/?token=s3cret")
    server.pages["/signed/?token=s3cret"] = Page(b"page")
    assert client.get() is not None
    (kept,) = (tmp_path / "cache").iterdir()
    assert b"s3cret" not in kept.read_bytes()


def test_certificates_that_are_none_are_refused(server: LocalIndex, tmp_path: Path) -> None:
    bad = tmp_path / "ca.pem"
    bad.write_text("no certificate")
    place = address.parse(server.address)
    for path in (bad, tmp_path / "missing.pem"):
        with pytest.raises(OSError):  # noqa: PT011  which one, the system decides
            HttpIndex(place, Cache(tmp_path), Manners("x"), Clock(), str(path))
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED
