"""Parquet files as the `datasets` library writes them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from PIL import Image
from pyarrow import parquet


def png(number: int) -> bytes:
    """A picture, another for each number below 65,536."""
    file = io.BytesIO()
    Image.new("RGB", (2, 2), (number % 256, number // 256, 7)).save(file, "png")
    return file.getvalue()


def write_dataset(
    path: Path,
    columns: Mapping[str, Sequence[object]],
    labels: Mapping[str, Sequence[str]],
    rows_a_group: int | None = None,
) -> Path:
    """A file that knows the names of the numbers in the columns of `labels`."""
    features = {name: {"names": [*names], "_type": "ClassLabel"} for name, names in labels.items()}
    kept = {"huggingface": json.dumps({"info": {"features": features}})}
    table = pa.table(dict(columns)).replace_schema_metadata(kept)
    parquet.write_table(table, path, row_group_size=rows_a_group)
    return path
