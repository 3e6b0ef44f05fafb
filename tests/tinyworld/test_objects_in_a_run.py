"""GenEval's rules over tiny-objects find exactly what painters are programmed to do wrong."""

import json
from pathlib import Path

import pytest

from evalharness.api import leaderboard, run
from evalharness.tinyworld.captions import NUMBERS, plural
from evalharness.tinyworld.scene import COLOURS, MAX_COUNT, OBJECTS, RELATIONS

PARTS = ("object", "count", "colour", "position")
PAINTERS = {
    "exact": ("", set()),
    "miscounting": ("count_error", {"count"}),
    "misplacing": ("relation_error", {"position"}),
    "miscolouring": ("colour_error", {"colour"}),
}
"""Each painter's one error, made always, and the part of GenEval's rules that must notice."""


def counted(index: int) -> dict[str, object]:
    name, colour, count = OBJECTS[index], list(COLOURS)[index], 2 + index % (MAX_COUNT - 1)
    asked = {
        "include": [{"class": name, "count": count, "color": colour}],
        "exclude": [{"class": name, "count": count + 1}],
    }
    text = f"{NUMBERS[count]} {colour} {plural(name)}"
    return {"id": f"counted-{index}", "text": text, "checks": {"geneval": asked}}


def related(index: int) -> dict[str, object]:
    name, other, relation = OBJECTS[index], OBJECTS[index - 3], RELATIONS[index % 4]
    asked = {
        "include": [
            {"class": other, "count": 1},
            {"class": name, "count": 1, "color": "blue", "position": [relation, 0]},
        ]
    }
    text = f"a blue {name} {relation} a red {other}"
    return {"id": f"related-{index}", "text": text, "checks": {"geneval": asked}}


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """Every painter's mean of every part of GenEval's rules."""
    folder: Path = tmp_path_factory.mktemp("geneval")
    prompts = [ask(index) for index in range(len(OBJECTS)) for ask in (counted, related)]
    (folder / "scenes.jsonl").write_text("\n".join(json.dumps(prompt) for prompt in prompts))
    models = [
        {"name": name, "backend": "painter", "options": {error: 1.0} if error else {}}
        for name, (error, _) in PAINTERS.items()
    ]
    (folder / "painters.yaml").write_text(json.dumps(models))  # JSON is YAML
    metrics = {part: f"geneval.{part}[tiny-objects]" for part in PARTS}
    report = run(
        prompts=folder / "scenes.jsonl",
        models=[str(folder / "painters.yaml")],
        metrics=list(metrics.values()),
        seeds=range(2),
        store=folder / "store",
    )
    assert not report.problems
    board = leaderboard("scenes", store=folder / "store").set_index("model")
    return {name: {p: board.loc[name, m] for p, m in metrics.items()} for name in PAINTERS}


@pytest.mark.parametrize("painter", PAINTERS)
def test_the_part_that_goes_wrong_is_noticed_and_no_other(
    shares: dict[str, dict[str, float]], painter: str
) -> None:
    wrong = PAINTERS[painter][1]
    for part in PARTS:
        if part in wrong:
            assert shares[painter][part] <= 0.05, part
        elif (painter, part) != ("miscounting", "colour"):  # a missing thing has no colour
            assert shares[painter][part] >= 0.95, part
