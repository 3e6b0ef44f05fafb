from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest

from evalharness.board.gate.gating import gate
from evalharness.board.gate.tables import headline, sheets
from evalharness.board.gate.verdict import Gate, Outcome, WorsePrompt
from evalharness.board.sheets import to_json, to_markdown
from evalharness.core.errors import BadInputError
from evalharness.ledger.artifacts import store_picture
from evalharness.ledger.store import Store
from evalharness.report.badge import badge_svg
from evalharness.report.gate_files import write_gate
from evalharness.report.gate_summary import comment_markdown, summary_markdown
from evalharness.report.junit import junit_xml
from tests.board.gate_takes import CLIP, baseline, model_take

RNG = np.random.default_rng(3)
BEFORE, NOISE = RNG.normal(30, 3, 60), RNG.normal(0, 0.5, 60)
HOSTILE = (
    '"><script>alert(1)</script> ![x](http://evil) | =cmd() \x1b[31mred \u202egnp.exe ]]> @you '
    "<!-- &amp; \x00 \ud800 \ufffe"
)


def made(shift: float, hostile: str = "", prompts: int = 60) -> Gate:
    old = baseline(model_take(BEFORE[:prompts]))
    new = baseline(model_take((BEFORE + NOISE + shift)[:prompts], outputs="x"))
    found = gate(old, new, against=hostile or "base.json", run="run-2")
    if not hostile:
        return found
    worst = (WorsePrompt(hostile, hostile, 1.0),)
    models = tuple(replace(m, model=hostile, title=hostile) for m in found.models)
    return replace(
        found,
        suite=hostile,
        models=(*models, replace(models[0], problem=hostile)),
        judgements=tuple(
            replace(one, model=hostile, metric=hostile, unit=hostile, reason=hostile, worst=worst)
            for one in found.judgements
        ),
    )


def nothing(_sha256: str) -> None:
    return None


def test_junit_has_a_case_for_every_model_and_metric() -> None:
    root = Xml.fromstring(junit_xml(made(-2.0)))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases[CLIP].find("failure") is not None
    assert cases["latency"].find("skipped") is not None
    assert len(cases["answered"]) == 1
    properties = {p.get("name"): p.get("value") for p in cases[CLIP].iter("property")}
    assert float(properties["worse"] or 0) == pytest.approx(2.0, abs=0.3)
    assert properties["prompts"] == "60"
    assert {"low", "high", "epsilon", "p"} <= set(properties)
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("5", "1", "3")


def test_inconclusive_is_skipped_and_says_how_many_prompts_would_decide() -> None:
    found = made(-0.6, prompts=3)
    assert found.outcome is Outcome.INCONCLUSIVE
    case = next(
        c for c in Xml.fromstring(junit_xml(found)).iter("testcase") if c.get("name") == CLIP
    )
    assert re.search(r"inconclusive.*\d+ prompts would decide", case.find("skipped").get("message"))  # type: ignore[union-attr,arg-type]


def test_what_could_not_be_judged_is_an_error() -> None:
    old = baseline(model_take(BEFORE))
    found = gate(
        old, replace(old, models=()), against="b", run="r", problems={"mine": "no weights"}
    )
    root = Xml.fromstring(junit_xml(found))
    assert root.get("errors") == "1"
    assert "no weights" in (root.find(".//error").get("message") or "")  # type: ignore[union-attr]
    assert "could not be judged" in headline(found)


@pytest.mark.parametrize("shift", [-2.0, 0.0])
def test_hostile_strings_are_inert_everywhere(shift: float) -> None:
    found = made(shift, HOSTILE)
    xml, badge = junit_xml(found), badge_svg(found)
    page, comment = summary_markdown(found, nothing), comment_markdown(found, nothing)
    for text in (xml, badge, page, comment, to_json(found)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ufffe]", text)
        text.encode()
    Xml.fromstring(xml)
    root = Xml.fromstring(badge)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "rect", "path", "g", "text",
    }  # fmt: skip
    for text in (page, comment):
        assert "<script" not in re.sub(r"\\<", "", text)
        assert "](http" not in re.sub(r"\\.", "", text)
        assert "@you" not in text


def test_the_summary_holds_the_worst_pictures_and_stays_within_its_limit(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    pixels = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    sha256 = store_picture(store, pixels).sha256
    found = made(-2.0)
    found = replace(
        found,
        judgements=tuple(
            replace(one, worst=tuple(replace(w, after=(sha256,)) for w in one.worst))
            for one in found.judgements
        ),
    )
    write_gate(found, store, tmp_path / "out")
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"gate.json", "junit.xml", "summary.md", "comment.md", "badge.svg", "thumbs"}
    page = (tmp_path / "out" / "summary.md").read_text()
    assert page.count("data:image/webp;base64,") == 5
    assert "data:" not in (tmp_path / "out" / "comment.md").read_text()
    assert [path.stem for path in (tmp_path / "out" / "thumbs").iterdir()] == [sha256]
    assert json.loads((tmp_path / "out" / "gate.json").read_text())["suite"] == "tiny"

    def thumb(_sha256: str) -> bytes:
        return b"x" * 3000

    for limit in (30_000, 12_000, 900):
        text = summary_markdown(found, thumb, limit=limit)
        assert len(text.encode()) <= limit
    write_gate(found, store, tmp_path / "at", 'https://example.org/"a"')
    page = (tmp_path / "at" / "comment.md").read_text()
    assert f'src="https://example.org/&quot;a&quot;/{sha256}.webp"' in page


def test_the_terminal_and_markdown_say_the_verdict_and_what_changed() -> None:
    found = made(-2.0)
    old = model_take(BEFORE)
    new = replace(model_take(BEFORE + NOISE, outputs="x"), settings={"steps": 2})
    page = to_markdown(sheets(found))
    assert "REGRESSION (1 pass, 1 regression, 3 not gated)" in page
    changed = to_markdown(sheets(gate(baseline(old), baseline(new), against="b", run="r")))
    assert re.search(r"\| steps \| 15 \| 2 \|", changed)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store.create(tmp_path / "store")
    with pytest.raises(BadInputError, match="cannot be written"):
        write_gate(made(0.0), store, tmp_path / "file")


@pytest.mark.parametrize(
    ("shift", "prompts", "word"),
    [(0.0, 60, "pass"), (-2.0, 60, "regression"), (-0.6, 3, "inconclusive")],
)
def test_the_badge_says_the_verdict(shift: float, prompts: int, word: str) -> None:
    assert f">{word}<" in badge_svg(made(shift, prompts=prompts))
