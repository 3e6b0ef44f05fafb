"""`write_report`: a store's results as one file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from evalharness.core.errors import BadInputError
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.report.contents import gather
from evalharness.report.html_page import html_page
from evalharness.report.markdown import markdown_page

ENDINGS = (".html", ".htm", ".md")
SHOWN_PROMPTS = 12


def write_report(
    store: Path,
    output: Path,
    suites: Sequence[str] = (),
    *,
    compared: tuple[str, str] | None = None,
    prompts: int = SHOWN_PROMPTS,
) -> Path:
    """Write boards, pictures, a comparison and profiles to `output` (.html or .md); its path.

    What was there before is replaced, whole or not at all. See `contents.gather` for the rest.
    Raises HarnessError for an ending that is neither, names that are not in the store and a file
    that cannot be written.
    """
    if output.suffix.lower() not in ENDINGS:
        raise BadInputError(f"{str(output)!a}: expected a file that ends in .html or .md.")
    opened = Store.open(store)
    connection = connect(opened)
    try:
        found = gather(connection, suites, compared, prompts)
    finally:
        connection.close()
    made_at = datetime.now(UTC)
    page = (
        markdown_page(found, made_at)
        if output.suffix.lower() == ".md"
        else html_page(opened, found, made_at)
    )
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        unfinished = output.with_name(f".{output.name}.part")
        unfinished.write_text(page, encoding="utf-8")
        unfinished.replace(output)
    except OSError as error:
        raise BadInputError(f"{str(output)!a} cannot be written: {error.strerror}.") from error
    return output
