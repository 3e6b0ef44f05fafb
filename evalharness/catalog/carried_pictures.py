"""Pictures that a prompts file carries in itself, written beside the prompts made of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from evalharness.catalog.pictures import decode, format_of
from evalharness.catalog.whole_files import write_whole
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PublishedPrompt


@dataclass(slots=True)
class CarriedPictures:
    """A folder in which each picture is named after its bytes, so that nothing is overwritten.

    `folder` is None where prompts are only read; pictures cannot be kept then.
    """

    folder: Path | None
    _new: list[Path] = field(default_factory=list)

    def kept(self, prompt: PublishedPrompt) -> PublishedPrompt:
        """The prompt with its own pictures as files; raises BadInputError for what is none."""
        if not prompt.pictures:
            return prompt
        if self.folder is None:
            raise BadInputError(
                f"{prompt.place}: this file carries pictures; `import-prompts` writes them beside "
                "the prompts that it makes."
            )
        files = [str(self._written(data, prompt.place, self.folder)) for data in prompt.pictures]
        return replace(prompt, images=(*prompt.images, *files), pictures=())

    def take_back(self) -> None:
        """Remove what this import wrote, and the folder if nothing else is in it."""
        for path in self._new:
            path.unlink(missing_ok=True)
        if self._new and self.folder is not None and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _written(self, data: bytes, place: str, folder: Path) -> Path:
        found = format_of(data)
        if found is None:
            raise BadInputError(f"{place}: found no picture; expected PNG, JPEG or WebP.")
        decode(data, f"The picture of {place}")
        path = (folder / f"{hashlib.sha256(data).hexdigest()}.{found}").resolve()
        if path.is_file():
            return path
        self._new.append(path)
        write_whole(path, data)
        return path
