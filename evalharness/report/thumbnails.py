"""Thumbnails of a store as data in the page itself."""

from __future__ import annotations

from base64 import b64encode

from evalharness.board.figures import status_words, tone
from evalharness.board.gallery import GalleryOutput
from evalharness.ledger.artifacts import thumb_of
from evalharness.ledger.store import Store
from evalharness.report.markup import Html, element, text

MOST_BYTES = 1 << 20
"""No thumbnail is as large as this; whatever is there instead is not put into a page."""
GIVEN = "picture of the prompt"
MOST_WORDS = 280
"""Characters of a text answer that are shown."""


def thumbnail(store: Store, sha256: str, alt: str) -> Html:
    """A stored picture's thumbnail, or words where it is not there."""
    path = thumb_of(store, sha256)
    try:
        data = path.read_bytes() if path.stat().st_size < MOST_BYTES else b""
    except OSError:
        data = b""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return element("span", text("no thumbnail"), class_="tile none")
    source = f"data:image/webp;base64,{b64encode(data).decode()}"
    return element("img", class_="tile", src=source, alt=alt)


def output_tile(store: Store, output: GalleryOutput) -> Html:
    """What became of one job: its picture, its words, or its status with the reason."""
    if output.status == "ok" and output.kind == "picture" and output.sha256:
        return thumbnail(store, output.sha256, f"seed {output.seed}")
    if output.status == "ok" and output.text is not None:
        cut = output.text[:MOST_WORDS] + "…" * (len(output.text) > MOST_WORDS)
        return element("span", text(cut), class_="tile words")
    if output.status is None:
        return element("span", text("not tried yet"), class_="tile none")
    return element(
        "span",
        element("b", text(status_words(output.status))),
        element("small", text(output.reason)),
        class_=f"tile {tone(output.status)}",
    )
