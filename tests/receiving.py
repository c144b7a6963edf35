"""A service on loopback that answers a push in the way that a test wants, and remembers what it was sent."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Seen:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A running service; `url` is where it listens."""

    url: str
    seen: list[Seen] = field(default_factory=list)


Answer = Callable[[BaseHTTPRequestHandler], None]


def answering(status: int, body: bytes | dict[str, object], **headers: str) -> Answer:
    """Answer with a status and a body."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        for name, value in headers.items():
            to.send_header(name, value)
        to.send_header("Content-Length", str(len(content)))
        to.end_headers()
        to.wfile.write(content)

    return answer


def hanging(to: BaseHTTPRequestHandler) -> None:
    """Say nothing until the caller is gone."""
    time.sleep(5)


def dripping(to: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then, which a limit on each single read never ends."""
    try:
        to.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(50):
            to.wfile.write(b" ")
            to.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


def broken(to: BaseHTTPRequestHandler) -> None:
    """Send what is no HTTP."""
    to.wfile.write(b"\x00\xff nonsense\r\n\r\n")


@contextmanager
def receiving(answer: Answer) -> Iterator[Receiver]:
    """A service that answers every POST in this way."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append(Seen(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer(self)

        do_GET = do_POST  # noqa: N815  the name that the server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Receiver(f"http://127.0.0.1:{server.server_address[1]}", seen)
    finally:
        server.shutdown()
        server.server_close()
