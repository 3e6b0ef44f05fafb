"""Log-likelihoods of continuations, and of labels for a picture."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from evalharness.core.nouns import InputPicture, Prompt
from evalharness.core.outcomes import Status
from tests.backends.transformers.writers import CONTEXT


@pytest.fixture
def shown(tmp_path) -> tuple[InputPicture, ...]:
    path = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return (InputPicture(hashlib.sha256(path.read_bytes()).hexdigest(), str(path)),)


def found(answers):
    (answer,) = answers.values()
    assert answer.status is Status.OK, answer.reason
    return answer.media[0].of


def test_a_continuation_is_as_likely_as_its_tokens_one_after_the_other(ask, folders):
    tokenizer = AutoTokenizer.from_pretrained(folders["bare"])
    network = AutoModelForCausalLM.from_pretrained(folders["bare"])
    yes, no = found(ask("bare", [Prompt("p", "2 + 2 = ", continuations=("4", "five"))]))
    for one, text in ((yes, " 4"), (no, " five")):
        ids = tokenizer("2 + 2 =")["input_ids"]
        total = 0.0
        for token in tokenizer(text)["input_ids"]:
            logits = network(input_ids=torch.tensor([ids])).logits[0, -1]
            total += torch.log_softmax(logits, dim=-1)[token].item()
            ids = [*ids, token]
        assert one.log == pytest.approx(total, abs=1e-4)
        assert one.tokens == len(text)
        assert one.greedy is False


def test_what_a_model_writes_itself_is_greedy(ask):
    (answer,) = ask("bare", ["some words"], max_new_tokens=4).values()
    own = answer.media[0].text
    (one,) = found(ask("bare", [Prompt("p", "some words", continuations=(own,))]))
    if one.tokens == 4:  # its bytes may be no text, and then they do not come back
        assert one.greedy is True


def test_a_model_that_reads_first_is_asked_through_its_decoder(ask, folders):
    tokenizer = AutoTokenizer.from_pretrained(folders["bart"])
    network = AutoModelForSeq2SeqLM.from_pretrained(folders["bart"])
    (one,) = found(ask("bart", [Prompt("p", "some words", continuations=("ok",))]))
    labels = torch.tensor([tokenizer(text_target="ok", add_special_tokens=False)["input_ids"]])
    loss = network(input_ids=torch.tensor([tokenizer("some words")["input_ids"]]), labels=labels)
    assert one.log == pytest.approx(-loss.loss.item() * labels.numel(), abs=1e-4)


def test_what_does_not_fit_the_context_is_told(ask):
    long = Prompt("p", "a" * (CONTEXT - 2), continuations=("four",))
    (answer,) = ask("bare", [long]).values()
    assert answer.status is Status.TOO_LONG
    assert "the context holds" in answer.reason


def test_likelihoods_that_are_no_numbers_are_told(ask, folders, tmp_path):
    network = AutoModelForCausalLM.from_pretrained(folders["bare"])
    with torch.no_grad():
        network.lm_head.weight[:] = float("nan")
    AutoTokenizer.from_pretrained(folders["bare"]).save_pretrained(tmp_path / "nan")
    network.save_pretrained(tmp_path / "nan")
    folders["nan"] = tmp_path / "nan"
    (answer,) = ask("nan", [Prompt("p", "a", continuations=("b",))]).values()
    assert answer.status is Status.NONFINITE


def test_a_classifier_tells_its_labels(ask, shown):
    labels = found(ask("vit", [Prompt("p", "What is it?", images=shown)]))
    assert {one.text for one in labels} == {"cube", "ball", "cone"}
    assert sum(math.exp(one.log) for one in labels) == pytest.approx(1, abs=1e-5)
    some = found(ask("vit", [Prompt("p", "?", images=shown, continuations=("cone", "cube"))]))
    assert [one.text for one in some] == ["cone", "cube"]
    (unknown,) = ask("vit", [Prompt("p", "?", images=shown, continuations=("dog",))]).values()
    assert unknown.status is Status.FAILED
    assert "no label 'dog'" in unknown.reason


def test_labels_are_compared_with_a_picture(ask, shown):
    labels = ("a cube", "a ball")
    asked = Prompt("p", "a photo of {}", images=shown, continuations=labels)
    compared = found(ask("clip", [asked]))
    assert [one.text for one in compared] == list(labels)
    assert sum(math.exp(one.log) for one in compared) == pytest.approx(1, abs=1e-5)
    (none,) = ask("clip", [Prompt("p", "?", images=shown)]).values()
    assert none.status is Status.FAILED


def test_a_classifier_needs_its_picture(ask):
    (answer,) = ask("vit", ["What is it?"]).values()
    assert answer.status is Status.FAILED
    assert "0 pictures" in answer.reason
