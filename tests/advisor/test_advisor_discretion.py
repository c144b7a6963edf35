"""Logs hold the beginnings of secret ids: in messages, values and tracebacks, as uvicorn and the workers write them."""

import io
import logging
from pathlib import Path

import pytest
from uvicorn.logging import AccessFormatter

from advisor.discretion import Discreet, brief

SECRET = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"/v1/portfolios/pf-{SECRET}/events", "/v1/portfolios/pf-012345.../events"),
        (f"/portfolios?portfolio=http%3A%2F%2Fa%2Fpf-{SECRET}", "/portfolios?portfolio=http%3A%2F%2Fa%2Fpf-012345..."),
        (f"/portfolios/drafts/{SECRET}", "/portfolios/drafts/012345..."),
        (f"/portfolios?after=2026-11-21T10:00_pf-{SECRET}", "/portfolios?after=2026-11-21T10:00_pf-012345..."),
        ("/v1/portfolios?cursor=WyIyMDI2&limit=2", "/v1/portfolios?cursor=...&limit=2"),
        (f"p-{SECRET}", "p-012345..."),
        (f"sha256 {SECRET * 2}", f"sha256 {SECRET * 2}"),
    ],
)
def test_what_opens_something_is_cut_short(said: str, told: str) -> None:
    assert brief(said) == told


def test_a_record_is_discreet_in_all_its_parts() -> None:
    log, text = logging.Logger("test"), io.StringIO()
    log.addFilter(Discreet())
    handler = logging.StreamHandler(text)
    log.addHandler(handler)
    try:
        Path(f"/nowhere/pf-{SECRET}").read_bytes()
    except OSError as error:
        log.error("portfolio %s failed: %s", f"pf-{SECRET}", error, exc_info=error)
    handler.setFormatter(AccessFormatter("%(request_line)s %(status_code)s", use_colors=False))
    log.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", f"/portfolios/pf-{SECRET}", "1.1", 200)
    assert SECRET not in text.getvalue()
    assert text.getvalue().count("pf-012345...") == 4
    assert text.getvalue().endswith("GET /portfolios/pf-012345... HTTP/1.1 200 OK\n")
