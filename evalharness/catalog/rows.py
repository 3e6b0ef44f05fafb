"""Rows of somebody's data file, each with its place: CSV, TSV, JSON, JSON Lines, Parquet."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from evalharness.catalog.documents import Document, ascii_safe, describe
from evalharness.catalog.json_lines import LIMIT_BYTES, read_json_lines, strict_json
from evalharness.catalog.parquet_rows import parquet_rows
from evalharness.catalog.text_files import read_text
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")

_SHOWN = 60
_NO_DATA = {
    b"<!doctype html": "an HTML page",
    b"<html": "an HTML page",
    b"version https://git-lfs.github.com/": "a Git LFS pointer",
}


class Row(BaseModel):
    """One row of a published file: strict about the fields it reads, deaf to all others."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


Shape = TypeVar("Shape", bound=Row)


def rows_as(path: Path, shape: type[Shape]) -> Iterator[tuple[Document, Shape]]:
    """Every row of a file in the shape of `shape`, with its place; raises BadInputError."""
    for document in read_rows(path):
        names = document.data if isinstance(document.data, dict) else {}
        lacking = [choices[0] for choices in _required(shape) if not {*choices} & names.keys()]
        if lacking:
            raise document.problem((), describe(document.data), f"also {', '.join(lacking)}")
        yield document, document.read_as(shape)


def field_names(shape: type[Row]) -> frozenset[str]:
    """The names, as the file spells them, of the fields that every row has."""
    return frozenset(choices[0] for choices in _required(shape))


def _required(shape: type[Row]) -> list[tuple[str, ...]]:
    fields = shape.model_fields.items()
    return [_spellings(name, info) for name, info in fields if info.is_required()]


def _spellings(name: str, info: FieldInfo) -> tuple[str, ...]:
    if isinstance(info.validation_alias, AliasChoices):
        return tuple(str(choice) for choice in info.validation_alias.choices)
    return (str(info.validation_alias or name),)


def read_rows(path: Path, pictures: Collection[str] = ()) -> Iterator[Document]:
    """The rows of a file, or of all Parquet files in a folder, as mappings of column to value.

    CSV is read as RFC 4180 has it; in TSV a quote is a character like any other. Cells of both
    are text. JSON is a list of objects. Columns of bytes in Parquet are left out, but for
    `pictures` (see `parquet_rows`). Text files may be packed (`.jsonl.gz`).
    Raises BadInputError naming file and line (or row, or item) for anything else.
    """
    if path.is_dir():
        files = sorted(path.glob("*.parquet"))
        if not files:
            raise BadInputError(f"{path}: found a folder without .parquet files; expected some.")
        for file in files:
            yield from parquet_rows(file, pictures)
        return
    refuse_pages(path)
    match ending(path):
        case ".csv":
            yield from _from_cells(path, _csv_rows(path))
        case ".tsv":
            yield from _from_cells(path, _tsv_rows(path))
        case ".json":
            yield from read_items(path)
        case ".jsonl" | ".ndjson":
            yield from (document for _, document in read_json_lines(path))
        case ".parquet":
            yield from parquet_rows(path, pictures)
        case other:
            raise BadInputError(
                f"{path}: found {other!a}; expected a file that ends in {', '.join(ENDINGS)}."
            )


def ending(path: Path) -> str:
    """How a data file's name ends, whether it is packed or not: `.jsonl` for x.jsonl.gz too."""
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return name.suffix.lower()


def read_items(path: Path) -> Iterator[Document]:
    """The items of a file that holds one JSON list."""
    items = _read_json(path)
    if not isinstance(items, list):
        raise BadInputError(f"{path}: found {describe(items)}; expected a list.")
    for number, item in enumerate(items, start=1):
        yield Document(f"{path}, item {number}", item)


def read_object(path: Path) -> Iterator[tuple[str, Document]]:
    """The named items of a file that holds one JSON object."""
    items = _read_json(path)
    if not isinstance(items, dict):
        raise BadInputError(f"{path}: found {describe(items)}; expected an object.")
    for name, item in items.items():
        yield name, Document(f"{path}, item {name}", item)


def _read_json(path: Path) -> Json:
    text = read_data(path)
    if not text.strip():
        raise BadInputError(f"{path}: found an empty file; expected JSON.")
    try:
        return strict_json(text)
    except RecursionError:
        raise BadInputError(f"{path}: found JSON nested too deeply; expected flat rows.") from None
    except ValueError as error:
        raise BadInputError(f"{path}: this is not valid JSON: {error}.") from None


def read_cell(cell: str, place: str) -> Document:
    """JSON that stands in a single cell; `place` names file, line and field for errors."""
    try:
        return Document(place, strict_json(cell))
    except (ValueError, RecursionError) as error:
        raise Document(place, cell).problem((), describe(cell), f"JSON ({error})") from None


def read_data(path: Path) -> str:
    """A data file as text; raises BadInputError also for a web page in its place."""
    refuse_pages(path)
    return read_text(path, LIMIT_BYTES)


def refuse_pages(path: Path) -> None:
    """Raise BadInputError where a download gave a page about the data instead of the data."""
    try:
        with path.open("rb") as file:
            start = file.read(200).removeprefix(BOM_UTF8).lstrip().lower()
    except OSError:  # whoever reads the file next tells why it cannot be read
        return
    for sign, kind in _NO_DATA.items():
        if start.startswith(sign):
            raise BadInputError(
                f"{path}, line 1: found {kind}; expected the data. Download the file itself "
                '(on a repository\'s page that is "raw" or "download").'
            )


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(read_data(path)), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BadInputError(f"{path}, line {line}: this is not valid CSV: {error}.") from None
        if cells is None:
            return
        yield line, cells


def _tsv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    for line, text in enumerate(read_data(path).split("\n"), start=1):
        yield line, text.split("\t")


def _from_cells(path: Path, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Document]:
    header: list[str] | None = None
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(path, line, cells)
            continue
        if len(cells) != len(header):
            raise BadInputError(
                f"{path}, line {line}: found {len(cells)} fields; expected {len(header)}, as in "
                f"the header ({', '.join(header)})."
            )
        yield Document(f"{path}, line {line}", dict(zip(header, cells, strict=True)))


def _refuse_another_separator(path: Path, line: int, names: Sequence[str]) -> None:
    right = "tab" if ending(path) == ".tsv" else "comma"
    others = {";": "semicolon", "|": "bar", "\t": "tab", ",": "comma"}
    found = next((word for sign, word in others.items() if sign in names[0]), None)
    if len(names) == 1 and found is not None:
        raise BadInputError(
            f"{path}, line {line}: found one column, {ascii_safe(names[0])[:_SHOWN]!r}, which a "
            f"{found} seems to separate; expected a {right} between columns, as {ending(path)} "
            f"files have it. Save the table with {right}s"
            + (", or as a .tsv file." if found == "tab" else ".")
        )


def _header(path: Path, line: int, cells: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    _refuse_another_separator(path, line, names)
    double = {name for name in names if name and names.count(name) > 1}
    if double:
        raise BadInputError(
            f"{path}, line {line}: found the column {min(double)!a} twice; expected it once."
        )
    return names
