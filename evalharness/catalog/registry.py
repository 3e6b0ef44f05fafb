"""The one registry: plain dicts `name → "module:attribute"`, imported when asked for.

Third parties add names through the entry points `evalharness.backends`, `.extractors`,
`.metrics`, `.prompt_formats`, `.references`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal, TypeAlias

from evalharness.catalog.text_metrics import TEXT_METRICS
from evalharness.core.contracts import BackendEntry, ExtractorEntry, ReferenceSource
from evalharness.core.errors import unknown_name
from evalharness.core.formats import PromptFormat
from evalharness.core.measures import Metric

Section: TypeAlias = Literal["backends", "extractors", "metrics", "prompt_formats", "references"]

BUILT_IN: dict[Section, dict[str, str]] = {
    "backends": {
        "diffusers": "evalharness.backends.diffusers:ENTRY",
        "fake": "evalharness.backends.fake:ENTRY",
        "painter": "evalharness.tinyworld.painter:ENTRY",
        "scribe": "evalharness.backends.scribe:ENTRY",
        "server": "evalharness.backends.server:ENTRY",
        "transformers": "evalharness.backends.transformers:ENTRY",
    },
    "extractors": {
        "code": "evalharness.extractors.code:ENTRY",
        "csd": "evalharness.extractors.csd:ENTRY",
        "dinov2": "evalharness.extractors.dinov2:ENTRY",
        "edit_pixels": "evalharness.extractors.edit_pixels:ENTRY",
        "fake": "evalharness.extractors.fake:ENTRY",
        "fake_judge": "evalharness.extractors.fake_judge:ENTRY",
        "hps": "evalharness.extractors.hps:ENTRY",
        "image_classifier": "evalharness.extractors.image_classifier:ENTRY",
        "image_reward": "evalharness.extractors.image_reward:ENTRY",
        "inception": "evalharness.extractors.inception:ENTRY",
        "judge": "evalharness.extractors.judge:ENTRY",
        "laion_aesthetic": "evalharness.extractors.laion_aesthetic:ENTRY",
        "lpips": "evalharness.extractors.lpips:ENTRY",
        "named_objects": "evalharness.extractors.objects:NAMED",
        "objects": "evalharness.extractors.objects:ENTRY",
        "ocr": "evalharness.extractors.ocr:ENTRY",
        "open_clip": "evalharness.extractors.open_clip:ENTRY",
        "phash": "evalharness.extractors.phash:ENTRY",
        "pickscore": "evalharness.extractors.pickscore:ENTRY",
        "vqa": "evalharness.extractors.vqa:ENTRY",
        "pixels": "evalharness.extractors.pixels:ENTRY",
        "sentence": "evalharness.extractors.sentence:ENTRY",
        "served_judge": "evalharness.extractors.served_judge:ENTRY",
        "style_statistics": "evalharness.extractors.style_statistics:ENTRY",
        "tiny_objects": "evalharness.tinyworld.objects:ENTRY",
    },
    "metrics": {
        **TEXT_METRICS,
        "aesthetic": "evalharness.metrics.preference:AESTHETIC",
        "balance.age": "evalharness.metrics.balance:AGE",
        "balance.age_within": "evalharness.metrics.balance:AGE_WITHIN",
        "balance.gender": "evalharness.metrics.balance:GENDER",
        "balance.gender_within": "evalharness.metrics.balance:GENDER_WITHIN",
        "balance.skin": "evalharness.metrics.balance:SKIN",
        "balance.skin_within": "evalharness.metrics.balance:SKIN_WITHIN",
        "caption_match": "evalharness.metrics.caption_match:METRIC",
        "caption_match.reference": "evalharness.metrics.caption_match:REFERENCE",
        "clip_score": "evalharness.metrics.clip_score:METRIC",
        "clip_score.hessel": "evalharness.metrics.clip_score:HESSEL",
        "cmmd": "evalharness.metrics.cmmd:METRIC",
        "code.passed": "evalharness.metrics.code_passed:METRIC",
        "cost": "evalharness.metrics.efficiency:COST",
        "default_look": "evalharness.metrics.looks:DEFAULT_LOOK",
        "edit.direction": "evalharness.metrics.edits:DIRECTION",
        "edit.lpips_outside": "evalharness.metrics.edits:LPIPS_OUTSIDE",
        "edit.psnr_outside": "evalharness.metrics.edits:PSNR_OUTSIDE",
        "edit.similarity": "evalharness.metrics.edits:SIMILARITY",
        "edit.ssim_outside": "evalharness.metrics.edits:SSIM_OUTSIDE",
        "energy": "evalharness.metrics.efficiency:ENERGY",
        "exact_match": "evalharness.metrics.exact_match:METRIC",
        "fid": "evalharness.metrics.fid:METRIC",
        "geneval.colour": "evalharness.metrics.geneval:COLOUR",
        "geneval.correct": "evalharness.metrics.geneval:CORRECT",
        "geneval.count": "evalharness.metrics.geneval:COUNT",
        "geneval.object": "evalharness.metrics.geneval:OBJECT",
        "geneval.position": "evalharness.metrics.geneval:POSITION",
        "geneval_named.colour": "evalharness.metrics.geneval:NAMED_COLOUR",
        "geneval_named.correct": "evalharness.metrics.geneval:NAMED_CORRECT",
        "geneval_named.count": "evalharness.metrics.geneval:NAMED_COUNT",
        "geneval_named.object": "evalharness.metrics.geneval:NAMED_OBJECT",
        "geneval_named.position": "evalharness.metrics.geneval:NAMED_POSITION",
        "geneval_overall": "evalharness.metrics.geneval_overall:OVERALL",
        "inception_score": "evalharness.metrics.inception_score:METRIC",
        "judge.consistency": "evalharness.metrics.judge.verdicts:CONSISTENCY",
        "judge.grade": "evalharness.metrics.judge.grades:METRIC",
        "judge.longer_wins": "evalharness.metrics.judge.lengths:LONGER_WINS",
        "judge.win_rate": "evalharness.metrics.judge.verdicts:WIN_RATE",
        "judge.win_rate_at_equal_length": "evalharness.metrics.judge.lengths:EQUAL_LENGTH",
        "kid": "evalharness.metrics.kid:METRIC",
        "latency": "evalharness.metrics.efficiency:LATENCY",
        "memorisation.authenticity": "evalharness.metrics.memorisation:AUTHENTICITY",
        "memorisation.copies": "evalharness.metrics.memorisation:COPIES",
        "memorisation.similarity": "evalharness.metrics.memorisation:SIMILARITY",
        "mifid": "evalharness.metrics.memorisation:MIFID",
        "mind": "evalharness.metrics.mind:METRIC",
        "multilingual.gap": "evalharness.metrics.multilingual:GAP",
        "multilingual.worst": "evalharness.metrics.multilingual:WORST",
        "near_duplicates.cosine": "evalharness.metrics.near_duplicates:COSINE",
        "near_duplicates.hamming": "evalharness.metrics.near_duplicates:HAMMING",
        "nsfw_rate": "evalharness.metrics.nsfw:METRIC",
        "peak_memory": "evalharness.metrics.efficiency:PEAK_MEMORY",
        "prdc.coverage": "evalharness.metrics.precision_recall:PRDC_COVERAGE",
        "prdc.density": "evalharness.metrics.precision_recall:PRDC_DENSITY",
        "prdc.precision": "evalharness.metrics.precision_recall:PRDC_PRECISION",
        "prdc.recall": "evalharness.metrics.precision_recall:PRDC_RECALL",
        "precision_recall.precision": "evalharness.metrics.precision_recall:PRECISION",
        "precision_recall.recall": "evalharness.metrics.precision_recall:RECALL",
        "preference": "evalharness.metrics.preference:PREFERENCE",
        "questions": "evalharness.metrics.questions:METRIC",
        "questions.soft": "evalharness.metrics.questions:SOFT",
        "refusal.missed": "evalharness.metrics.refusals:MISSED",
        "refusal.over": "evalharness.metrics.refusals:OVER",
        "refusal.rate": "evalharness.metrics.refusals:RATE",
        "robustness.casing": "evalharness.metrics.robustness:CASING",
        "robustness.paraphrase": "evalharness.metrics.robustness:PARAPHRASE",
        "robustness.punctuation": "evalharness.metrics.robustness:PUNCTUATION",
        "robustness.typo": "evalharness.metrics.robustness:TYPO",
        "robustness.typo_heavy": "evalharness.metrics.robustness:TYPO_HEAVY",
        "robustness.word_order": "evalharness.metrics.robustness:WORD_ORDER",
        "seed_diversity": "evalharness.metrics.seed_diversity:METRIC",
        "steerability": "evalharness.metrics.looks:STEERABILITY",
        "style_match": "evalharness.metrics.looks:STYLE_MATCH",
        "technical.banding": "evalharness.metrics.technical:BANDING",
        "technical.blank": "evalharness.metrics.technical:BLANK",
        "technical.clipped": "evalharness.metrics.technical:CLIPPED",
        "technical.colourfulness": "evalharness.metrics.technical:COLOURFULNESS",
        "technical.contrast": "evalharness.metrics.technical:CONTRAST",
        "technical.exposure": "evalharness.metrics.technical:EXPOSURE",
        "technical.noise": "evalharness.metrics.technical:NOISE",
        "technical.sharpness": "evalharness.metrics.technical:SHARPNESS",
        "text_accuracy.cer": "evalharness.metrics.text_accuracy:CER",
        "text_accuracy.exact": "evalharness.metrics.text_accuracy:EXACT",
        "text_accuracy.extra": "evalharness.metrics.text_words:EXTRA",
        "text_accuracy.missing": "evalharness.metrics.text_words:MISSING",
        "text_accuracy.wer": "evalharness.metrics.text_words:WER",
        "throughput": "evalharness.metrics.efficiency:THROUGHPUT",
        "vendi": "evalharness.metrics.vendi:METRIC",
        "vqa_score": "evalharness.metrics.vqa_score:METRIC",
    },
    "prompt_formats": {
        "dpg": "evalharness.catalog.prompt_formats.dpg:FORMAT",
        "drawbench": "evalharness.catalog.prompt_formats.drawbench:FORMAT",
        "geneval": "evalharness.catalog.prompt_formats.geneval:FORMAT",
        "geneval2": "evalharness.catalog.prompt_formats.geneval2:FORMAT",
        "hpdv2": "evalharness.catalog.prompt_formats.hpdv2:FORMAT",
        "humaneval": "evalharness.catalog.prompt_formats.humaneval:FORMAT",
        "ifeval": "evalharness.catalog.prompt_formats.ifeval:FORMAT",
        "imagereward": "evalharness.catalog.prompt_formats.imagereward:FORMAT",
        "labelled-folder": "evalharness.catalog.prompt_formats.labelled_folder:FORMAT",
        "lines": "evalharness.catalog.prompt_formats.lines:FORMAT",
        "lm-eval": "evalharness.catalog.prompt_formats.lm_eval:FORMAT",
        "oneig": "evalharness.catalog.prompt_formats.oneig:FORMAT",
        "partiprompts": "evalharness.catalog.prompt_formats.partiprompts:FORMAT",
        "questions": "evalharness.catalog.prompt_formats.questions:FORMAT",
        "t2i-compbench": "evalharness.catalog.prompt_formats.t2i_compbench:FORMAT",
        "table": "evalharness.catalog.prompt_formats.table:FORMAT",
        "unigenbench": "evalharness.catalog.prompt_formats.unigenbench:FORMAT",
        "vbench": "evalharness.catalog.prompt_formats.vbench:FORMAT",
        "vlmevalkit": "evalharness.catalog.prompt_formats.vlmevalkit:FORMAT",
    },
    "references": {
        "file": "evalharness.runner.references:FILE",
        "folder": "evalharness.runner.references:FOLDER",
        "hf": "evalharness.runner.reference_tables:HUB",
        "npz": "evalharness.runner.reference_moments:NPZ",
        "parquet": "evalharness.runner.reference_tables:PARQUET",
        "tinyworld": "evalharness.tinyworld.references:SOURCE",
    },
}


@cache
def _added(section: Section) -> dict[str, str]:
    """What installed packages add; looked up once, because it reads all their metadata."""
    return {e.name: e.value for e in entry_points(group=f"evalharness.{section}")}


def names(section: Section) -> dict[str, str]:
    """Every known name of a section with its `"module:attribute"`, built in and added."""
    return {**_added(section), **BUILT_IN[section]}


def load(target: str) -> Any:
    """Import what `"module:attribute"` names."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def _find(section: Section, kind: str, name: str) -> Any:
    known = names(section)
    if name not in known:
        raise unknown_name(kind, name, known)
    return load(known[name])


def backend(name: str) -> BackendEntry:
    """The light half of a backend; raises UnknownNameError."""
    entry: BackendEntry = _find("backends", "backend", name)
    return entry


def extractor(name: str) -> ExtractorEntry:
    """The light half of an extractor; raises UnknownNameError."""
    entry: ExtractorEntry = _find("extractors", "extractor", name)
    return entry


def metric(name: str) -> Metric:
    """A metric by its name without instrument; raises UnknownNameError."""
    found: Metric = _find("metrics", "metric", name)
    return found


def reference(name: str) -> ReferenceSource:
    """A source of reference pictures or moments; raises UnknownNameError."""
    source: ReferenceSource = _find("references", "reference source", name)
    return source


def is_reference(written: str) -> bool:
    """Whether `SOURCE:ARGUMENT` names a known source; else it may be a path."""
    source, colon, _ = written.partition(":")
    return bool(colon) and source in names("references")


def prompt_format(name: str) -> PromptFormat:
    """A format that prompts are published in; raises UnknownNameError."""
    form: PromptFormat = _find("prompt_formats", "prompt format", name)
    return form
