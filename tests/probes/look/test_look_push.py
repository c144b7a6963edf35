"""Pushing: to the address that was named only, with the key where it belongs, whatever answers there."""

import pytest

from probes.look import push
from probes.look.limits import MAX_DOCUMENT_BYTES
from tests.receiving import Answer, answering, broken, dripping, hanging, receiving

TAKEN = answering(201, {"id": "h-1234"})


def test_the_profile_is_sent_as_it_is_with_the_key_in_its_header() -> None:
    with receiving(TAKEN) as service:
        assert push.push(b'{"a": 1}', push.target(service.url, "s3cret")) == "h-1234"
    (seen,) = service.seen
    assert (seen.path, seen.body) == ("/v1/hardware", b'{"a": 1}')
    assert seen.headers["authorization"] == "Bearer s3cret"
    assert seen.headers["content-type"] == "application/json"


def test_without_a_key_no_header_says_one() -> None:
    with receiving(TAKEN) as service:
        push.push(b"{}", push.target(service.url, None))
    assert "authorization" not in service.seen[0].headers


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://steelyard.example.org", "https://steelyard.example.org/v1/hardware"),
        ("https://steelyard.example.org/", "https://steelyard.example.org/v1/hardware"),
        ("https://example.org/tools/steelyard", "https://example.org/tools/steelyard/v1/hardware"),
        ("https://example.org:8443/v1/hardware/", "https://example.org:8443/v1/hardware"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1/hardware"),
        ("http://[::1]:8000", "http://[::1]:8000/v1/hardware"),
        ("http://localhost", "http://localhost/v1/hardware"),
    ],
)
def test_an_address_may_be_of_the_service_or_of_its_profiles(given: str, meant: str) -> None:
    assert push.target(given, None).url == meant


@pytest.mark.parametrize(
    "url",
    [
        "",
        "steelyard.example.org",
        "ftp://example.org",
        "file:///etc/passwd",
        "https://",
        "https://user:pw@example.org",
        "https://example.org/?key=1",
        "https://example.org/#x",
        "https://example.org:port",
        "https://exa mple.org",
        "https://exämple.org",
        "https://[::1",
        "https://example.org\n",
        "http://example.org",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
    ],
)
def test_an_address_that_cannot_be_trusted_is_refused(url: str) -> None:
    with pytest.raises(push.Unsuitable):
        push.target(url, "key")


def test_plain_http_elsewhere_only_when_it_is_asked_for() -> None:
    found = push.target("http://example.org", None, insecure=True)
    assert (found.url, found.local) == ("http://example.org/v1/hardware", False)


@pytest.mark.parametrize("key", ["", " ", "a b", "a\r\nHost: x", "é", "x" * 513])
def test_a_key_that_is_none_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(push.Unsuitable) as caught:
        push.target("https://example.org", key)
    assert caught.value.about == "key"
    assert len(key) < 3 or key not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "told", "about_key"),
    [
        (answering(401, {"detail": "No key was given."}), "does not accept the key .401.: No key was given", True),
        (answering(403, b""), "does not accept the key .403.", True),
        (answering(413, {"detail": "Too large."}), "refused the profile .413.: Too large", False),
        (
            answering(422, {"detail": "One fault.", "faults": [{"path": "host.os", "expected": "one of linux"}, 7]}),
            "One fault.\n  host.os: one of linux$",
            False,
        ),
        (answering(422, {"detail": "\x1b[2Jx", "faults": "none"}), r"422.: \[2Jx", False),
        (answering(500, b"<html>"), "500.: it does not say why", False),
        (answering(307, b"", Location="http://127.0.0.1:9/v1/hardware"), "another address", False),
        (answering(302, b"", Location="https://example.org/"), "another address", False),
        (answering(201, b"<html>it works</html>"), "gave no id", False),
        (answering(201, {"id": "../../etc"}), "gave no id", False),
        (answering(201, {"id": "x\x1b[2J"}), "gave no id", False),
        (answering(201, b"[" * 60_000), "gave no id", False),
        (answering(201, b'{"id": "h-1"}' + b" " * push.MAX_ANSWER_BYTES), "gave no id", False),
        (broken, "cannot be reached", False),
        (hanging, "no answer within|cannot be reached", False),
        (dripping, "no answer within", False),
    ],
)
def test_whatever_answers_it_ends_with_a_reason(answer: Answer, told: str, about_key: bool) -> None:
    with receiving(answer) as service, pytest.raises(push.Refused, match=told) as caught:
        push.push(b"{}", push.target(service.url, "s3cret"), time_limit_s=0.8)
    assert caught.value.about_key is about_key
    assert "s3cret" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_redirect_is_not_followed_even_to_where_it_would_be_taken() -> None:
    with receiving(TAKEN) as other:
        onward = answering(308, b"", Location=f"{other.url}/v1/hardware")
        with receiving(onward) as service, pytest.raises(push.Refused):
            push.push(b"{}", push.target(service.url, "s3cret"))
        assert other.seen == []


def test_nobody_there_and_nothing_too_large() -> None:
    with receiving(TAKEN) as service:
        gone = push.target(service.url, None)
        with pytest.raises(push.Refused, match="larger"):
            push.push(b" " * (MAX_DOCUMENT_BYTES + 1), gone)
        assert service.seen == []
    with pytest.raises(push.Refused, match="cannot be reached"):
        push.push(b"{}", gone)


def test_no_proxy_comes_between_this_machine_and_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with receiving(TAKEN) as service:
        assert push.push(b"{}", push.target(service.url, None)) == "h-1234"
