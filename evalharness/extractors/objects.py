"""What things a picture shows and where, by detectors of transformers; the light half.

`objects` looks at pictures: with a closed-set detector (DETR, RT-DETR, YOLOS …) for the classes it
was trained on, with an open-vocabulary one (OWLv2, Grounding DINO) for those of the option
`labels`. `named_objects` looks at pairs, with an open-vocabulary detector for the labels of the
pair's text, which stand between full stops ("red car. dog").

Options: `threshold`, the least confidence that is kept (0.3); `labels`; `colours`, an open_clip
source that names the things' colours (without it CIELAB does); `counting`, the confidence from
which a detection is sure enough to be counted (metrics have a default).
"""

from __future__ import annotations

from dataclasses import replace

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors import open_clip, transformers_weights
from evalharness.extractors.instrument_options import refuse_unknown, share, word, words

THRESHOLD = 0.3
OPTIONS = ("threshold", "counting", "colours")


def resolve(instrument: Instrument) -> Resolution:
    """Find the detector, and the colour tower where there is one; raises as both do.

    With a tower the revision names both, and `adapters` holds their own resolutions in this order.
    """
    named = instrument.extractor == NAMED.name
    refuse_unknown(instrument, OPTIONS if named else (*OPTIONS, "labels"))
    share(instrument, "threshold", THRESHOLD)
    counting(instrument)
    words(instrument, "labels")
    detector = transformers_weights.resolve(instrument)
    tower = colour_tower(instrument)
    if tower is None:
        return Resolution(
            detector.revision, detector.location, detector.download_bytes, (detector,)
        )
    colours = open_clip.resolve(tower)
    sizes = [r.download_bytes for r in (detector, colours) if r.download_bytes is not None]
    here = detector.location if colours.location is not None else None
    return Resolution(
        f"{detector.revision}+{colours.revision}",
        here,
        sum(sizes) if sizes else None,
        (detector, colours),
    )


def counting(instrument: Instrument) -> float | None:
    """The option `counting`, from 0 to 1; None when absent."""
    return share(instrument, "counting", 0.0) if "counting" in instrument.options else None


def colour_tower(instrument: Instrument) -> Instrument | None:
    """The instrument that names colours, if the options ask for one."""
    source = word(instrument, "colours", "")
    return Instrument(f"{instrument.name} (colours)", "open_clip", source) if source else None


ENTRY = ExtractorEntry(
    name="objects",
    version=2,
    reads=frozenset({"picture"}),
    gives=frozenset({"objects"}),
    resolve=resolve,
    implementation="evalharness.extractors.objects_network:ObjectsExtractor",
    batch_size=8,
    imports=("torch", "transformers"),
)

NAMED = replace(ENTRY, name="named_objects", reads=frozenset({"pair"}))
