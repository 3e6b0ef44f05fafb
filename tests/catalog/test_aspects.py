from evalharness.catalog import registry
from evalharness.catalog.aspects import ASPECTS
from evalharness.catalog.suites import list_suites


def test_heims_twelve_aspects_are_all_there() -> None:
    assert len({aspect.name for aspect in ASPECTS}) == len(ASPECTS) == 12
    assert all(a.metrics and a.suites and a.question and a.note for a in ASPECTS)


def test_the_metrics_and_suites_that_serve_an_aspect_exist() -> None:
    known = registry.names("metrics")
    families = {*known, *(name.partition(".")[0] for name in known)}
    named = {metric for aspect in ASPECTS for metric in aspect.metrics}
    assert named <= families, f"no such metrics: {sorted(named - families)}"
    suites = {suite for aspect in ASPECTS for suite in aspect.suites}
    assert suites <= set(list_suites()), f"no such suites: {sorted(suites - set(list_suites()))}"
