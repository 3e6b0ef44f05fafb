"""The benchmark prompts of HPDv2 in four styles (arXiv 2306.09341)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evalharness.catalog.documents import describe
from evalharness.catalog.rows import read_items
from evalharness.core.formats import PromptFormat, PublishedPrompt

_STYLES = ("anime", "concept-art", "paintings", "photo")
_ADDRESS = "https://huggingface.co/datasets/zhwang/HPDv2/resolve/main/benchmark"


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The texts of `anime.json` and the like, or of all `.json` files in a folder.

    The file's name is the style; ids are those of the benchmark's pictures, `anime-00000`.
    """
    for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
        for index, document in enumerate(read_items(file)):
            if not isinstance(document.data, str):
                raise document.problem((), describe(document.data), "a prompt as text")
            yield PublishedPrompt(
                document.where(()),
                document.data,
                id=f"{file.stem}-{index:05}",
                tags={"style": file.stem},
            )


FORMAT = PromptFormat(
    name="hpdv2",
    title="HPDv2 benchmark: four styles",
    expects="anime.json, concept-art.json, paintings.json or photo.json, or the folder of them",
    licence="Apache-2.0",
    source="https://huggingface.co/datasets/zhwang/HPDv2",
    read=read,
    addresses={f"{style}.json": f"{_ADDRESS}/{style}.json" for style in _STYLES},
)
