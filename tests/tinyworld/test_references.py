"""The reference pictures that a suite names as ``tinyworld:N``."""

from pathlib import Path

import numpy as np
import pytest

from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.tinyworld.references import SOURCE

HERE = Path()


def test_as_many_pictures_as_asked() -> None:
    pictures = list(SOURCE.pictures("5", HERE))
    assert len(pictures) == 5
    assert pictures[0].pixels.shape == (64, 64, 3)
    assert pictures[0].pixels.dtype == np.uint8


def test_identity_tells_sets_apart() -> None:
    digests = {SOURCE.identity(a, HERE) for a in ("5", "6", "5:watercolour", "5:pixel art")}
    assert len(digests) == 4


@pytest.mark.parametrize("argument", ["", "many", "0", "-3", ":watercolour"])
def test_a_number_is_needed(argument: str) -> None:
    with pytest.raises(BadInputError, match="tinyworld:1024"):
        SOURCE.identity(argument, HERE)


def test_aesthetics_are_checked() -> None:
    with pytest.raises(UnknownNameError, match="watercolour"):
        SOURCE.identity("5:watercolor", HERE)
