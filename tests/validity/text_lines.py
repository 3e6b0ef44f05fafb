"""The page's section on text, from what was found."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.validity.judging import Finding, explanations
from tests.validity.markdown import number, table
from tests.validity.metrics_lines import ARROWS, differences
from tests.validity.rates import Rate, checked, checks_table
from tests.validity.text_judges import LENGTHS
from tests.validity.text_moves import ACCURACY, DOSES, HANDS, SEEDS

STANDARD_ERRORS = 3.0
"""By which a mean over draws may miss the truth."""

_HEAD = f"""## Text

Scribes write answers of which it is programmed how often they are right, declined, refused or
broken in form, how many words stand around them and how sure their likelihoods are. Every metric
is held against what was expected of it (`tests/validity/text_expected.yaml`) before anything was
measured. {HANDS} hands of scribes (accuracy {ACCURACY:g}, {SEEDS} seeds) are compared, each with
itself with one fault more, at three doses; arrows as above. A metric has moved when the change over
hands is beyond a two-sided t test at 99 %; equal changes of all hands leave no room for chance.
"""


_COUNTED = """Error rates have no upper end, and embeddings see what was said, not whether it is
right. Their truth is a sum over every answer that a scribe may give: the target, or one of a few
wrong ones. With `fake`, which knows equal texts from others and no more, this shows that vectors
are read, compared and averaged rightly, and nothing of what embeddings make of meaning.

At first intervals of error rates were value ± t · jackknife error. At an accuracy of .9 they held
the truth in 90–92 % of draws and went below 0 in 13–14 %; where one answer in twenty is declined,
in many words, they held it in 94 % and went below 0 in 20 %. They are score intervals now, for
rates whose variance grows with them: 93–95 % and 97 %, and never below 0. Wilson's, as of macro F1,
would not do: these rates exceed 1.
"""


def lines(figures: Mapping[str, Any]) -> list[str]:
    """The section in Markdown."""
    findings = [_finding(fields) for fields in figures["moves"]]
    agreed = sum(finding.as_expected for finding in findings)
    known = [checked(one) for one in (figures["sandboxed"], *figures["perplexities"])]
    checks = [*known, *(checked(one) for one in figures["coverage"])]
    counted = [checked(one) for one in figures["counted"]]
    judged = [checked(one) for one in figures["judged"]]
    every = [*checks, *counted, *judged]
    return [
        _HEAD,
        f"**{agreed} of {len(findings)} expectations met; {sum(one.ok for one in every)} of "
        f"{len(every)} rates within what was asked.**\n",
        "### What moves which metric\n",
        *_directions(findings),
        *differences(findings, explanations("text_explained.yaml"), _named),
        "### Through a real store\n",
        _boards(figures["boards"]),
        "### Intervals hold the programmed rate\n",
        "Half of the prompts have one fate under all seeds (intraclass correlation .5). The "
        "interval is the board's. At first that of macro F1 was value ± t · jackknife error and "
        "held the truth in 90 % of draws at .9, in 77 % at .97 (400 draws), and reached above 1; "
        "it is Wilson's now, with the jackknife's error: 93 % and 96 %. An answer that three of "
        "ten people gave is right by .9 for VQA accuracy; continuations in three scripts are alike "
        "in characters, not in bytes.\n",
        checks_table(checks, "truth"),
        _COUNTED,
        checks_table(counted, "truth"),
        "### pass@k\n",
        "The estimate's mean over draws, beside the plain 1 − (1 − c/n)^k, which is biased.\n",
        _passes(figures["passes"]),
        "### Calibration\n",
        f"Scribes with accuracy 0.7 who differ in sureness alone: truth → mean found; ✓ within "
        f"{STANDARD_ERRORS:g} standard errors. The calibration error is known to be too high where "
        "the truth is near 0, since each bin's noise counts; the Brier score and the surprise are "
        "lowest for whom tells the truth.\n",
        _calibration(figures["calibration"]),
        "### Judges\n",
        "A judge with programmed biases (`fake_judge`) sees 64 answers beside rivals of 0 to 8 "
        "sentences. The truth follows from the programme: with a chance p to take the first "
        "answer whatever it is, orders agree with 1 − p; with a bias for length, the chance to win "
        "is Φ of the difference.\n",
        checks_table(judged, "truth; mean found"),
        "The same right and wrong answers in few words and in many: grades and the plain win rate "
        "follow the judge's taste for length, the win rate at equal length much less. With no "
        "sentences around them hardly any answer is as long as its rival, and what is said of "
        "equal length is extrapolated.\n",
        _wordy(figures["wordy"]),
    ]


def _finding(fields: Mapping[str, Any]) -> Finding:
    """From JSON, where null stands for an infinite strength."""
    clean, doses = fields["clean"], tuple(fields["doses"])
    strength = fields["strength"]
    if strength is None:
        strength = math.copysign(math.inf, doses[-1] - clean)
    return Finding(**{**fields, "doses": doses, "strength": strength})


def _directions(findings: Sequence[Finding]) -> Iterator[str]:
    kinds = dict.fromkeys(finding.metric.partition(":")[0] for finding in findings)
    for kind in kinds:
        of_kind = [one for one in findings if one.metric.partition(":")[0] == kind]
        faults = list(dict.fromkeys(one.corruption for one in of_kind))
        rows = []
        for metric in dict.fromkeys(one.metric for one in of_kind):
            found = {one.corruption: one for one in of_kind if one.metric == metric}
            clean = next(iter(found.values())).clean
            cells = (_cell(found.get(fault)) for fault in faults)
            rows.append((f"`{metric.partition(': ')[2]}`", number(clean), *cells))
        heads = (f"{fault} → {DOSES[fault][-1]}" for fault in faults)
        yield f"#### {kind}\n"
        yield table(("metric", "without", *heads), rows)


def _cell(finding: Finding | None) -> str:
    """Empty where nothing was expected."""
    if finding is None:
        return ""
    seen = ARROWS[finding.observed]
    value = number(finding.doses[-1])
    return (
        f"{seen} {value}"
        if finding.as_expected
        else (f"**{ARROWS[finding.expected]} → {seen}** {value}")
    )


def _named(findings: Sequence[Finding]) -> str:
    return "; ".join(f"`{one.metric}` ({one.corruption})" for one in findings)


def _boards(found: Sequence[Mapping[str, Any]]) -> str:
    metrics, compared = (sum(one[name] for one in found) for name in ("metrics", "compared"))
    apart = max(one["apart"] for one in found)
    return (
        f"A scribe with several faults answers all {len(found)} kinds of prompts through the "
        f"ordinary pipeline. Its board's {compared} values and limits of {metrics} metrics differ "
        f"from those read here by at most {apart:.1g}.\n"
    )


def _passes(found: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            f"pass@{one['k']}",
            f"{one['truth']:.4f}",
            f"{one['mean']:.4f} ± {one['error']:.4f} {_mark(one)}",
            f"{one['plain']:.4f}",
            str(Rate(**one["held"])),
        )
        for one in found
    ]
    return table(("", "truth", "mean", "plain estimate", "interval holds the truth"), rows)


def _mark(one: Mapping[str, float]) -> str:
    return "✓" if abs(one["mean"] - one["truth"]) <= STANDARD_ERRORS * one["error"] else "✗"


def _calibration(found: Sequence[Mapping[str, Any]]) -> str:
    names = ("correct", "ece", "brier", "nll")
    rows = [
        (
            f"{one['sureness']:g}",
            *(f"{one[n]['truth']:.3f} → {one[n]['mean']:.3f} {_mark(one[n])}" for n in names),
        )
        for one in found
    ]
    return table(("sureness", *(f"`likelihood.{name}`" for name in names)), rows)


def _wordy(found: Sequence[Mapping[str, float]]) -> str:
    names = ("grade", "win_rate", "win_rate_at_equal_length")
    rows = [
        (f"`judge.{name}`", f"{length:g}", *(f"{one[f'{name} {n}']:.3f}" for n in (0, 3, 8)))
        for name in names
        for length, one in zip(LENGTHS, found, strict=True)
    ]
    return table(("metric", "length bias", "0 sentences", "3", "8"), rows)
