"""Addresses that may be asked, and what pip is set up with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.index import address, pip_settings
from knowledge_base.index.address import BadAddress


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://index.example/simple", "https://index.example/simple/"),
        (" https://index.example/simple/ ", "https://index.example/simple/"),
        ("https://INDEX.example:8443/a/b?x=1#y", "https://index.example:8443/a/b/"),
        ("https://user:pass@index.example/simple", "https://index.example/simple/"),
        ("http://127.0.0.1:3141/own/simple", "http://127.0.0.1:3141/own/simple/"),
        ("http://localhost/simple", "http://localhost/simple/"),
        ("http://[::1]:80/simple", "http://[::1]:80/simple/"),
    ],
)
def test_addresses_that_may_be_asked(given: str, base: str) -> None:
    assert address.parse(given).base == base


@pytest.mark.parametrize(
    "given",
    [
        "http://index.example/simple",
        "http://192.168.1.4/simple",
        "http://127.0.0.1.example/simple",
        "http://localhost.example/simple",
        "file:///srv/simple",
        "ftp://index.example",
        "index.example/simple",
        "https://",
        "https:///simple",
        "https://[bad/",
        "https://index.example:notaport/",
        "",
    ],
)
def test_addresses_that_may_not(given: str) -> None:
    with pytest.raises(BadAddress):
        address.parse(given)


def test_no_message_and_no_picture_of_an_address_holds_its_credentials() -> None:
    for given in ("http://ann:s3cret@index.example/", "ftp://ann:s3cret@x/", "https://ann:s3cret@[bad", "s3cret://x"):
        with pytest.raises(BadAddress) as caught:
            address.parse(given)
        assert "s3cret" not in str(caught.value) or given.startswith("s3cret")
    assert "YW5u" not in repr(address.parse("https://ann:s3cret@index.example/"))


def test_credentials_are_for_one_origin() -> None:
    given = address.parse("https://ann@index.example/simple")
    assert given.authorization_for("https://index.example:443/files/x") == "Basic YW5uOg=="
    for other in ("https://files.example/x", "https://index.example:8443/x", "http://index.example/x"):
        assert given.authorization_for(other) is None


def test_a_remote_index_never_leads_to_this_machine_in_the_clear() -> None:
    given = address.parse("https://index.example/simple")
    assert given.may_follow("https://files.example/x")
    assert not given.may_follow("http://127.0.0.1/x")


# --- pip -------------------------------------------------------------------------------------------------------------

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return written


def environment(home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), "XDG_CONFIG_DIRS": str(home / "none"), **more}


def nobody() -> str | None:
    return None


def test_the_variable_goes_before_the_files(write: Write, tmp_path: Path) -> None:
    write(".config/pip/pip.conf", "[global]\nindex-url = https://file.example/simple\n")
    assert pip_settings.index_url(environment(tmp_path), nobody) == "https://file.example/simple"
    told = environment(tmp_path, PIP_INDEX_URL="https://variable.example/simple")
    assert pip_settings.index_url(told, nobody) == "https://variable.example/simple"


LAYOUTS = [
    (),
    ("etc/pip.conf",),
    ("xdg/pip/pip.conf", "etc/pip.conf"),
    ("etc/pip.conf", ".pip/pip.conf"),
    (".pip/pip.conf", ".config/pip/pip.conf"),
    (".config/pip/pip.conf", "prefix/pip.conf"),
    (".config/pip/pip.conf", "prefix/pip.conf", "named.conf"),
    (".config/pip/pip.conf", "named.conf"),
]


@pytest.mark.skipif(sys.platform != "linux", reason="the places of the files are Linux's")
@pytest.mark.parametrize("layout", LAYOUTS, ids=" ".join)
def test_the_last_file_counts_most(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: tuple[str, ...]
) -> None:
    monkeypatch.setattr(pip_settings, "SYSTEM", tmp_path / "etc")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    for name in layout:
        write(
            name, f"[install]\nindex-url = https://no.example/\n[global]\nindex-url = https://{name}/\ncert = {name}\n"
        )
    told = environment(tmp_path, XDG_CONFIG_DIRS=str(tmp_path / "xdg"), PIP_CONFIG_FILE=str(tmp_path / "named.conf"))
    assert pip_settings.index_url(told, nobody) == (f"https://{layout[-1]}/" if layout else None)
    assert pip_settings.certificates(told) == (layout[-1] if layout else None)


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("pip") is None, reason="pip is asked, where it is here")
def test_pip_says_the_same(write: Write, tmp_path: Path) -> None:
    """Beside the real one: the user's files, old and new."""
    told = {**environment(tmp_path), "PATH": os.environ["PATH"]}
    for name in (".pip/pip.conf", ".config/pip/pip.conf"):
        write(name, f"[global]\nindex-url = https://{name}/\n")
        done = subprocess.run(
            ["pip", "config", "get", "global.index-url"],
            env=told,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert pip_settings.index_url(told, nobody) == done.stdout.strip()


def test_a_named_file_stands_in_for_the_user_s(write: Write, tmp_path: Path) -> None:
    write(".config/pip/pip.conf", "[global]\nindex-url = https://user.example/\n")
    named = str(write("named.conf", "[global]\ntimeout = 3\n"))
    assert pip_settings.index_url(environment(tmp_path, PIP_CONFIG_FILE=named), nobody) is None
    missing = str(tmp_path / "missing.conf")
    assert pip_settings.index_url(environment(tmp_path, PIP_CONFIG_FILE=missing), nobody) == "https://user.example/"


def test_pip_can_be_told_to_read_no_files(write: Write, tmp_path: Path) -> None:
    write(".config/pip/pip.conf", "[global]\nindex-url = https://file.example/simple\n")
    assert pip_settings.index_url(environment(tmp_path, PIP_CONFIG_FILE=os.devnull), nobody) is None


@pytest.mark.parametrize(
    "text", ["nonsense", "[global\nx", "[global]\nindex-url\n", "[global]\nindex-url = a\nindex-url = b\n", "\x00"]
)
def test_files_that_are_none_count_as_empty(write: Write, tmp_path: Path, text: str) -> None:
    path = write("pip.conf", text)
    assert pip_settings.index_url(environment(tmp_path, PIP_CONFIG_FILE=str(path)), nobody) is None


def test_a_percent_sign_in_an_address_is_a_percent_sign(write: Write, tmp_path: Path) -> None:
    path = write("pip.conf", "[global]\nindex-url = https://ann:a%40b@index.example/\n")
    assert (
        pip_settings.index_url(environment(tmp_path, PIP_CONFIG_FILE=str(path)), nobody)
        == "https://ann:a%40b@index.example/"
    )


HELP = """
  -i, --index-url <url>       Base URL of the Python Package Index (default
                              https://standard.example/simple). This should point to a repository
  --extra-index-url <url>     Extra URLs (default https://other.example/).
"""


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [
        (HELP, 0, "https://standard.example/simple"),
        (HELP, 1, None),
        ("usage: pip", 0, None),
    ],
)
def test_pip_names_its_own_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, code: int, found: str | None
) -> None:
    pip = tmp_path / "pip"
    pip.write_text(f"#!/bin/sh\ncat <<'E'\n{text}\nE\nexit {code}\n")
    pip.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert pip_settings.default_index() == found


def test_without_pip_there_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert pip_settings.index_url(environment(tmp_path)) is None
