"""The service as a process: `uvicorn api.server:app --factory`. Settings come from the environment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from advisor import bootstrap, discretion
from advisor.settings import Settings
from api.app import assemble


def app() -> FastAPI:
    """The application; when the server starts, the database is opened, and migrated where it is empty, and
    the machine is looked at in the background."""
    settings = Settings()
    discretion.install()  # after the server has set its logs up

    @asynccontextmanager
    async def lifespan(serving: FastAPI) -> AsyncIterator[None]:
        house = await run_in_threadpool(bootstrap.build_service, settings)
        serving.state.house = house
        try:
            yield
        finally:
            await run_in_threadpool(house.database.close)

    return assemble(settings, lifespan)
