"""Refresh against an index on this machine, through each interface it may have."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from advisor import package_index
from advisor.errors import IndexUnreachable, InvalidInput
from advisor.refresh import Refreshed, refresh
from advisor.settings import Settings
from knowledge_base import proposal as proposals
from knowledge_base.index.client import Clock, HttpIndex
from tests.index_pages import SIMPLE_HTML, SIMPLE_JSON, Package, caffe, source, torch, wheel
from tests.index_server import LocalIndex, Page, local_index

TODAY = date(2026, 11, 21)
SECRET = "s3cr3t"  # noqa: S105  of a test


@pytest.fixture
def server() -> Iterator[LocalIndex]:
    with local_index() as found:
        yield found


@pytest.fixture
def index(server: LocalIndex, tmp_path: Path) -> HttpIndex:
    return client(server, tmp_path)


def client(server: LocalIndex, home: Path, slept: list[float] | None = None) -> HttpIndex:
    waits = slept if slept is not None else []
    clock = Clock(now=lambda: datetime(2026, 11, 21, tzinfo=UTC), sleep=waits.append)
    address = server.address.replace("http://", f"http://ann:{SECRET}@")
    settings = Settings.model_validate({"home": home, "package_index": address})
    return package_index.configured(settings, environment={}, clock=clock)


def litert() -> Package:
    rows = [wheel("ai-edge-litert", "1.0", "cp310-cp310-manylinux_2_17_x86_64")]
    return Package("ai-edge-litert", rows, home="https://github.com/google-ai-edge/litert", version="1.0")


def serve(server: LocalIndex, package: Package, interface: str) -> None:
    simple, files = f"/simple/{package.name}/", [row.name for row in package.rows]
    if interface == "json":
        server.add_json(package.name, package.encoded())
    elif interface == "html":
        server.pages[simple] = Page(package.simple_html().encode(), SIMPLE_HTML)
    else:
        server.pages[simple] = Page(json.dumps(package.simple_json()).encode(), SIMPLE_JSON)
    server.pages |= {f"/files/{each}.metadata": Page(package.metadata().encode(), "text/plain") for each in files}


def described(found: Refreshed) -> dict[str, dict[str, object]]:
    return {each["package"]: each for each in found.as_document()["packages"]}


@pytest.mark.parametrize("interface", ["json", "simple", "html"])
def test_each_interface_leads_to_the_same_facts(
    server: LocalIndex, index: HttpIndex, small_pack_folder: Path, interface: str
) -> None:
    serve(server, torch(), interface)
    found = refresh(small_pack_folder, index, TODAY, ["pytorch"])
    told = described(found)["torch"]
    day = None if interface == "html" else "2026-11-18"
    assert (told["newest"], told["date"], told["used"], told["traps"]) == ("2.16.0", day, True, [])
    assert (told["python"], told["free_threaded"], told["licence"]) == (["3.11", "3.15"], ["3.14"], "BSD-3-Clause")
    assert told["yanked"] == ["2.14.0"]
    assert ("version", "1.0", "2.16.0") in [(each.path, each.before, each.after) for each in found.proposal.set]
    assert proposals.parse(found.as_yaml(), "p.yaml") == found.proposal


def test_one_request_for_each_package_where_there_is_a_json_interface(
    server: LocalIndex, index: HttpIndex, small_pack_folder: Path
) -> None:
    for name in ("jax", "jaxlib", "jax-metal", "torch"):
        serve(server, Package(name, [source(name, "1.0")], version="1.0"), "json")
    refresh(small_pack_folder, index, TODAY, ["jax", "pytorch"])
    assert server.paths() == [f"/pypi/{name}/json" for name in ("jax", "jaxlib", "jax-metal", "torch")]
    agents = {each.headers["User-Agent"] for each in server.asked}
    assert len(agents) == 1
    assert agents.pop().startswith("steelyard/")


def test_an_index_without_a_json_interface_is_found_out_once(
    server: LocalIndex, index: HttpIndex, small_pack_folder: Path
) -> None:
    for name in ("jax", "jaxlib", "jax-metal"):
        package = Package(name, [source(name, "1.0")], version="1.0")
        server.add_simple(name, json.dumps(package.simple_json()).encode())
    refresh(small_pack_folder, index, TODAY, ["jax"])
    assert server.paths() == ["/pypi/jax/json", "/simple/jax/", "/simple/jaxlib/", "/simple/jax-metal/"]


@pytest.mark.parametrize("other", [Page(b"<html>Welcome", "text/html"), Page(status=405), Page(status=500)])
def test_whatever_stands_where_the_json_interface_would_be(
    server: LocalIndex, index: HttpIndex, small_pack_folder: Path, other: Page
) -> None:
    serve(server, torch(), "simple")
    server.pages |= {f"/pypi/{name}/json": other for name in ("ai-edge-litert", "tflite-runtime", "torch")}
    if other.status != 200:  # a "no" for a package that is not there says it once for all
        told = described(refresh(small_pack_folder, index, TODAY, ["litert", "pytorch"]))
        assert told["ai-edge-litert"]["outcome"] == "absent"
        assert "/pypi/tflite-runtime/json" not in server.paths()
    else:
        told = described(refresh(small_pack_folder, index, TODAY, ["pytorch", "caffe"]))
        assert server.paths()[:2] == ["/pypi/caffe/json", "/simple/caffe/"]
    assert told["torch"]["newest"] == "2.16.0"


def test_metadata_that_cannot_be_read_costs_the_identity_only(
    server: LocalIndex, index: HttpIndex, small_pack_folder: Path
) -> None:
    serve(server, torch(), "simple")
    for path in [each for each in server.pages if each.endswith(".metadata")]:
        server.pages[path] = Page(b"nonsense")
    told = described(refresh(small_pack_folder, index, TODAY, ["pytorch"]))["torch"]
    assert (told["newest"], told["used"]) == ("2.16.0", True)
    assert [each["kind"] for each in told["traps"]] == ["no-address"]  # type: ignore[attr-defined]


def test_only_what_was_asked_for_is_asked(server: LocalIndex, index: HttpIndex, small_pack_folder: Path) -> None:
    serve(server, caffe(), "json")
    refresh(small_pack_folder, index, TODAY, ["caffe"])
    assert server.paths() == ["/pypi/caffe/json"]


def test_a_package_that_fails_is_reported_and_the_others_go_on(
    server: LocalIndex, index: HttpIndex, small_pack_folder: Path
) -> None:
    serve(server, torch(), "json")
    serve(server, litert(), "json")
    server.pages["/pypi/jax/json"] = Page(b"{]")
    server.pages["/pypi/onnxruntime/json"] = Page(status=503)
    found = refresh(small_pack_folder, index, TODAY)
    told = described(found)
    assert {name: each["outcome"] for name, each in told.items()} == {
        "caffe": "absent",
        "jax": "failed",
        "jaxlib": "absent",
        "jax-metal": "absent",
        "ai-edge-litert": "read",
        "tflite-runtime": "absent",
        "onnxruntime": "failed",
        "torch": "read",
        "tensorflow": "absent",
    }
    assert told["onnxruntime"]["failure"] == "it answers with status 503"
    assert "jax, package jax: it could not be read: the answer is not JSON." in found.proposal.notes


def test_failures_in_a_row_end_the_asking(server: LocalIndex, index: HttpIndex, small_pack_folder: Path) -> None:
    serve(server, caffe(), "json")
    for name in ("jax", "jaxlib", "jax-metal", "ai-edge-litert", "torch"):
        server.pages[f"/pypi/{name}/json"] = Page(status=403)
    found = refresh(small_pack_folder, index, TODAY)
    outcomes = [each["outcome"] for each in found.as_document()["packages"]]
    assert outcomes == ["read", *["failed"] * 3, *["not-asked"] * 5]
    assert len(server.asked) == 4


def test_an_index_that_cannot_be_reached(server: LocalIndex, small_pack_folder: Path, tmp_path: Path) -> None:
    with local_index() as gone:
        index = client(gone, tmp_path)
    with pytest.raises(IndexUnreachable, match="refuses the connection") as caught:
        refresh(small_pack_folder, index, TODAY)
    assert SECRET not in str(caught.value)
    assert index.address in str(caught.value)


def test_an_index_that_answers_nothing_useful(server: LocalIndex, index: HttpIndex, small_pack_folder: Path) -> None:
    for name in ("jax", "jaxlib", "jax-metal"):
        server.pages |= {f"/pypi/{name}/json": Page(status=401), f"/simple/{name}/": Page(status=401)}
    with pytest.raises(IndexUnreachable, match="refuses access"):
        refresh(small_pack_folder, index, TODAY, ["jax"])


def test_an_index_that_asks_for_time_is_given_it(server: LocalIndex, small_pack_folder: Path, tmp_path: Path) -> None:
    slept: list[float] = []
    serve(server, torch(), "json")
    server.planned["/pypi/torch/json"] = [Page(status=429, headers={"Retry-After": "30"}), Page(status=500)]
    found = refresh(small_pack_folder, client(server, tmp_path, slept), TODAY, ["pytorch"])
    assert (described(found)["torch"]["outcome"], slept) == ("read", [30.0, 2.0])


def test_what_has_not_changed_is_not_sent_again(server: LocalIndex, index: HttpIndex, small_pack_folder: Path) -> None:
    serve(server, torch(), "json")
    first = refresh(small_pack_folder, index, TODAY, ["pytorch"])
    assert refresh(small_pack_folder, index, TODAY, ["pytorch"]) == first
    assert "If-None-Match" in server.asked[-1].headers


def test_credentials_reach_the_index_and_nothing_else(
    server: LocalIndex, index: HttpIndex, small_pack_folder: Path, tmp_path: Path
) -> None:
    serve(server, torch(), "simple")
    found = refresh(small_pack_folder, index, TODAY, ["pytorch"])
    assert all(each.headers["Authorization"].startswith("Basic ") for each in server.asked)
    told = found.as_yaml() + json.dumps(found.as_document()) + repr(index) + repr(found)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET not in told
    assert SECRET.encode() not in kept
    assert "127.0.0.1" not in found.as_yaml()  # a proposal names no host


def test_every_fault_of_what_was_asked_is_listed(index: HttpIndex, small_pack_folder: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        refresh(small_pack_folder, index, TODAY, ["pytorh", "pytorch", "nothing"])
    assert [(f.path, f.value, f.nearest) for f in caught.value.faults] == [
        ("--only", "'pytorh'", "pytorch"),
        ("--only", "'nothing'", None),
    ]


# --- Which index -----------------------------------------------------------------------------------------------------


def test_the_setting_goes_before_pip_s(tmp_path: Path) -> None:
    pip = {"HOME": str(tmp_path), "PIP_INDEX_URL": "https://ann:pw@pip.example/simple"}
    own = Settings.model_validate({"home": tmp_path, "package_index": "https://own.example/simple"})
    assert package_index.configured(own, pip).address == "https://own.example/simple/"
    assert package_index.configured(Settings(package_index=None), pip).address == "https://pip.example/simple/"


@pytest.mark.parametrize(
    ("setting", "pip", "path"),
    [
        (f"http://ann:{SECRET}@index.example/simple", {}, "STEELYARD_PACKAGE_INDEX"),
        (None, {"PIP_INDEX_URL": f"ftp://ann:{SECRET}@index.example/simple"}, "pip's index-url"),
        ("https://index.example/", {"PIP_CERT": "/no/such.pem"}, "pip's cert"),
    ],
)
def test_an_index_that_cannot_be_asked(setting: str | None, pip: dict[str, str], path: str) -> None:
    settings = Settings.model_validate({"package_index": setting})
    with pytest.raises(InvalidInput) as caught:
        package_index.configured(settings, {"PIP_CONFIG_FILE": "/dev/null", **pip})
    (fault,) = caught.value.faults
    assert fault.path == path
    assert SECRET not in str(fault)


def test_a_setting_is_not_shown() -> None:
    settings = Settings.model_validate({"package_index": f"https://ann:{SECRET}@index.example/"})
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()}"


def test_packages_of_others_and_of_other_registries_are_not_asked_for(
    server: LocalIndex, index: HttpIndex, small_pack_folder: Path, tmp_path: Path
) -> None:
    serve(server, torch(), "json")
    main = "{name: torch, role: main, expect: [pytorch.org, github.com/pytorch/pytorch], tells: [version]}"
    more = ["name: timm, role: on, note: So", "name: torch, registry: conda, role: part"]
    lines = [f"    - {each}\n" for each in (main, *(f"{{{one}, as_of: '2026-11-22'}}" for one in more))]
    folder = tmp_path / "pack"
    shutil.copytree(small_pack_folder, folder)
    (folder / "packages.yaml").write_text("- id: pytorch\n  packages:\n" + "".join(lines))
    found = refresh(folder, index, TODAY)
    assert list(described(found)) == ["torch"]
    assert not [each.path for each in server.asked if "timm" in each.path]
