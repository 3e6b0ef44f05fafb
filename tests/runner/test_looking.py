"""What says that two scores were looked at in the same way."""

from pathlib import Path

from evalharness.catalog import registry
from evalharness.core.nouns import Instrument, Resolution
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.known import Known
from evalharness.runner.look import Look
from evalharness.runner.looking import ReferenceSet, Wanted, find_sights, told


def recipe(**options: object) -> dict[str, object]:
    instrument = Instrument("mine", "objects", "./detector", options=options)  # type: ignore[arg-type]
    return dict(Look(instrument, registry.extractor("objects"), Resolution("sha256:0")).recipe())


def test_another_option_is_another_recipe() -> None:
    recipes = [recipe(), recipe(threshold=0.3), recipe(threshold=0.5), recipe(labels=["cat"])]
    assert all(one != other for i, one in enumerate(recipes) for other in recipes[:i])
    assert recipe(labels=("cat",)) == recipe(labels=["cat"])


def test_without_options_the_recipe_is_that_of_older_stores() -> None:
    assert set(recipe()) == {"extractor", "weights", "version"}


def test_planning_downloads_no_reference(model, suite, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    path = suite(prompts=1, metrics=["kid[fake]", "latency"], reference="hf:org/name")
    asked = Asked(suites=(path,), models=(model("a"),))
    plan = asked.questions()[0].plan(Known(Store.create(tmp_path / "results")))
    sights = find_sights([plan], fetching=False)
    assert sights.problems == {
        "reference of pictures": "hf:org/name is not on this machine yet; a run fetches it."
    }


def test_what_is_to_be_seen_is_told_with_its_reference_sets():
    look = Look(Instrument("fake", "fake"), registry.extractor("fake"), Resolution("sha256:0"))
    reference = ReferenceSet("folder", "photos", Path(), "digest")
    texts = {str(number): "a cat" for number in range(1200)}
    wanted = [Wanted(look, texts=texts), Wanted(look, references={"digest": reference})]
    assert told(wanted) == "1,200 subjects and 1 reference set"
    assert told(wanted[:1]) == "1,200 subjects"
