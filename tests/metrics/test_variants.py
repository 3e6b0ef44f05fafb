import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy import stats

from evalharness.core.measures import SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics import multilingual, robustness
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.intervals import mean_of_groups
from tests.metrics.tables import outputs, vectors


def table(rows: list[tuple[str, str, int, float]], tag: str) -> SetTable:
    """Outputs of (group, variant, seed, agreement / 100)."""
    prompts = [Prompt(f"{g}-{v}", v, tags={"group": g, tag: v}) for g, v, _, _ in rows]
    cosine = np.array([c for *_, c in rows])
    pictures = np.stack([cosine, np.sqrt(1 - cosine**2)], axis=1)
    seen = {"output": vectors(pictures), "prompt": vectors(np.tile([1.0, 0.0], (len(rows), 1)))}
    names = [p.id for p in prompts]
    return SetTable(
        outputs(prompts, seeds=[seed for _, _, seed, _ in rows], seen=seen),  # type: ignore[arg-type]
        np.array([names.index(name) for name in names]),
    )


def test_loss_is_paired_within_group_and_seed() -> None:
    rows = [
        ("a", "original", 0, 0.5),
        ("a", "typo", 0, 0.4),
        ("a", "original", 1, 0.6),
        ("a", "typo", 1, 0.3),
        ("b", "original", 0, 0.9),
        ("b", "typo", 0, 0.9),
        ("b", "typo", 1, 0.0),  # its original was refused
        ("c", "typo", 0, 0.1),
    ]
    found = robustness.TYPO.measure(table(rows, "variant"))
    expected = mean_of_groups([20.0, 0.0], "groups")
    assert _numbers(found) == pytest.approx(_numbers(expected), abs=1e-4)


def test_variants_have_a_metric_each_and_read_only_their_own() -> None:
    original, typo, casing, other = (
        Prompt("p", "P", tags=tags)
        for tags in (
            {"group": "a", "variant": "original"},
            {"group": "a", "variant": "typo"},
            {"group": "a", "variant": "casing"},
            {"variant": "typo"},
        )
    )
    read = [robustness.TYPO.facts.applies(p) for p in (original, typo, casing, other)]
    assert read == [True, True, False, False]


LANGUAGES = [
    ("a", "en", 0, 0.5),
    ("a", "de", 0, 0.4),
    ("a", "sw", 0, 0.1),
    ("b", "en", 0, 0.6),
    ("b", "de", 0, 0.6),
    ("b", "sw", 0, 0.4),
]


def test_the_gap_is_between_english_and_the_mean_of_the_others() -> None:
    found = multilingual.GAP.measure(table(LANGUAGES, "language"))
    assert found.value == pytest.approx((25.0 + 10.0) / 2, abs=1e-4)
    worst = multilingual.WORST.measure(table(LANGUAGES, "language"))
    assert worst.value == pytest.approx(30.0, abs=1e-4)
    assert worst.low is None


@pytest.mark.parametrize(
    ("metric", "tag"),
    [
        (robustness.TYPO, "variant"),
        (multilingual.GAP, "language"),
        (multilingual.WORST, "language"),
    ],
)
def test_without_pairs_there_is_no_number(metric: SetMetric, tag: str) -> None:
    alone = [("a", "original", 0, 0.5), ("b", "typo", 0, 0.5)]
    with pytest.raises(UnmeasurableError):
        metric.measure(table(alone, tag))


def test_interval_of_groups_is_students() -> None:
    values = [1.0, 2.0, 4.0, 8.0]
    found = mean_of_groups(values, "groups")
    low, high = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert _numbers(found) == pytest.approx([3.75, low, high])


def _numbers(value: SetValue) -> list[ArrayLike | None]:
    return [value.value, value.low, value.high]
