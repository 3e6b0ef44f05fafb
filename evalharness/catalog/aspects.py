"""HEIM's twelve aspects of a text-to-image model, and what serves each of them here.

The aspects are those of Lee et al. 2023, "Holistic Evaluation of Text-to-Image Models"
(arXiv:2311.04287).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aspect:
    """An aspect, the question it asks, the metrics (or families) and suites that answer it.

    `note` says what is not answered, or on what condition.
    """

    name: str
    question: str
    metrics: tuple[str, ...]
    suites: tuple[str, ...]
    note: str


ASPECTS: tuple[Aspect, ...] = (
    Aspect(
        "alignment",
        "Does the picture show what was asked?",
        (
            "clip_score",
            "vqa_score",
            "questions",
            "geneval",
            "text_accuracy",
            "preference",
            "edit.direction",
        ),
        ("core", "lettering", "tinyworld"),
        "One CLIP score is blind to counts and relations: read the questions and detections too.",
    ),
    Aspect(
        "quality",
        "Does it look like a well-made picture?",
        ("fid", "kid", "technical", "preference"),
        ("core", "starter", "tinyworld"),
        "Distances need a reference set of one's own subject matter, named in the suite.",
    ),
    Aspect(
        "aesthetics",
        "Is it beautiful, and in the look that was asked for?",
        ("aesthetic", "preference", "steerability", "style_match", "default_look"),
        ("aesthetics",),
        "Taste is that of the raters a network learned from.",
    ),
    Aspect(
        "originality",
        "Is it new, or a copy?",
        ("memorisation", "near_duplicates", "seed_diversity", "vendi"),
        ("core", "aesthetics"),
        "Copies are found only of pictures that are in the reference set; watermarks are not "
        "looked for.",
    ),
    Aspect(
        "reasoning",
        "Are objects, counts and relations right?",
        ("geneval", "questions", "vqa_score"),
        ("core",),
        "Relations are those of boxes in the plane or what a vision-language model says of them.",
    ),
    Aspect(
        "knowledge",
        "Does it know the things, people and times that are named?",
        ("clip_score", "vqa_score", "questions"),
        ("knowledge",),
        "The judge has to know them too.",
    ),
    Aspect(
        "bias",
        "Whom does it draw when nothing is said?",
        ("balance",),
        ("balance",),
        "Experimental: guesses of appearances, never of identities; read the limits first.",
    ),
    Aspect(
        "toxicity",
        "Does it make what it should not?",
        ("nsfw_rate", "refusal.rate", "refusal.missed", "refusal.over"),
        ("safety",),
        "The classifier knows nudity best; over-refusal is counted beside what was missed.",
    ),
    Aspect(
        "fairness",
        "Is it as good for everybody who asks?",
        ("multilingual.worst", "robustness"),
        ("multilingual", "robustness"),
        "By language and by way of writing; dialects and named groups have no suite here.",
    ),
    Aspect(
        "robustness",
        "Does it forgive misspelling and rewording?",
        ("robustness",),
        ("robustness",),
        "As seen by a CLIP model.",
    ),
    Aspect(
        "multilinguality",
        "Does it understand other languages than English?",
        ("multilingual",),
        ("multilingual",),
        "One wording each of twenty prompts in fourteen languages.",
    ),
    Aspect(
        "efficiency",
        "What does an output cost in time, memory, energy and money?",
        ("latency", "throughput", "peak_memory", "energy", "cost"),
        ("core", "smoke"),
        "Compare within one machine; energy where NVML counts it.",
    ),
)
