"""The registry's metrics of text answers: `name → "module:attribute"`."""

from __future__ import annotations

from typing import Final

TEXT_METRICS: Final[dict[str, str]] = {
    "contains_target": "evalharness.metrics.text.matching:CONTAINED",
    "label.correct": "evalharness.metrics.text.labels:CORRECT",
    "label.macro_f1": "evalharness.metrics.text.labels:MACRO_F1",
    "label.outside": "evalharness.metrics.text.labels:OUTSIDE",
    "multiple_choice.correct": "evalharness.metrics.text.multiple_choice:CORRECT",
    "multiple_choice.unparsable": "evalharness.metrics.text.multiple_choice:UNPARSABLE",
    "normalised_match": "evalharness.metrics.text.matching:NORMALISED",
    "number_match": "evalharness.metrics.text.number_match:METRIC",
    "pattern_match": "evalharness.metrics.text.pattern:METRIC",
    "token_f1": "evalharness.metrics.text.token_f1:METRIC",
}
