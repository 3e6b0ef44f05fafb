"""`ocr`: the words in a picture, read by RapidOCR; the light half.

The trained networks ship inside the rapidocr package, so nothing is downloaded; the digest of
their files identifies them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from evalharness.catalog.weights import resolve_source
from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Instrument, Resolution


def resolve(instrument: Instrument) -> Resolution:
    """The package's folder of networks; raises MissingWeightsError and BadInputError."""
    what = f"instrument {instrument.name!r}"
    if instrument.source:
        raise BadInputError(
            f"{what} has source {instrument.source!r}, but OCR reads only with the networks of "
            "the installed rapidocr package. Write `ocr`."
        )
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise MissingWeightsError(f"{what}: rapidocr is not installed. Run `pip install rapidocr`.")
    folder = Path(next(iter(spec.submodule_search_locations))) / "models"
    return resolve_source(str(folder), instrument.revision, patterns=("*.onnx",), what=what)


ENTRY = ExtractorEntry(
    name="ocr",
    version=1,
    reads=frozenset({"picture"}),
    gives=frozenset({"text", "confidence"}),
    resolve=resolve,
    implementation="evalharness.extractors.ocr_reader:OcrExtractor",
    batch_size=8,
    imports=("onnxruntime", "rapidocr.main"),
    packaged=True,
)
