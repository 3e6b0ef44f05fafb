"""Everything a CI job keeps of a gate, in one folder."""

from __future__ import annotations

from pathlib import Path

from evalharness.board.gate.verdict import Gate
from evalharness.board.sheets import to_json
from evalharness.core.errors import BadInputError
from evalharness.ledger.artifacts import thumb_of
from evalharness.ledger.store import Store
from evalharness.report.badge import badge_svg
from evalharness.report.gate_summary import comment_markdown, summary_markdown
from evalharness.report.junit import junit_xml

THUMBS = "thumbs"


def write_gate(gate: Gate, store: Store, folder: Path, pictures_at: str = "") -> None:
    """Write `gate.json`, `junit.xml`, `summary.md`, `comment.md`, `badge.svg` and the worst
    prompts' thumbnails; `pictures_at` is the address the folder `thumbs` will have.

    Raises BadInputError for a folder that cannot be written.
    """

    def thumb(sha256: str) -> bytes | None:
        try:
            return thumb_of(store, sha256).read_bytes()
        except OSError:
            return None

    files = {
        "gate.json": to_json(gate) + "\n",
        "junit.xml": junit_xml(gate),
        "summary.md": summary_markdown(gate, thumb, pictures_at),
        "comment.md": comment_markdown(gate, thumb, pictures_at),
        "badge.svg": badge_svg(gate),
    }
    try:
        (folder / THUMBS).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        for sha256 in _shown(gate):
            data = thumb(sha256)
            if data is not None:
                (folder / THUMBS / f"{sha256}.webp").write_bytes(data)
    except OSError as error:
        raise BadInputError(
            f"{folder} cannot be written: {error.strerror}. Check --out."
        ) from error


def _shown(gate: Gate) -> set[str]:
    worst = [one for test in gate.judgements for one in test.worst]
    return {sha256 for one in worst for sha256 in (*one.before, *one.after)}
