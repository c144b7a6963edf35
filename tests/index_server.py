"""A package index on this machine for tests: pages with ETags, and answers planned for a path, one after another."""

import gzip
import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.index_pages import SIMPLE_JSON


@dataclass
class Page:
    """An answer. `etag` None sends none; `drip_s` waits between the bytes; `cut` announces more than it sends."""

    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    with_etag: bool = True
    drip_s: float = 0.0
    cut: bool = False
    zipped: bool = False


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]


@dataclass
class LocalIndex:
    """The server's content and what was asked of it. A path's `planned` answers come before its page."""

    address: str
    pages: dict[str, Page] = field(default_factory=dict)
    planned: dict[str, list[Page]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, path: str) -> Page:
        queue = self.planned.get(path)
        return queue.pop(0) if queue else self.pages.get(path, Page(status=404, with_etag=False))

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def add_json(self, name: str, body: bytes) -> None:
        self.pages[f"/pypi/{name}/json"] = Page(body)

    def add_simple(self, name: str, body: bytes, kind: str = SIMPLE_JSON) -> None:
        self.pages[f"/simple/{name}/"] = Page(body, kind)


@contextmanager
def local_index() -> Iterator[LocalIndex]:
    """An index that listens on a free port until the block ends."""
    content = LocalIndex("")

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:  # a test's output is its own
            pass

        def do_GET(self) -> None:
            content.asked.append(Asked(self.path, dict(self.headers)))
            with suppress(BrokenPipeError, ConnectionResetError):
                self._send(content.answer(self.path))

        def _send(self, page: Page) -> None:
            etag = f'"{hashlib.sha256(page.body).hexdigest()[:16]}"' if page.with_etag else None
            if page.status == 200 and etag and self.headers.get("If-None-Match") == etag:
                self.send_response(304)
                self.end_headers()
                return
            body = gzip.compress(page.body) if page.zipped else page.body
            self.send_response(page.status)
            self.send_header("Content-Type", page.kind)
            self.send_header("Content-Length", str(len(body) + (10 if page.cut else 0)))
            if etag:
                self.send_header("ETag", etag)
            if page.zipped:
                self.send_header("Content-Encoding", "gzip")
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            for at in range(0, len(body), 1 if page.drip_s else max(1, len(body))):
                self.wfile.write(body[at : at + 1] if page.drip_s else body)
                time.sleep(page.drip_s)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    content.address = f"http://127.0.0.1:{server.server_address[1]}/simple"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield content
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
