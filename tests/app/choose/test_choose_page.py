from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from evalharness.app.choose.form import beyond, flags
from evalharness.app.choose.references import MOST, keep, named
from evalharness.core.brief import Brief, Limits, Weights
from evalharness.ledger.artifacts import path_of
from evalharness.ledger.store import Store
from tests.app.opened import app, downloads, payloads, said


class Upload:
    def __init__(self, name: str, data: bytes) -> None:
        self.name, self._data = name, data

    def getvalue(self) -> bytes:
        return self._data


def uploads(folder: Path) -> list[Upload]:
    return [Upload(path.name, path.read_bytes()) for path in sorted(folder.glob("*.png"))]


def kept(looks: Path, look: str) -> str:
    """An address's pictures in a look."""
    return ",".join(keep(looks / "store", uploads(looks / look), ()).pictures)


@pytest.fixture
def references(looks: Path) -> str:
    return kept(looks, "watercolour")


@pytest.fixture
def ask(looks: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def asked(**address: Any) -> AppTest:
        return app(looks / "store", monkeypatch, "choose", {"suite": "mine", **address})

    return asked


def looked(test: AppTest) -> AppTest:
    """Press the button that looks, where something has not been seen."""
    for button in test.button:
        if button.key == "look":
            button.click().run(timeout=120)
    assert not test.exception
    return test


def test_without_a_brief_the_page_invites(ask: Any) -> None:
    test = ask()
    assert "Which model fits your look?" in [head.value for head in test.header]
    test.button[0].click().run()
    assert test.text_area(key="words").value == "pixel art"


def test_references_lead_to_the_model_that_has_their_look(ask: Any, references: str) -> None:
    test = looked(ask(references=references))
    assert [head.value for head in test.header] == ["paints-watercolour fits best"]
    (bars,) = payloads(test, "candidates")
    assert [bars["rows"][0][name] for name in ("model", "best")] == ["paints-watercolour", True]
    assert len(bars["rows"]) == 4
    (strip,) = payloads(test, "strip")
    assert [one["sha256"] for one in strip["pictures"]] == references.split(",")
    (shown,) = payloads(test, "evidence")
    assert shown["asked"] and {row["asked"]["thumb"][-64:] for row in shown["rows"]} <= set(
        references.split(",")
    )
    assert downloads(test)[:3] == ["Brief (YAML)", "Answer (JSON)", "Answer (Markdown)"]


def test_a_weight_changes_the_answer_without_another_look(ask: Any, references: str) -> None:
    test = looked(ask(references=references))
    (before,) = payloads(test, "candidates")
    test.slider(key="weight.style").set_value(0.0).run()
    assert not [button for button in test.button if button.key == "look"]
    (after,) = payloads(test, "candidates")
    assert [one["name"] for one in before["components"]] == ["style", "latency"]
    assert [one["name"] for one in after["components"]] == ["latency"]


def test_a_flip_can_be_tried(ask: Any, looks: Path) -> None:
    # no weight turns away from one that fits best and is the fastest, too: two looks, two painters
    for look in ("watercolour", "illustration"):
        test = looked(ask(references=kept(looks, look)))
        tries = [button for button in test.button if str(button.key).startswith("try-")]
        if tries:
            break
    before = test.header[0].value
    tries[0].click().run()
    assert not test.exception
    assert test.header[0].value != before


@pytest.mark.parametrize("value", [0.391, 0.395, 0.396, 0.4, 0.404])
def test_a_flip_is_tried_on_its_far_side(value: float) -> None:
    below, above = beyond(value, now=1.0), beyond(value, now=0.0)
    assert below is not None
    assert above is not None
    assert below < value < above


def test_a_flip_that_no_slider_reaches_cannot_be_tried() -> None:
    assert beyond(0.0, now=1.0) is None
    assert beyond(3.5, now=1.0) is None


def test_a_brief_as_flags_asks_the_same(ask: Any) -> None:
    ask()
    brief = Brief("soft", ("a.png",), models=("a", "b"), limits=Limits(2.5), weights=Weights(0.5))
    words = flags(brief)[2:]
    assert words == [
        *("--words", "soft", "--references", "a.png", "--weight", "style=0.5"),
        *("--limit", "latency_p95_s=2.5", "--models", "a,b"),
    ]


def test_who_breaks_a_limit_is_out_with_the_nearest_miss(ask: Any, references: str) -> None:
    test = looked(ask(references=references, **{"limit.memory": "2.5"}))
    told = said(test).replace("\\", "")
    assert "Out of the running" in told
    assert "peak memory is 3 GiB, asked at most 2.5 GiB (the nearest miss)" in told.replace(
        "\\", ""
    )
    (bars,) = payloads(test, "candidates")
    assert len(bars["rows"]) == 2


def test_limits_that_nobody_keeps_to_are_said(ask: Any, references: str) -> None:
    test = looked(ask(references=references, **{"limit.memory": "0.5"}))
    assert [head.value for head in test.header] == ["No answer to this brief"]
    assert not payloads(test, "candidates")


def test_the_command_and_the_brief_file_ask_the_same(ask: Any, references: str) -> None:
    from evalharness.catalog.briefs import brief_yaml, load_brief

    test = looked(ask(references=references, **{"limit.licence": "commercial"}))
    lines = [code.value for code in test.code if code.value.startswith("evalharness choose")]
    # two models that are level (latency decides it, so not every time) are told how to be parted
    (words,) = [words for words in map(shlex.split, lines) if "--prompts" not in words]
    assert words[2] == "mine"
    assert words.count("--references") == 6
    assert words[words.index("--limit") + 1] == "licence=commercial"
    brief = Brief(
        words="a “soft” look: #1",
        models=("a", "b"),
        limits=Limits(latency_p95_s=2.5, offline=True),
        weights=Weights(style=0.5),
    )
    assert set(yaml.safe_load(brief_yaml(brief))) == {"words", "models", "limits", "weights"}
    path = Path(str(ask.__closure__[0].cell_contents)) / "brief.yaml"
    path.write_text(brief_yaml(brief), encoding="utf-8")
    assert load_brief(path) == brief


def test_what_an_address_names_wrongly_is_said_and_the_rest_is_kept(
    ask: Any, references: str
) -> None:
    one = references.split(",", maxsplit=1)[0]
    test = ask(references=f"../../etc/passwd,{'0' * 64},{one}")
    told = said(test).replace("\\", "")
    assert "names a reference '../../etc/passwd': expected a sha256" in told
    assert "The reference 000000000000 is not in this store" in told
    (strip,) = payloads(test, "strip")
    assert [shown["sha256"] for shown in strip["pictures"]] == [one]


def test_weights_and_limits_that_cannot_be_fall_back(ask: Any) -> None:
    test = ask(words="pixel art", **{"weight.style": "much", "limit.memory": "-3", "models": "x"})
    assert test.slider(key="weight.style").value == 1.0
    assert test.number_input(key="limit.memory").value is None


def test_a_suite_without_pictures_says_so(open_app: Any) -> None:
    assert "Models are chosen by the look of their pictures" in said(
        open_app("choose", suite="answers")
    )


def test_a_suite_of_one_model_says_what_to_run(open_app: Any) -> None:
    told = said(open_app("choose", suite="hostile", words="x"))
    assert "at least two models" in told
    assert "evalharness run hostile --models NAME" in told


def test_bad_uploads_are_named_and_good_ones_kept(looks: Path, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    good = uploads(looks / "photograph")[:2]
    wrong = [Upload("words.png", b"no picture"), Upload("cut.png", good[0].getvalue()[:200])]
    kept = keep(store.root, [good[0], *wrong, good[1], good[0]], ())
    assert len(kept.pictures) == 2
    assert all(path_of(store, sha256).is_file() for sha256 in kept.pictures)
    assert [problem.split(" ")[2] for problem in kept.problems] == ["words.png", "cut.png"]
    again = keep(store.root, good, kept.pictures)
    assert again.pictures == kept.pictures
    full = tuple(f"{number:064x}" for number in range(MOST))
    assert "at most 50 references" in keep(store.root, good[:1], full).problems[0]
    assert named("", store.root).pictures == ()
