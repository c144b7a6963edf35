"""Pages of a package index, made up: a package in the shape of the JSON interface and of both simple ones."""

import json
from dataclasses import dataclass, field
from html import escape
from typing import Any

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
SIMPLE_HTML = "application/vnd.pypi.simple.v1+html"
LINUX = "manylinux_2_28_x86_64"


@dataclass
class Row:
    """A file of a package as pages list it."""

    name: str
    day: str | None = "2026-10-07"
    size: int | None = 1_000_000
    yanked: bool = False
    reason: str | None = None
    requires: str | None = ">=3.11"


@dataclass
class Package:
    """What an index has of a package."""

    name: str
    rows: list[Row] = field(default_factory=list)
    summary: str = "A package."
    home: str | None = None
    links: dict[str, str] = field(default_factory=dict)
    licence: str | None = "BSD-3-Clause"
    classifiers: list[str] = field(default_factory=list)
    version: str | None = None
    status: dict[str, str] | None = None

    def json(self) -> dict[str, Any]:
        """A document of the JSON interface."""
        releases: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            version = _version(row.name)
            releases.setdefault(version, []).append(
                {
                    "filename": row.name,
                    "packagetype": "bdist_wheel" if row.name.endswith(".whl") else "sdist",
                    "python_version": "cp313",
                    "requires_python": row.requires,
                    "size": row.size,
                    "upload_time": f"{row.day}T09:00:00" if row.day else None,
                    "upload_time_iso_8601": f"{row.day}T09:00:00.123456Z" if row.day else None,
                    "url": f"https://files.example/{row.name}",
                    "yanked": row.yanked,
                    "yanked_reason": row.reason,
                }
            )
        info = {
            "name": self.name,
            "version": self.version,
            "summary": self.summary,
            "home_page": self.home,
            "project_urls": self.links or None,
            "license": None,
            "license_expression": self.licence,
            "classifiers": self.classifiers,
            "requires_python": self.rows[-1].requires if self.rows else None,
        }
        return {"info": info, "last_serial": 1, "releases": releases, "urls": [], "vulnerabilities": []}

    def simple_json(self, *, metadata: bool = True) -> dict[str, Any]:
        """A page of the simple interface as JSON."""
        files = [
            {
                "filename": row.name,
                "url": f"../../files/{row.name}",
                "hashes": {"sha256": "0" * 64},
                "requires-python": row.requires,
                "size": row.size,
                "upload-time": f"{row.day}T09:00:00.123456Z" if row.day else None,
                "yanked": row.reason or row.yanked,
                "core-metadata": {"sha256": "0" * 64} if metadata and row.name.endswith(".whl") else False,
            }
            for row in self.rows
        ]
        status = {"project-status": self.status} if self.status else {}
        return {"meta": {"api-version": "1.4"}, "name": self.name, "versions": [], "files": files, **status}

    def simple_html(self, *, metadata: bool = True) -> str:
        """A page of the simple interface as HTML."""
        lines = ["<!DOCTYPE html>", "<html><head>", '<meta name="pypi:repository-version" content="1.4">']
        for key, value in (self.status or {}).items():
            name = "pypi:project-status" + ("" if key == "status" else "-reason")
            lines.append(f'<meta name="{name}" content="{escape(value)}">')
        lines.append(f"<title>Links for {self.name}</title></head><body>")
        for row in self.rows:
            more = f' data-requires-python="{escape(row.requires)}"' if row.requires else ""
            more += f' data-yanked="{escape(row.reason or "")}"' if row.yanked or row.reason else ""
            more += ' data-core-metadata="sha256=00"' if metadata and row.name.endswith(".whl") else ""
            lines.append(f'<a href="../../files/{row.name.replace("+", "%2B")}#sha256=00"{more}>{row.name}</a><br>')
        return "\n".join([*lines, "</body></html>"])

    def metadata(self) -> str:
        """The core metadata of the newest release."""
        lines = ["Metadata-Version: 2.4", f"Name: {self.name}", f"Version: {self.version}", f"Summary: {self.summary}"]
        lines += [f"Home-page: {self.home}"] if self.home else []
        lines += [f"Project-URL: {label}, {link}" for label, link in self.links.items()]
        lines += [f"License-Expression: {self.licence}"] if self.licence else []
        lines += [f"Classifier: {each}" for each in self.classifiers]
        return "\n".join([*lines, "", "A long description: Not-A-Header", ""])

    def encoded(self) -> bytes:
        """The document of the JSON interface as bytes."""
        return json.dumps(self.json()).encode()


def _version(filename: str) -> str:
    return filename.removesuffix(".tar.gz").split("-")[1]


def wheel(name: str, version: str, tags: str = f"cp313-cp313-{LINUX}", **more: Any) -> Row:
    """A wheel."""
    return Row(f"{name.replace('-', '_')}-{version}-{tags}.whl", **more)


def source(name: str, version: str, **more: Any) -> Row:
    """A source archive."""
    return Row(f"{name.replace('-', '_')}-{version}.tar.gz", **more)


TORCH_WHEELS = [
    *(f"cp3{n}-cp3{n}-{LINUX}" for n in (11, 12, 13, 14, 15)),
    *(f"cp3{n}-cp3{n}-manylinux_2_28_aarch64" for n in (11, 12, 13, 14, 15)),
    *(f"cp3{n}-cp3{n}-win_amd64" for n in (11, 12, 13, 14)),
    "cp314-cp314t-" + LINUX,
    "cp315-cp315-macosx_14_0_arm64",
]


def torch() -> Package:
    """PyTorch's package, made up, with everything that trips a reader: pre-releases, a yanked one, old installers."""
    rows = [
        source("torch", "0.1.2", day="2016-10-25", requires=None),
        wheel("torch", "2.12.0", day="2025-11-25"),
        wheel("torch", "2.13.0", day="2026-03-25"),
        wheel("torch", "2.14.0", day="2026-07-01", yanked=True, reason="Broken on Windows"),
        wheel("torch", "2.14.1", day="2026-07-09"),
        *(wheel("torch", "2.16.0", tags, day="2026-11-18", size=900_000_000) for tags in TORCH_WHEELS),
        wheel("torch", "2.17.0rc1", day="2026-11-20"),
        Row("torch-2.16.0.win-amd64-py3.11.exe"),
    ]
    return Package(
        "torch",
        rows,
        summary="Tensors and Dynamic neural networks in Python with strong GPU acceleration",
        links={"Homepage": "https://pytorch.org", "Repository": "https://github.com/pytorch/pytorch"},
        classifiers=[f"Programming Language :: Python :: 3.{n}" for n in (11, 12, 13, 14)],
        version="2.16.0",
    )


def caffe() -> Package:
    """The package that only bears the name."""
    summary = "This package is an example of a Dependency Hallucination. It is just a placeholder."
    return Package(
        "caffe", [source("caffe", "0.1.0", day="2024-11-10", size=900)], summary=summary, version="0.1.0", licence=None
    )
