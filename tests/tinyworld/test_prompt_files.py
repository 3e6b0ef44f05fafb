"""The committed prompts that show pictures of the embedded world are those that are made."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from evalharness.tinyworld.prompt_files import FILES, write

ROOT = Path(__file__).resolve().parents[2]


def read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def test_the_committed_files_are_what_the_script_makes(tmp_path: Path) -> None:
    write(tmp_path)
    for name in FILES:
        made = (tmp_path / f"{name}.jsonl").read_text("utf-8")
        assert (ROOT / "prompts" / f"{name}.jsonl").read_text("utf-8") == made, name
    for folder in {file.pictures for file in FILES.values()}:
        committed = {path.name: read(path) for path in (ROOT / "prompts" / folder).iterdir()}
        pictures = {path.name: read(path) for path in (tmp_path / folder).iterdir()}
        assert committed.keys() == pictures.keys()
        for name, pixels in committed.items():
            assert pixels.shape == pictures[name].shape
            # compared with a tolerance: vector instructions of other CPUs round differently
            difference = np.abs(pixels.astype(int) - pictures[name])
            if name.endswith("-region.png"):  # where it may move a border by a pixel
                assert (difference > 0).mean() < 0.02, name
            else:
                assert difference.max() <= 40, name
                assert difference.mean() < 0.05, name
