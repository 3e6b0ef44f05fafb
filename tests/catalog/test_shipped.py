"""The suites that come with evalharness: whole, balanced, and readable by whom they ask."""

import json
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from evalharness.catalog.metrics import expand_metrics
from evalharness.catalog.models import catalogue, load_models
from evalharness.catalog.schemas import schemas
from evalharness.catalog.suites import load_suite, shipped_suites
from evalharness.catalog.yaml_files import read_yaml
from evalharness.tinyworld.parser import parse
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS, Thing

ROOT = Path(__file__).resolve().parents[2]
SUITES = (
    "aesthetics",
    "arithmetic",
    "balance",
    "classification",
    "code",
    "core",
    "editing",
    "instruction-following",
    "knowledge",
    "lettering",
    "multilingual",
    "reasoning",
    "robustness",
    "safety",
    "smoke",
    "starter",
    "summarisation",
    "tiny-gate",
    "tiny-lettering",
    "tinyworld",
    "translation",
    "vision",
    "vision-captions",
    "vision-labels",
    "writing-editing",
)


def shipped(name: str) -> str:
    return str(ROOT / "suites" / f"{name}.yaml")


def test_the_shipped_suites_are_these() -> None:
    assert sorted(p.stem for p in shipped_suites().glob("*.yaml")) == list(SUITES)


@pytest.mark.parametrize("name", SUITES)
def test_every_shipped_suite_loads_with_its_models(name: str) -> None:
    suite = load_suite(shipped(name))
    assert suite.name == name
    assert suite.title
    models = load_models(suite.models)
    assert len(models) >= 2
    assert {m.modality for m in models} == {suite.modality}


@pytest.mark.parametrize("name", SUITES)
def test_every_metric_of_a_suite_has_prompts_it_applies_to(name: str) -> None:
    suite = load_suite(shipped(name))
    for choice in expand_metrics(suite.metrics):
        assert any(map(choice.metric.facts.applies, suite.prompts)), choice.name


def test_tinyworld_asks_for_every_object_in_every_colour() -> None:
    suite = load_suite(shipped("tinyworld"))
    assert len(suite.prompts) * len(suite.seeds) == 256
    pairs = {(p.tags["object"], p.tags["colour"]) for p in suite.prompts}
    assert pairs == {(o, c) for o in OBJECTS for c in COLOURS}
    styles = Counter(p.tags["style"] for p in suite.prompts)
    assert set(styles) == {*AESTHETICS, "none"}
    assert max(styles.values()) - min(styles.values()) <= 2
    for kind in ("object", "colour"):
        table = Counter((p.tags[kind], p.tags["style"]) for p in suite.prompts)
        assert len(table) == 8 * 5
        assert set(table.values()) <= {1, 2}


@pytest.mark.parametrize("name", ["tinyworld", "tiny-gate"])
def test_tinyworlds_words_mean_what_their_tags_say(name: str) -> None:
    for prompt in load_suite(shipped(name)).prompts:
        scene = parse(prompt.text)
        assert scene.thing == Thing(prompt.tags["object"], prompt.tags["colour"])
        assert (scene.aesthetic or "none") == prompt.tags["style"]
        assert (scene.count, scene.relation, scene.lettering) == (None, None, None)
        asked = {kind: prompt.tags[kind] for kind in ("object", "colour")}
        if prompt.tags["style"] != "none":
            asked["style"] = prompt.tags["style"]
        assert prompt.checks == {**asked, "styles": "tinyworld"}


def test_the_gate_of_tinyworld_leaves_the_style_open_half_of_the_time() -> None:
    prompts = load_suite(shipped("tiny-gate")).prompts
    for styled in (False, True):
        asked = [p.tags for p in prompts if (p.tags["style"] != "none") == styled]
        pairs = Counter((tags["object"], tags["colour"]) for tags in asked)
        assert pairs == Counter((o, c) for o in OBJECTS for c in COLOURS)
    styles = Counter(p.tags["style"] for p in prompts)
    assert {styles[name] for name in AESTHETICS} == {16}


def test_the_lettering_is_what_the_letterers_read() -> None:
    prompts = load_suite(shipped("tiny-lettering")).prompts
    assert len(prompts) == 16
    for prompt in prompts:
        scene = parse(prompt.text)
        assert scene.lettering == prompt.checks["lettering"]
        assert scene.thing.colour == prompt.tags["colour"]
        assert scene.aesthetic == prompt.tags["style"]


def test_the_starter_covers_its_challenges() -> None:
    prompts = load_suite(shipped("starter")).prompts
    assert len(prompts) == 60
    challenges = Counter(p.tags["challenge"] for p in prompts)
    assert set(challenges) == {
        "subject",
        "count",
        "relation",
        "binding",
        "lettering",
        "style",
        "long",
    }
    assert min(challenges.values()) >= 4
    for prompt in prompts:
        assert prompt.tags.keys() == {"category", "style", "challenge"}
        assert ("lettering" in prompt.checks) == (prompt.tags["challenge"] == "lettering")
        if "lettering" in prompt.checks:
            assert f'"{prompt.checks["lettering"]}"' in prompt.text
    assert len({p.text for p in prompts}) == 60


def test_the_sums_are_right() -> None:
    for prompt in load_suite(shipped("arithmetic")).prompts:
        sum_ = prompt.text.removeprefix("What is ").partition("?")[0]
        assert eval(sum_.replace("×", "*").replace("÷", "/")) == float(prompt.target or "nan")


@pytest.mark.parametrize("name", schemas())
def test_the_committed_schemas_are_current(name: str) -> None:
    committed = (ROOT / "suites" / "schema" / name).read_text("utf-8")
    assert committed == schemas()[name], "run: python -m evalharness.catalog.schemas"


def test_the_shipped_files_fit_the_schemas() -> None:
    fits = {name: Draft202012Validator(json.loads(text)) for name, text in schemas().items()}
    for name in SUITES:
        fits["suite.json"].validate(read_yaml(Path(shipped(name))).data)
    models = ROOT / "evalharness" / "catalog" / "models.yaml"
    fits["models.json"].validate(read_yaml(models).data)
    for path in (ROOT / "prompts").glob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            fits["prompt.json"].validate(json.loads(line))
    assert not fits["suite.json"].is_valid({"prompts": ["a"], "metrics": [], "titel": "x"})


def test_every_yaml_file_names_its_schema() -> None:
    models = ROOT / "evalharness" / "catalog" / "models.yaml"
    for path in [*(ROOT / "suites").glob("*.yaml"), models]:
        first = path.read_text("utf-8").splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / schema).resolve().parent == ROOT / "suites" / "schema"
        assert (path.parent / schema).is_file()


def test_the_suites_models_are_in_the_catalogue() -> None:
    for name in SUITES:
        assert set(load_suite(shipped(name)).models) <= set(catalogue())


def test_the_readmes_suite_is_a_suite(tmp_path, monkeypatch):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    [block] = [part for part in readme.split("```yaml\n")[1:] if "protocol:" in part]
    (tmp_path / "posters.yaml").write_text(block.split("```")[0], encoding="utf-8")
    (tmp_path / "posters.jsonl").write_text('{"text": "a poster"}\n', encoding="utf-8")
    suite = load_suite(str(tmp_path / "posters.yaml"))
    assert suite.models == ("sdxl-turbo", "./my-lora.yaml")
    assert "text_accuracy.cer[ocr]" in suite.metrics
