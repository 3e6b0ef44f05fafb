"""Pictures and texts over HTTP, from the store only and by content hash only."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from evalharness.app.links import START
from evalharness.app.sign_in import admits, required
from evalharness.ledger.artifacts import path_of, picture_path, thumb_of
from evalharness.ledger.store import Store

_SHA256 = re.compile(r"[0-9a-f]{64}")

_CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".txt": "text/plain; charset=utf-8",
}

_HEADERS = {
    # The address is the content's hash, so a copy can never become stale; it stays with the visitor
    # who asked, because another one may not have signed in.
    "Cache-Control": "private, max-age=31536000, immutable",
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


def text_url(sha256: str) -> str:
    """Where a stored text is served, whole or a range of its bytes."""
    return f"/texts/{sha256}"


def _inside(path: Path, folder: Path) -> bool:
    """Whether `path` is a file of `folder`; a link could lead out of the store and is not."""
    return path.is_file() and path.resolve() == folder.resolve() / path.relative_to(folder)


def _picture(store: Store, sha256: str) -> Path | None:
    path = picture_path(store, sha256)
    return path if _inside(path, store.artifacts) else None


def _thumbnail(store: Store, sha256: str) -> Path | None:
    """The thumbnail; the picture itself where a crash took it (thumbnails are not fsynced)."""
    path = thumb_of(store, sha256)
    return path if _inside(path, store.thumbs) else _picture(store, sha256)


def _text(store: Store, sha256: str) -> Path | None:
    path = path_of(store, sha256, "txt")
    return path if _inside(path, store.artifacts) else None


def _endpoint(
    store: Store, find: Callable[[Store, str], Path | None], thing: str = "picture"
) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        sign_in = required()
        if sign_in is not None and not admits(sign_in, request):
            return _refusal(f"Sign in to see this {thing}.", 401)
        sha256 = request.path_params["sha256"]
        path = find(store, sha256) if _SHA256.fullmatch(sha256) else None
        if path is None:
            return _refusal(f"There is no such {thing} in the store.", 404)
        return FileResponse(path, media_type=_CONTENT_TYPES[path.suffix], headers=_HEADERS)

    return endpoint


def _refusal(words: str, status: int) -> Response:
    return PlainTextResponse(
        f"{words}\n", status_code=status, headers={"Cache-Control": "no-store"}
    )


def _to_the_root(request: Request) -> Response:
    """The first page lives at the root alone; who writes its name is led there."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{query}", status_code=307)


def routes(root: Path) -> list[Route]:
    """`/pictures/{sha256}`, `/thumbs/{sha256}` and `/texts/{sha256}` over the store at `root`, and
    the first page's name."""
    store = Store(root)
    return [
        Route("/pictures/{sha256}", _endpoint(store, _picture)),
        Route("/thumbs/{sha256}", _endpoint(store, _thumbnail)),
        Route("/texts/{sha256}", _endpoint(store, _text, "text")),
        Route(f"/{START}", _to_the_root),
    ]
