"""Pictures over HTTP, from the store only and by content hash only."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from evalharness.ledger.artifacts import path_of, thumb_of
from evalharness.ledger.store import Store

_SHA256 = re.compile(r"[0-9a-f]{64}")

_CONTENT_TYPES = {".png": "image/png", ".webp": "image/webp"}

_HEADERS = {
    # The address is the content's hash, so a copy can never become stale.
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def picture_url(sha256: str) -> str:
    """Where a stored picture is served."""
    return f"/pictures/{sha256}"


def thumbnail_url(sha256: str) -> str:
    """Where the thumbnail of a stored picture is served."""
    return f"/thumbs/{sha256}"


def _inside(path: Path, folder: Path) -> bool:
    """Whether `path` is a file of `folder`; a link could lead out of the store and is not."""
    return path.is_file() and path.resolve() == folder.resolve() / path.relative_to(folder)


def _picture(store: Store, sha256: str) -> Path | None:
    path = path_of(store, sha256)
    return path if _inside(path, store.artifacts) else None


def _thumbnail(store: Store, sha256: str) -> Path | None:
    """The thumbnail; the picture itself where a crash took it (thumbnails are not fsynced)."""
    path = thumb_of(store, sha256)
    return path if _inside(path, store.thumbs) else _picture(store, sha256)


def _endpoint(
    store: Store, find: Callable[[Store, str], Path | None]
) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        sha256 = request.path_params["sha256"]
        path = find(store, sha256) if _SHA256.fullmatch(sha256) else None
        if path is None:
            return PlainTextResponse(
                "There is no such picture in the store.\n",
                status_code=404,
                headers={"Cache-Control": "no-store"},
            )
        return FileResponse(path, media_type=_CONTENT_TYPES[path.suffix], headers=_HEADERS)

    return endpoint


def picture_routes(root: Path) -> list[Route]:
    """The routes `/pictures/{sha256}` and `/thumbs/{sha256}` over the store at `root`."""
    store = Store(root)
    return [
        Route("/pictures/{sha256}", _endpoint(store, _picture)),
        Route("/thumbs/{sha256}", _endpoint(store, _thumbnail)),
    ]
