"""How pages take a form: its kind is checked, its parts are bounded."""

from collections.abc import AsyncIterator

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def as_posted(request: Request) -> AsyncIterator[FormData]:
    """The fields of a form, with one file at most, which is closed when the request has been served.

    Raises:
        HTTPException: 415, the body is no form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FORMS:
        raise HTTPException(415, "A form is expected; programs ask under /v1.")
    async with request.form(max_files=1) as fields:
        yield fields
