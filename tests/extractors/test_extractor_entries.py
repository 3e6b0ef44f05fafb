import subprocess
import sys
from pathlib import Path

import pytest

from evalharness.catalog import registry

NAMES = sorted(registry.BUILT_IN["extractors"])


@pytest.mark.parametrize("name", NAMES)
def test_entries_agree_with_the_registry(name: str) -> None:
    entry = registry.extractor(name)
    assert entry.name == name
    assert entry.reads
    assert entry.gives
    assert callable(registry.load(entry.implementation))
    assert all(__import__(module) for module in entry.imports)


def test_entries_and_their_resolving_never_import_torch(
    clip_folder: Path, fid_weights: Path
) -> None:
    code = f"""
import sys
from evalharness.catalog import registry
from evalharness.core.nouns import Instrument
sources = {{"open_clip": {str(clip_folder)!r}, "inception": {str(fid_weights)!r}}}
for name in {NAMES!r}:
    found = registry.extractor(name).resolve(Instrument(name, name, sources.get(name, "")))
    assert found.location is not None, name
assert not {{"torch", "onnxruntime", "cv2"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
