"""The JSON interface of a package index (`/pypi/NAME/json`): metadata and all files in one document."""

from collections.abc import Iterator, Mapping

from packaging.utils import canonicalize_name

from knowledge_base.refresh import values
from knowledge_base.refresh.project import File, Information, Project, Unreadable, named


def project(name: str, body: bytes) -> Project:
    """The package `name` from a document of the JSON interface.

    Raises:
        Unreadable: it is not such a document, or one of another package.
    """
    document = values.document(body)
    info = document.get("info")
    if not isinstance(info, dict) or not isinstance(document.get("releases"), dict):
        raise Unreadable("the answer lacks the parts info and releases")
    given = values.text(info.get("name")) or name
    if canonicalize_name(given) != canonicalize_name(name):
        raise Unreadable(f"the answer is about another package, {given!r}")
    rows = list(_rows(values.table(document["releases"])))
    files = [file for row in rows if (file := _file(name, row))]
    return Project(name, "json", tuple(files), len(rows) - len(files), _information(info))


def _rows(releases: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for files in releases.values():
        for row in values.listed(files):
            yield values.table(row)


def _file(name: str, row: Mapping[str, object]) -> File | None:
    filename = values.text(row.get("filename")) or ""
    found = named(name, filename)
    if found is None:
        return None
    return File(
        name=filename,
        version=found[0],
        tags=found[1],
        size_bytes=values.size(row.get("size")),
        uploaded=values.day(row.get("upload_time_iso_8601")) or values.day(row.get("upload_time")),
        yanked=row.get("yanked") is True,
        yanked_reason=values.text(row.get("yanked_reason")),
        requires_python=values.text(row.get("requires_python")),
    )


def _information(info: Mapping[str, object]) -> Information:
    named_links = values.table(info.get("project_urls")).values()
    links = [info.get("home_page"), info.get("download_url"), *named_links]
    classifiers = [values.text(each) for each in values.listed(info.get("classifiers"))]
    return Information(
        version=values.text(info.get("version")),
        summary=values.text(info.get("summary")),
        addresses=tuple(link for each in links if (link := values.text(each))),
        licence_expression=values.text(info.get("license_expression")),
        licence_text=values.first_line(info.get("license")),
        classifiers=tuple(each for each in classifiers if each),
        requires_python=values.text(info.get("requires_python")),
    )
