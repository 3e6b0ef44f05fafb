"""The registry's metrics of text answers: `name → "module:attribute"`."""

from __future__ import annotations

from typing import Final

TEXT_METRICS: Final[dict[str, str]] = {
    "bleu": "evalharness.metrics.text.translation:BLEU",
    "bleu.sentence": "evalharness.metrics.text.translation:BLEU_SENTENCE",
    "cer": "evalharness.metrics.text.error_rates:CER",
    "cer.sentence": "evalharness.metrics.text.error_rates:CER_SENTENCE",
    "chrf": "evalharness.metrics.text.translation:CHRF",
    "chrf.sentence": "evalharness.metrics.text.translation:CHRF_SENTENCE",
    "contains_target": "evalharness.metrics.text.matching:CONTAINED",
    "label.correct": "evalharness.metrics.text.labels:CORRECT",
    "label.macro_f1": "evalharness.metrics.text.labels:MACRO_F1",
    "label.outside": "evalharness.metrics.text.labels:OUTSIDE",
    "multiple_choice.correct": "evalharness.metrics.text.multiple_choice:CORRECT",
    "multiple_choice.unparsable": "evalharness.metrics.text.multiple_choice:UNPARSABLE",
    "normalised_match": "evalharness.metrics.text.matching:NORMALISED",
    "number_match": "evalharness.metrics.text.number_match:METRIC",
    "pattern_match": "evalharness.metrics.text.pattern:METRIC",
    "rouge.1": "evalharness.metrics.text.rouge:ONE",
    "rouge.2": "evalharness.metrics.text.rouge:TWO",
    "rouge.l": "evalharness.metrics.text.rouge:L",
    "rouge.lsum": "evalharness.metrics.text.rouge:LSUM",
    "ter": "evalharness.metrics.text.translation:TER",
    "ter.sentence": "evalharness.metrics.text.translation:TER_SENTENCE",
    "token_f1": "evalharness.metrics.text.token_f1:METRIC",
    "wer": "evalharness.metrics.text.error_rates:WER",
    "wer.sentence": "evalharness.metrics.text.error_rates:WER_SENTENCE",
}
