from __future__ import annotations

from evalharness.board.flagged import flagged_pictures
from evalharness.board.gallery import gallery
from tests.board.conftest import RECIPE

NSFW = "nsfw_rate[tiny]"


def test_pictures_are_flagged_by_a_classifier_or_by_their_models_filter(bench) -> None:
    suite = bench.suite(prompts=4)
    bench.metric(NSFW, direction="lower", unit="share")
    bench.metric("nsfw_rate_of_something_else")
    bench.model("m")
    keys = [bench.job(suite, "m", place, 0) for place in range(4)]
    for place, (key, rate) in enumerate(zip(keys, (1.0, 0.0, 0.0, 1.0), strict=True)):
        bench.attempt(key, "filtered" if place == 2 else "ok")
        bench.score(key, rate, NSFW, recipe="another" if place == 3 else RECIPE)
        bench.score(key, 1.0, "nsfw_rate_of_something_else")
    pictures = [bench.artifact(key) for key in keys[:3]]
    pictures.append(bench.artifact(keys[3]))
    with bench.publish() as connection:
        found = flagged_pictures(connection)
        cells = [row.cells["m"][0] for row in gallery(connection, "tiny").rows]
    assert found == {pictures[0], pictures[2]}
    assert found == {one.sha256 for one in cells if one.flagged}


def test_a_flagged_text_is_no_picture(bench) -> None:
    suite = bench.suite(prompts=1)
    bench.model("m")
    key = bench.job(suite, "m", 0, 0)
    bench.attempt(key, "filtered")
    bench.artifact(key, text="words")
    with bench.publish() as connection:
        assert flagged_pictures(connection) == frozenset()
