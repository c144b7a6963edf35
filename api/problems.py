"""One shape for every error (RFC 9457) and the one place where it is rendered.

Errors of the use cases and of the framework are translated here; what went wrong inside never leaves the process. Where
a person asked for a page, the same problem is shown as one.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from advisor.errors import (
    Conflict,
    Fault,
    InvalidInput,
    Missing,
    NoRoom,
    NotReady,
    NotYet,
    StorageError,
    Superseded,
    Unavailable,
)
from api.faults import from_validation
from api.headers import RETRY_AFTER_S, SAFE

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its name, its status, its title and what to do about it."""

    name: str
    status: int
    title: str
    remedy: str


KINDS: tuple[Kind, ...] = (
    Kind("unreadable", 400, "The request cannot be read", "Send a body that is valid UTF-8 and valid JSON."),
    Kind(
        "not-allowed",
        403,
        "The service does not allow it",
        "Whoever runs the service has switched it off; what you have a link to can still be read.",
    ),
    Kind(
        "not-found",
        404,
        "There is no such thing",
        "Check the address; the nearest valid name is given where one is close.",
    ),
    Kind("method-not-allowed", 405, "The address does not take this method", "The Allow header lists what it takes."),
    Kind("too-slow", 408, "The request did not come in time", "Send the body without long pauses."),
    Kind(
        "conflict",
        409,
        "It does not fit the present state",
        "Another writer was first, the change turns round more answers than allowed, or as many projects or portfolios "
        "are stored as may be: ask for the present state, say why it may be published, or take a project away.",
    ),
    Kind(
        "precondition",
        412,
        "It is not the version that was meant",
        "It has changed since the ETag sent as If-Match was given: read it again.",
    ),
    Kind(
        "too-large",
        413,
        "The request is too large",
        "Send less: a hardware profile is at most 256 KiB, a file of projects what STEELYARD_MAX_UPLOAD_BYTES allows, "
        "everything else what STEELYARD_MAX_BODY_BYTES does.",
    ),
    Kind("media-type", 415, "The body is of the wrong type", "Name the type of the body in Content-Type."),
    Kind("invalid", 422, "The request has faults", "Every fault is listed with what was expected; nothing was stored."),
    Kind("internal", 500, "Something went wrong inside", "It was logged. Sending the same request again may not help."),
    Kind("unavailable", 503, "The service cannot answer now", "Try again later; see /readyz."),
    Kind("no-room", 507, "There is no room left", "Nothing was kept. Whoever runs the service has to make room."),
)
_BY_STATUS = {kind.status: kind for kind in KINDS}


class FaultOut(BaseModel):
    """One mistake in a request."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="Where it is, as a dotted path such as `answers.deploy_targets[1]`.")
    value: str = Field(description="The offending value as text, shortened.")
    expected: str = Field(description="What would have been accepted.")
    nearest: str | None = Field(description="The closest valid name, or null when none is close.")


class Problem(BaseModel):
    """What every error looks like."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="The kind of problem: an address on this service that explains it.")
    title: str = Field(description="The kind of problem in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened this time.")
    instance: str = Field(description="The path of the request.")
    faults: list[FaultOut] = Field(description="Every mistake in the request; empty where it is not at fault.")


class Blocked(Exception):
    """A change turns round more answers than allowed; shares are in [0, 1]."""

    def __init__(self, share: float, limit: float) -> None:
        super().__init__(
            f"{share:.1%} of the answers turn round, ties aside, and {limit:.1%} are allowed; `waive` must say why"
        )


class NotFound(Exception):
    """What an address names does not exist; carries faults with the nearest valid name."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))


def describe(request: Request, status: int, detail: str, faults: Sequence[Fault] = ()) -> Problem:
    """The problem document for a status that is in the table; any other status borrows the nearest class of it."""
    kind = _BY_STATUS.get(status)
    title = kind.title if kind else HTTPStatus(status).phrase
    name = f"/problems#{kind.name}" if kind else "about:blank"
    listed = [FaultOut(path=f.path, value=f.value, expected=f.expected, nearest=f.nearest) for f in faults]
    return Problem(type=name, title=title, status=status, detail=detail, instance=request.url.path, faults=listed)


def respond(
    request: Request,
    status: int,
    detail: str,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer to a request that failed: a problem document, or the same as a page where a page was asked for."""
    problem = describe(request, status, detail, faults)
    as_page = cast(Callable[[Request, Problem], Response] | None, getattr(request.app.state, "problem_page", None))
    if as_page is not None and _wants_page(request):
        answer = as_page(request, problem)
    else:
        text = json.dumps(problem.model_dump(), ensure_ascii=True, separators=(",", ":"))
        answer = Response(text, status, media_type=MEDIA_TYPE)
    answer.headers.update({**SAFE, **(headers or {})})
    return answer


def _wants_page(request: Request) -> bool:
    machine = request.url.path.startswith(("/v1/", "/healthz", "/readyz", "/openapi.json"))
    return not machine and "text/html" in request.headers.get("accept", "")


def _http(request: Request, error: HTTPException) -> Response:
    details = {
        404: f"Nothing is at {request.url.path}.",
        405: f"{request.method} is not possible at {request.url.path}.",
    }
    detail = details.get(error.status_code, str(error.detail))
    return respond(request, error.status_code, detail, headers=error.headers)


def _validation(request: Request, error: RequestValidationError) -> Response:
    return _faulty(request, from_validation(error.errors(), request.scope.get("route")))


def _invalid(request: Request, error: InvalidInput) -> Response:
    return _faulty(request, error.faults)


def _faulty(request: Request, faults: Sequence[Fault]) -> Response:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return respond(request, 422, f"The request has {count}; nothing was stored.", faults)


def _not_found(request: Request, error: NotFound) -> Response:
    return respond(request, 404, str(error), error.faults)


def _missing(request: Request, error: Missing) -> Response:
    return respond(request, 404, _sentence(error))


def _superseded(request: Request, error: Superseded) -> Response:
    fault = Fault("revision", str(error.seen), f"{error.newest}, the newest revision", str(error.newest))
    return respond(request, 409, _sentence(error), [fault])


def _conflict(request: Request, error: Conflict | Blocked) -> Response:
    return respond(request, 409, _sentence(error))


def _storage(request: Request, error: StorageError) -> Response:
    # Why a database cannot be used may name hosts and paths: that is for the operator's log.
    told_by_driver = isinstance(error, Unavailable) and error.__cause__ is not None
    detail = "The database cannot be used." if told_by_driver else _sentence(error)
    return respond(request, 503, detail, headers={"Retry-After": RETRY_AFTER_S})


def _no_room(request: Request, error: NoRoom) -> Response:
    return respond(request, 507, _sentence(error))


def _not_ready(request: Request, error: NotReady | NotYet) -> Response:
    return respond(request, 503, _sentence(error), headers={"Retry-After": RETRY_AFTER_S})


def _sentence(error: Exception) -> str:
    """What an error says as a sentence; names in it keep their case."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _unexpected(request: Request, _error: Exception) -> Response:
    return respond(request, 500, "The service met an error that it did not expect. Its log has the details.")


def install(app: FastAPI) -> None:
    """Make every error of the application leave through here."""
    handlers: dict[type[Exception], Callable[[Request, Any], Response]] = {
        HTTPException: _http,
        RequestValidationError: _validation,
        InvalidInput: _invalid,
        NotFound: _not_found,
        Missing: _missing,
        Conflict: _conflict,
        Superseded: _superseded,
        Blocked: _conflict,
        NotReady: _not_ready,
        NotYet: _not_ready,
        StorageError: _storage,
        NoRoom: _no_room,
        Exception: _unexpected,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, _awaited(handler))


def _awaited(handler: Callable[[Request, Any], Response]) -> Callable[[Request, Any], Any]:
    """The handler as a coroutine, so that rendering an error does not wait for a thread."""

    async def handle(request: Request, error: Exception) -> Response:
        return handler(request, error)

    return handle
