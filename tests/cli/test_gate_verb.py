from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import evalharness
from evalharness.board.leaderboard import leaderboard
from evalharness.cli.main import _application
from evalharness.core.errors import BadInputError
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store

SUITE = {
    "name": "painted",
    "prompts": [
        f"a {colour} {thing}"
        for colour in ("red", "blue", "green", "yellow", "orange", "pink")
        for thing in ("ball", "fish", "house", "star")
    ],
    "seeds": 2,
    "metrics": [
        "technical.sharpness[pixels]",
        "technical.contrast[pixels]",
        "latency",
        "peak_memory",
    ],
    "models": ["./painters.yaml"],
}


def painter(name: str, **options: object) -> dict[str, object]:
    return {
        "name": name, "backend": "painter",
        "options": {"memory_bytes": 2**30, "look": "illustration", **options},
    }  # fmt: skip


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a run of two painters, and its baseline."""
    folder = tmp_path_factory.mktemp("painted")
    (folder / "painted.yaml").write_text(yaml.safe_dump(SUITE))
    (folder / "painters.yaml").write_text(yaml.safe_dump([painter("one"), painter("two", blur=1)]))
    evalharness.run(str(folder / "painted.yaml"), store=folder / "store")
    saved = verb(folder, "baseline", "save", "painted.yaml", "-o", "base.json")
    assert saved.exit_code == 0, saved.output
    return folder


@pytest.fixture
def world(painted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(painted, tmp_path / "world")
    monkeypatch.chdir(tmp_path / "world")
    return tmp_path / "world"


def verb(folder: Path, *arguments: str) -> Any:
    places = ("painted.yaml", "base.json", "out", "mine.yaml", "edited.json")
    words = [str(folder / word) if word in places else word for word in arguments]
    if "show" not in words and "diff" not in words:
        words += ["--store", str(folder / "store")]
    return CliRunner().invoke(_application(words), words)


def ask(world: Path, *arguments: str, expected: int) -> dict[str, Any]:
    """The gate's JSON, after checking its exit code."""
    done = verb(
        world, "gate", "painted.yaml", "--baseline", "base.json", *arguments, "--format", "json"
    )
    assert done.exit_code == expected, done.output + str(done.exception)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def outcomes(found: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(one["model"], one["metric"]): one["outcome"] for one in found["judgements"]}


def write_model(world: Path, name: str = "one", **options: object) -> None:
    (world / "mine.yaml").write_text(yaml.safe_dump(painter(name, **options)))


def test_nothing_changed_passes_by_identical_outputs(world: Path) -> None:
    found = ask(world, "--out", "out", expected=0)
    assert {m["model"]: (m["compared"], m["identical"]) for m in found["models"]} == {
        "one": (48, 48), "two": (48, 48),
    }  # fmt: skip
    assert set(outcomes(found).values()) == {"pass", "not gated"}
    assert (world / "out" / "junit.xml").is_file()


def test_a_blurred_painter_fails_by_the_metric_that_sees_blur(world: Path) -> None:
    write_model(world, blur=1.5)
    found = ask(world, "--models", "mine.yaml", "--out", "out", expected=1)
    sharpness = ("one", "technical.sharpness[pixels]")
    assert outcomes(found)[sharpness] == "regression"
    [one] = [j for j in found["judgements"] if (j["model"], j["metric"]) == sharpness]
    assert one["worst"][0]["text"].startswith("a ")
    assert len(one["worst"][0]["before"]) == len(one["worst"][0]["after"]) == 2
    changes = {change["name"]: change for model in found["models"] for change in model["changes"]}
    assert (changes["options.blur"]["before"], changes["options.blur"]["after"]) == ("–", "1.5")
    assert "thumbs" in {path.name for path in (world / "out").iterdir()}


def shown(world: Path) -> str:
    """Which of its variants the board shows as the model `one`."""
    connection = connect(Store.open(world / "store"))
    try:
        rows = leaderboard(connection, "painted").rows
    finally:
        connection.close()
    return next(row.variant for row in rows if row.model == "one")


def test_a_candidate_is_on_the_board_from_when_it_is_asked_for_besides_gates(world: Path) -> None:
    before = shown(world)
    write_model(world, blur=1.5)
    ask(world, "--models", "mine.yaml", expected=1)
    assert shown(world) == before
    done = verb(world, "run", "painted.yaml", "--models", "mine.yaml")
    assert done.exit_code == 0, done.output
    after = shown(world)
    assert after != before
    ask(world, "--models", "mine.yaml", expected=1)
    ask(world, expected=0)
    assert shown(world) == after


def test_a_run_of_the_store_is_a_baseline_too(world: Path) -> None:
    first = ask(world, expected=0)
    done = verb(world, "gate", "painted.yaml", "--baseline", first["run"])
    assert done.exit_code == 0
    unknown = verb(world, "gate", "painted.yaml", "--baseline", "20200101-nothing")
    assert "20200101-nothing" in str(unknown.exception)


def test_an_inconclusive_gate_says_how_many_prompts_would_decide(world: Path) -> None:
    write_model(world, noise=0.004)
    found = ask(
        world, "--models", "mine.yaml", "--epsilon", "technical.contrast=0.0000001",
        "--epsilon", "technical.sharpness=1000000", expected=3,
    )  # fmt: skip
    [one] = [j for j in found["judgements"] if j["outcome"] == "inconclusive"]
    assert one["metric"].startswith("technical.contrast")
    assert one["needed"] > one["prompts"] == 24


def test_models_that_cannot_run_are_no_regression(world: Path) -> None:
    (world / "mine.yaml").write_text(
        yaml.safe_dump({"name": "one", "backend": "diffusers", "source": "./no-such-folder"})
    )
    found = ask(world, "--models", "mine.yaml", expected=4)
    assert "no-such-folder" in found["models"][0]["problem"]


def test_a_model_that_always_fails_could_not_be_judged(world: Path) -> None:
    write_model(world, fail=1.0)
    found = ask(world, "--models", "mine.yaml", expected=4)
    assert "only 0 of 48 outputs" in found["models"][0]["problem"]


def test_a_model_that_refuses_now_got_worse(world: Path) -> None:
    write_model(world, refuse=0.6)
    found = ask(world, "--models", "mine.yaml", expected=1)
    assert outcomes(found)["one", "answered"] == "regression"


def refused(world: Path, *arguments: str) -> str:
    done = verb(world, "gate", *arguments)
    assert done.exception is not None
    return str(done.exception)


def test_a_changed_suite_is_refused_before_anything_is_made(world: Path) -> None:
    changed = {**SUITE, "prompts": [*SUITE["prompts"][:-1], "a purple moon"]}  # type: ignore[index]
    (world / "painted.yaml").write_text(yaml.safe_dump(changed))
    before = (world / "store" / "CURRENT").read_text()
    told = refused(world, "painted.yaml", "--baseline", "base.json")
    assert "another suite" in told and "prompts removed: yellow-star" not in told
    assert "prompts removed" in told
    assert (world / "store" / "CURRENT").read_text() == before


def test_an_edited_baseline_is_refused(world: Path) -> None:
    text = (world / "base.json").read_text()
    (world / "base.json").write_text(text.replace('"version": 1', '"version": 2', 1))
    assert "edited" in refused(world, "painted.yaml", "--baseline", "base.json")


def test_other_instruments_are_refused(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from evalharness.extractors import pixels

    monkeypatch.setattr(
        pixels, "ENTRY", type(pixels.ENTRY)(
            **{f: getattr(pixels.ENTRY, f) for f in pixels.ENTRY.__dataclass_fields__}
            | {"version": 99}
        ),
    )  # fmt: skip
    told = refused(world, "painted.yaml", "--baseline", "base.json")
    assert "other instruments" in told and "pixels: version" in told and "is now 99" in told


def test_a_model_the_baseline_does_not_know_is_refused(world: Path) -> None:
    write_model(world, "three")
    told = refused(world, "painted.yaml", "--baseline", "base.json", "--models", "mine.yaml")
    assert "no model named three; it has one, two" in told


def test_a_mistyped_metric_is_refused(world: Path) -> None:
    told = refused(world, "painted.yaml", "--baseline", "base.json", "--epsilon", "sharp=1")
    assert "'sharp'" in told


def test_a_crash_is_no_regression(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("evalharness.cli.gate_verb.run_gate", crash)
    done = verb(world, "gate", "painted.yaml", "--baseline", "base.json")
    assert done.exit_code == 4
    assert "boom" in done.stderr


@pytest.mark.slow
def test_latency_is_gated_when_both_take_turns(world: Path) -> None:
    write_model(world, latency_s=0.02)
    found = ask(world, "--models", "mine.yaml", "--interleave", "8", expected=1)
    assert outcomes(found)["one", "latency"] == "regression"
    assert outcomes(found)["one", "peak_memory"] == "pass"
    [one] = [j for j in found["judgements"] if j["metric"] == "latency"]
    assert (one["prompts"], one["sampled"]) == (8, "turns")
    assert one["worse"] == pytest.approx(0.02, abs=0.015)
    runs = json.loads(verb(world, "history", "painted", "--format", "json").stdout)["entries"]
    assert len({entry["run"] for entry in runs}) == 2, "turns leave the board as it was"


def test_turns_without_anything_to_measure_in_them_are_refused(world: Path) -> None:
    verb(
        world, "baseline", "save", "painted.yaml", "--metrics", "technical.sharpness",
        "-o", "edited.json",
    )  # fmt: skip
    told = refused(world, "painted.yaml", "--baseline", "edited.json", "--interleave", "2")
    assert "nothing to gate in turns" in told and "latency" in told


def test_baselines_are_shown_and_compared(world: Path) -> None:
    shown = verb(world, "baseline", "show", "base.json")
    assert "24 prompts, seeds 0, 1" in shown.stdout
    write_model(world, blur=1.5)
    run = ask(world, "--models", "mine.yaml", expected=1)["run"]
    verb(world, "baseline", "save", "painted.yaml", "--run", run, "-o", "edited.json")
    told = verb(world, "baseline", "diff", "base.json", "edited.json")
    assert "REGRESSION" in told.stdout
    with pytest.raises(BadInputError, match="expected: evalharness baseline show FILE"):
        raise verb(world, "baseline", "show", "base.json", "base.json").exception


def test_a_baseline_of_some_models_and_metrics(world: Path) -> None:
    verb(
        world, "baseline", "save", "painted.yaml", "--models", "two",
        "--metrics", "technical.sharpness", "-o", "edited.json",
    )  # fmt: skip
    saved = json.loads((world / "edited.json").read_text())
    assert [model["model"] for model in saved["models"]] == ["two"]
    assert [metric["metric"] for metric in saved["metrics"]] == ["technical.sharpness[pixels]"]
    done = verb(world, "gate", "painted.yaml", "--baseline", "edited.json", "--format", "json")
    assert set(outcomes(json.loads(done.stdout))) == {
        ("two", "answered"), ("two", "technical.sharpness[pixels]"),
    }  # fmt: skip


def test_history_tells_every_run(world: Path) -> None:
    ask(world, expected=0)
    write_model(world, blur=1.5)
    ask(world, "--models", "mine.yaml", expected=1)
    told = verb(world, "history", "painted", "--models", "one", "--format", "json")
    entries = json.loads(told.stdout)["entries"]
    assert [one["command"] for one in entries] == ["api", "gate", "gate"]
    assert [one["changed"] for one in entries] == [False, False, True]
    cells = [one["cells"]["technical.sharpness[pixels]"] for one in entries]
    assert cells[0]["value"] == pytest.approx(cells[1]["value"])
    assert cells[0]["low"] < cells[0]["value"] < cells[0]["high"]
    assert cells[2]["value"] < cells[0]["value"]
    assert "one in painted" in verb(world, "history", "painted").stdout
