"""`/v1/releases`: the immutable versions of the knowledge base."""

from datetime import UTC
from typing import Any

from fastapi import APIRouter, Response

from advisor import knowledge
from api.reading import ListAsked, ReaderDep
from api.routes.responses import UNCHANGED, refuses
from api.schemas.operations import Releases

router = APIRouter(tags=["knowledge"])


@router.get("/releases", response_model=Releases, responses=UNCHANGED | refuses(422), summary="All releases")
def releases(asked: ListAsked, reader: ReaderDep) -> Response:
    """Every release with its content hash, newest first. One is active: it answers unless a request names another."""

    listed = knowledge.listing(reader.house)

    def rows(active: str) -> list[dict[str, Any]]:
        return [
            {
                "id": release.id,
                "sha256": release.sha256,
                "name": release.name,
                "as_of": release.as_of,
                "published_at": release.published_at.replace(tzinfo=release.published_at.tzinfo or UTC).isoformat(),
                "active": release.id == active,
            }
            for release in listed
        ]

    return reader.page(asked, rows, state=" ".join(release.id for release in listed))
