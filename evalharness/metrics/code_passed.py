"""`code.passed`: does the program in an answer pass the tests of its prompt (checks.code)?"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.preference import one_number_each


def has_tests(prompt: Prompt) -> bool:
    """Whether a prompt brings tests that a program can be put to."""
    code = prompt.checks.get("code")
    return isinstance(code, dict) and bool(code.get("tests"))


def asked_of(prompt: Prompt) -> tuple[str, ...]:
    """The tests, the name they call and what stands before a completion, as one text (JSON)."""
    code = prompt.checks.get("code")
    if not isinstance(code, dict):
        return ()
    named = {name: code.get(name, "") for name in ("tests", "entry_point", "prefix")}
    return (json.dumps(named, sort_keys=True),)


def _measure(table: OutputTable) -> NDArray[np.float64]:
    """1 or 0 for every output; raises UnmeasurableError for anything else that was seen."""
    passed = one_number_each(table, "exchange")
    other = passed[~np.isin(passed, (0.0, 1.0))]
    if len(other):
        raise UnmeasurableError(
            f"The instrument gave {other[0]:.6g} where 1 (passed) or 0 was expected. Name one that "
            "runs programs, such as python."
        )
    return passed


METRIC = OutputMetric(
    facts=MetricFacts(
        name="code.passed",
        version=1,
        title="Code passes its tests",
        unit="share",
        direction="higher",
        needs=frozenset({"exchange"}),
        applies_to=frozenset({"text"}),
        default_instrument="python",
        reads="passed",
        applies=has_tests,
        asks=asked_of,
        about=About(
            measures="Whether the program in an answer passes the tests that its prompt brings.",
            range="0 or 1",
            recipe="the program is taken out of the answer (the last fenced block that defines "
            "the wanted name, or the text as far as it compiles, or the prefix completed by it) "
            "and run with the tests of checks.code in a sandbox: 10 s of computing, 15 s in all, "
            "512 MiB, no network; 1 only where the tests ran to their end. Only with "
            "--allow-code-execution",
            source="Chen et al. 2021 (HumanEval, arXiv:2107.03374); there the limit is 3 s, and a "
            "completion is cut at the first line that begins another definition",
            limits="As good as the tests: few of them pass wrong programs. Only Python's standard "
            "library is there, of the version that runs evalharness. A program written to deceive "
            "this very sandbox shares a process with its tests and can.",
        ),
    ),
    measure=_measure,
)
