"""Do metrics of text, their intervals and judges hold where scribes' truth is programmed?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tests.validity.text_board import shown
from tests.validity.text_counted import counted, perplexities
from tests.validity.text_judges import judged, wordy
from tests.validity.text_lines import lines
from tests.validity.text_moves import moves
from tests.validity.text_rates import calibration, coverage, passes, sandboxed

__all__ = ["lines", "measure"]


def measure() -> dict[str, Any]:
    """Every metric under every fault, intervals, pass@k, calibration and judges."""
    return {
        "moves": moves(),
        "boards": shown(),
        "sandboxed": asdict(sandboxed()),
        "coverage": [asdict(one) for one in coverage()],
        "counted": [asdict(one) for one in counted()],
        "perplexities": [asdict(one) for one in perplexities()],
        "passes": passes(),
        "calibration": calibration(),
        "judged": [asdict(one) for one in judged()],
        "wordy": wordy(),
    }
