"""A store of two models that write: all kinds of checks, programs, judges and likelihoods."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import yaml

import evalharness
from evalharness.tinyworld.references import references

HOSTILE = "<img src=x onerror=\"document.title='owned'\"> **bold** [go](javascript:alert(1)) $x$"
SUM = "A baker fills 7 trays with 12 rolls each and then sells 59 rolls. How many are left?"
TESTS = "assert double(2) == 4\nassert double(0) == 0\n"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
JUDGE = "fake_judge:noise=0"

PROMPTS: list[dict[str, Any]] = [
    {"id": "sum", "text": SUM, "target": "25"},
    {
        "id": "choice",
        "text": "Which is a mammal?\nA. shark\nB. whale\nC. trout",
        "target": "whale",
        "checks": {"choices": ["shark", "whale", "trout"]},
    },
    {
        "id": "label",
        "text": "“What a waste of an evening.” Positive or negative?",
        "target": "negative",
        "checks": {"labels": ["positive", "negative"]},
    },
    {
        "id": "pattern",
        "text": "A date in ISO form, please.",
        "checks": {"pattern": r"\d{4}-\d{2}-\d{2}"},
    },
    {
        "id": "instructions",
        "text": "Praise tea without commas, in at least five words, and name the kettle.",
        "checks": {
            "instructions": [
                {"id": "punctuation:no_comma"},
                {
                    "id": "length_constraints:number_words",
                    "relation": "at least",
                    "num_words": 5,
                },
                {"id": "keywords:existence", "keywords": ["kettle"]},
            ]
        },
    },
    {
        "id": "json",
        "text": "Where does Ann live? Answer in JSON.",
        "checks": {"json_schema": SCHEMA},
    },
    {
        "id": "translate",
        "text": "Translate: Der Zug fährt heute um acht Uhr ab.",
        "target": "The train leaves at eight o'clock today.",
        "checks": {"targets": ["Today the train departs at eight."], "language": "en"},
    },
    {
        "id": "code",
        "text": "Write a Python function double(n) that returns twice n.",
        "checks": {"code": {"tests": TESTS, "entry_point": "double"}},
    },
    {
        "id": "judged",
        "text": "Why is the sky blue?",
        "target": "Air scatters blue light most.",
        "checks": {"rubric": "one sentence", "rival": "Because it reflects the sea."},
    },
    {
        "id": "likely",
        "text": "Two and two are",
        "target": " four",
        "continuations": [" four", " five"],
    },
    {
        "id": "seen",
        "text": "What is in the picture?",
        "target": "a ball",
        "images": ["seen.png"],
        "tags": {"shown": "picture"},
    },
    {"id": "hostile", "text": HOSTILE, "target": HOSTILE, "checks": {"rubric": HOSTILE}},
]
"""Prompts with everything that can be checked of a text."""

GOOD = {
    "sum": "7 · 12 = 84 rolls are baked. 84 − 59 = 25, so 25 are left.",
    "choice": "The answer is (B).",
    "label": "negative",
    "pattern": "It was 2026-03-01, a Sunday.",
    "instructions": "Tea is warm and the kettle sings for it",
    "json": '{"city": "Ulm"}',
    "translate": "The train leaves at eight o'clock today.",
    "code": "```python\ndef double(n):\n    return 2 * n  # twice\n```",
    "judged": "Air scatters blue light most.",
    "seen": "There is a ball in it.",
    "hostile": HOSTILE,
}
POOR = {
    "sum": "There are 84 rolls.",
    "choice": "C. trout",
    "label": "positive",
    "pattern": "Yesterday.",
    "instructions": "Tea, of course.",
    "json": "She lives in Ulm.",
    "translate": "The train departs today at nine o'clock.",
    "code": "def double(n):\n    print('doubling', n)\n    return n + 3\n",
    "judged": "It simply is.",
    "seen": "",
    "hostile": "![x](javascript:alert(2)) <script>document.title='owned'</script>",
}
METRICS = [
    "number_match",
    "contains_target",
    "multiple_choice.correct",
    "label.correct",
    "pattern_match",
    "ifeval.prompt_strict",
    "json.schema",
    "language.right",
    "likelihood.correct",
    "code.passed",
    f"judge.grade[{JUDGE}]",
    f"judge.win_rate[{JUDGE}]",
]


def _model(name: str, answers: dict[str, str], **options: object) -> dict[str, Any]:
    texts = {one["id"]: one["text"] for one in PROMPTS}
    table = {texts[key]: answer for key, answer in answers.items()}
    return {
        "name": name,
        "title": f"Writer, {name}",
        "backend": "fake",
        "modality": "text",
        "options": {"table": table, **options},
    }


def fill(folder: Path) -> Path:
    """The store's folder: suite `written` of text, and `edited` of pictures that are changed."""
    for name, look in (("seen", "photograph"), ("before", "pixel art")):
        (picture,) = references(1, 3, look)
        cv2.imwrite(str(folder / f"{name}.png"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    edits = [{"id": "e", "text": "Make it green.", "images": ["before.png"]}]
    for name, prompts in (("written", PROMPTS), ("edited", edits)):
        lines = "".join(json.dumps(one) + "\n" for one in prompts)
        (folder / f"{name}.jsonl").write_text(lines)
    models = [_model("good", GOOD), _model("poor", POOR)]
    (folder / "writers.yaml").write_text(yaml.safe_dump(models))
    painters = [{"name": "editor", "backend": "fake", "modality": "image"}]
    (folder / "editors.yaml").write_text(yaml.safe_dump(painters))
    evalharness.run(
        prompts=folder / "written.jsonl", models=str(folder / "writers.yaml"), metrics=METRICS,
        seeds=[0], store=folder / "store", allow_code_execution=True,
    )  # fmt: skip
    evalharness.run(
        prompts=folder / "edited.jsonl", models=str(folder / "editors.yaml"), metrics=["latency"],
        seeds=[0], store=folder / "store",
    )  # fmt: skip
    return folder / "store"
