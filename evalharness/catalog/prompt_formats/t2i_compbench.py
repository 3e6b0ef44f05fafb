"""T2I-CompBench++: compositions, one prompt a line, one file a category (arXiv 2307.06350)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from evalharness.catalog.rows import read_data
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat, PublishedPrompt

_CATEGORIES = (
    "3d_spatial",
    "color",
    "complex",
    "non_spatial",
    "numeracy",
    "shape",
    "spatial",
    "texture",
)
_NAME = re.compile(rf"({'|'.join(_CATEGORIES)})(?:_(train|val)(?:_(\w+))?)?\.txt")
_ADDRESS = "https://raw.githubusercontent.com/Karine-Huang/T2I-CompBench/main/examples/dataset"


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The lines of `color_val.txt` and the like, or of all `*_val.txt` files in a folder."""
    for file in sorted(path.glob("*_val.txt")) if path.is_dir() else [path]:
        told = _NAME.fullmatch(file.name)
        if told is None:
            raise BadInputError(
                f"{file}: found the name {file.name!a}; expected CATEGORY_val.txt, where the "
                f"category is one of {', '.join(_CATEGORIES)}."
            )
        category, split, part = told.groups()
        tags = {"category": category, "split": split, "part": part}
        for number, line in enumerate(read_data(file).split("\n"), start=1):
            if line.strip():
                yield PublishedPrompt(f"{file}, line {number}", line.strip(), tags=tags)


FORMAT = PromptFormat(
    name="t2i-compbench",
    title="T2I-CompBench++: attribute binding, relations, numeracy",
    expects="CATEGORY_val.txt with a prompt a line, or the folder of them",
    licence="MIT",
    source="https://github.com/Karine-Huang/T2I-CompBench",
    read=read,
    addresses={f"{name}_val.txt": f"{_ADDRESS}/{name}_val.txt" for name in _CATEGORIES},
)
