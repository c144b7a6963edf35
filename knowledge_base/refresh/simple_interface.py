"""The simple interface of a package index: a page of files as JSON (PEP 691, 700) or HTML (PEP 503), with PEP 592's
yanking, PEP 658 and 714's metadata files and PEP 792's status of a project.
"""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import canonicalize_name

from knowledge_base.refresh import values
from knowledge_base.refresh.project import File, Project, Unreadable, named

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
MAX_LINKS = 100_000


def project(name: str, kind: str, body: bytes, base: str) -> Project:
    """The package `name` from a page of the simple interface of content type `kind`; links are relative to `base`.

    Raises:
        Unreadable: it is no such page, or one of another package, or of a version that is not known here.
    """
    if kind == "application/vnd.pypi.simple.v1+json" or kind == "application/json":
        return _from_json(name, values.document(body), base)
    if kind in ("application/vnd.pypi.simple.v1+html", "text/html"):
        return _from_html(name, body, base)
    raise Unreadable(f"the answer is of the type {kind[:80]!r}, no page of files")


def _version(text: str | None) -> None:
    if text is not None and text.split(".")[0] != "1":
        raise Unreadable(f"the interface is of version {text[:20]!r}; 1 is understood")


def _from_json(name: str, document: Mapping[str, object], base: str) -> Project:
    _version(values.text(values.table(document.get("meta")).get("api-version")))
    if not isinstance(document.get("files"), list):
        raise Unreadable("the answer lacks the list of files")
    given = values.text(document.get("name")) or name
    if canonicalize_name(given) != canonicalize_name(name):
        raise Unreadable(f"the answer is about another package, {given!r}")
    rows = [values.table(each) for each in values.listed(document["files"])]
    files = [file for row in rows if (file := _json_file(name, row, base))]
    status = values.table(document.get("project-status"))
    return Project(
        name,
        "simple",
        tuple(files),
        len(rows) - len(files),
        None,
        values.text(status.get("status")),
        values.text(status.get("reason")),
    )


def _json_file(name: str, row: Mapping[str, object], base: str) -> File | None:
    filename = values.text(row.get("filename")) or ""
    found = named(name, filename)
    if found is None:
        return None
    yanked, reason = values.yanked(row.get("yanked"))
    offered = row.get("core-metadata", row.get("dist-info-metadata"))
    url = row.get("url")
    return File(
        name=filename,
        version=found[0],
        tags=found[1],
        size_bytes=values.size(row.get("size")),
        uploaded=values.day(row.get("upload-time")),
        yanked=yanked,
        yanked_reason=reason,
        requires_python=values.text(row.get("requires-python")),
        metadata=_metadata(base, url) if offered and isinstance(url, str) else None,
    )


def _metadata(base: str, url: str) -> str | None:
    """Where the metadata of a file lie: its address with `.metadata` behind; None where it is no address."""
    try:
        whole = urlsplit(urljoin(base, url))
    except ValueError:
        return None
    return whole._replace(path=whole.path + ".metadata", fragment="").geturl()


def _from_html(name: str, body: bytes, base: str) -> Project:
    page = _Page(base)
    text = body.decode("utf-8", "replace")
    if _UNCLOSED.search(text):
        raise Unreadable("the page is not HTML: a tag is never closed")
    try:
        page.feed(text)
        page.close()
    except (ValueError, AssertionError):  # what the parser says of marked sections, and of addresses that are none
        raise Unreadable("the page is not HTML that can be read") from None
    _version(page.meta.get("pypi:repository-version"))
    if not page.is_html:
        raise Unreadable("the answer is no HTML page")
    files = [file for link in page.links if (file := _html_file(name, link, page.base))]
    status, reason = page.meta.get("pypi:project-status"), page.meta.get("pypi:project-status-reason")
    return Project(name, "simple", tuple(files), len(page.links) - len(files), None, status, reason)


_UNCLOSED = re.compile("<[^<>]*<")  # the parser reads the rest of the page anew for each


class _Page(HTMLParser):
    """The links and the facts in the head of a page."""

    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = base
        self.meta: dict[str, str] = {}
        self.links: list[Mapping[str, str | None]] = []
        self.is_html = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links and facts."""
        given = dict(attrs)
        self.is_html = self.is_html or tag in ("html", "head", "body", "a", "meta", "title", "h1")
        if tag == "meta" and (name := values.text(given.get("name"))):
            self.meta[name] = values.text(given.get("content")) or ""
        elif tag == "base" and (href := given.get("href")):
            self.base = urljoin(self.base, href)
        elif tag == "a" and given.get("href") and len(self.links) < MAX_LINKS:
            self.links.append(given)


def _html_file(name: str, link: Mapping[str, str | None], base: str) -> File | None:
    href = link["href"] or ""
    try:
        filename = unquote(urlsplit(urljoin(base, href)).path.rsplit("/", 1)[-1])
    except ValueError:
        return None
    found = named(name, filename)
    if found is None:
        return None
    offered = link.get("data-core-metadata", link.get("data-dist-info-metadata"))
    return File(
        name=filename,
        version=found[0],
        tags=found[1],
        size_bytes=None,
        uploaded=None,
        yanked="data-yanked" in link,
        yanked_reason=values.text(link.get("data-yanked")),
        requires_python=values.text(link.get("data-requires-python")),
        metadata=_metadata(base, href) if offered and offered != "false" else None,
    )
