import subprocess
import sys

import pytest

from evalharness.catalog import registry
from evalharness.core.measures import OutputMetric, SetMetric

NAMES = sorted(registry.BUILT_IN["metrics"])


@pytest.mark.parametrize("name", NAMES)
def test_facts_agree_with_the_registry(name: str) -> None:
    metric = registry.metric(name)
    assert isinstance(metric, OutputMetric | SetMetric)
    assert metric.facts.name == name
    assert metric.facts.direction in {"higher", "lower"}
    assert metric.facts.title
    about = metric.facts.about
    assert all((about.measures, about.range, about.recipe, about.source, about.limits))
    assert ("reference" in metric.facts.needs) <= isinstance(metric, SetMetric)


def test_metrics_never_import_torch() -> None:
    code = (
        "import sys; from evalharness.catalog import registry\n"
        f"[registry.metric(n) for n in {NAMES!r}]\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
