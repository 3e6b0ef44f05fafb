"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from evalharness.core.errors import BadInputError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, and its folder if need be; raises BadInputError, and then nothing is there.

    Staged beside it, synced and renamed, so that nobody ever sees half of it.
    """
    staged = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with staged.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInputError(f"{path} cannot be written: {reason}. Nothing was changed.") from None
    finally:
        staged.unlink(missing_ok=True)
