"""`/v1/releases`: the immutable versions of the knowledge base."""

from dataclasses import asdict
from datetime import UTC
from typing import Any

from fastapi import APIRouter, Response

from advisor import knowledge
from advisor.knowledge import ReleaseInfo
from api.reading import ListAsked, ReaderDep
from api.routes.responses import UNCHANGED, refuses
from api.schemas.operations import Releases

router = APIRouter(tags=["knowledge"])


@router.get("/releases", response_model=Releases, responses=UNCHANGED | refuses(422), summary="All releases")
def releases(asked: ListAsked, reader: ReaderDep) -> Response:
    """Every release with its content hash, newest first. One is active: it answers unless a request names another."""

    listed = knowledge.listing(reader.house)

    def rows(active: str) -> list[dict[str, Any]]:
        return [release_out(release, active) for release in listed]

    return reader.page(asked, rows, state=repr(listed))


def release_out(release: ReleaseInfo, active: str) -> dict[str, Any]:
    """A release without its content, as it goes out; `active` is the id of the active one."""
    published_at = release.published_at.replace(tzinfo=release.published_at.tzinfo or UTC)
    return {**asdict(release), "published_at": published_at.isoformat(), "active": release.id == active}
