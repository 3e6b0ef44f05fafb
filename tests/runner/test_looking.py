"""What says that two scores were looked at in the same way."""

from evalharness.catalog import registry
from evalharness.core.nouns import Instrument, Resolution
from evalharness.runner.looking import Look


def recipe(**options: object) -> dict[str, object]:
    instrument = Instrument("mine", "objects", "./detector", options=options)  # type: ignore[arg-type]
    return dict(Look(instrument, registry.extractor("objects"), Resolution("sha256:0")).recipe())


def test_another_option_is_another_recipe() -> None:
    recipes = [recipe(), recipe(threshold=0.3), recipe(threshold=0.5), recipe(labels=["cat"])]
    assert all(one != other for i, one in enumerate(recipes) for other in recipes[:i])
    assert recipe(labels=("cat",)) == recipe(labels=["cat"])


def test_without_options_the_recipe_is_that_of_older_stores() -> None:
    assert set(recipe()) == {"extractor", "weights", "version"}
