"""A detector that is told what to look for, from suite to score."""

from __future__ import annotations

from copy import deepcopy  # YAML files here take no aliases
from pathlib import Path

from evalharness.runner.asked import Asked
from tests.extractors.published import write_owlv2

DOG = {"checks": {"geneval": {"include": [{"class": "dog", "count": 1}]}}}
PROMPTS = [
    {"id": "dog", "text": "a dog", **deepcopy(DOG)},
    {"id": "pets", "text": "a dog, no cat", **deepcopy(DOG)},
    {"id": "couch", "text": "a couch", "checks": {"object": "couch", "colour": "red"}},
    {"id": "idea", "text": "an idea"},
]


def test_pictures_are_searched_for_what_their_prompts_ask(
    go, model, suite, ask_sql, tmp_path: Path
):
    name = f"[named_objects:{write_owlv2(tmp_path / 'owl')}]"
    asked = Asked(
        suites=(suite(prompts=PROMPTS, seeds=1, metrics=[f"geneval_named{name}"]),),
        models=(model("careful", backend="painter"),),
    )
    report = go(asked)
    assert not report.problems
    assert ask_sql("SELECT kind, status, count(*) FROM features GROUP BY ALL") == [
        ("pair", "ok", 3)
    ]
    assert ask_sql("""
        SELECT split_part(split_part(metric, '[', 1), '.', 2) AS part, status, count(*)
        FROM scores GROUP BY ALL ORDER BY ALL
    """) == [
        ("colour", "not_applicable", 3),
        ("colour", "ok", 1),
        ("correct", "not_applicable", 1),
        ("correct", "ok", 3),
        ("count", "not_applicable", 4),
        ("object", "not_applicable", 1),
        ("object", "ok", 3),
        ("position", "not_applicable", 4),
    ]
    again = go(asked)
    assert (again.generated, again.features, again.scores) == (0, 0, 0)
