"""Training goes on exactly where it stopped, and the tokenizer knows every word."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from evalharness.tinyworld.captions import caption
from evalharness.tinyworld.scene import random_any
from evalharness.tinyworld.train import loop
from evalharness.tinyworld.train.loop import Part, Plan, fit, generator_for
from evalharness.tinyworld.train.vocabulary import CONTEXT, build_tokenizer

PLAN = Plan(steps=12, batch=4, learning_rate=0.05, seed=3, warmup=2, average=0.9, snapshots=(6,))


def quadratic(stop_at: int | None = None) -> tuple[nn.Module, Callable[[int], Sequence[Part]]]:
    torch.manual_seed(0)
    line = nn.Linear(3, 1)

    def loss(inputs: Tensor) -> Tensor:
        error: Tensor = (line(inputs) - inputs.sum(1, keepdim=True)).square().mean()
        return error

    def parts_at(step: int) -> list[Part]:
        if step == stop_at:
            raise KeyboardInterrupt
        inputs = torch.randn(8, 3, generator=generator_for(1, step))
        return [lambda: loss(inputs[:4]), lambda: loss(inputs[4:])]

    return line, parts_at


def test_a_resumed_training_equals_an_unbroken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_CHECKPOINT_SECONDS", -1.0)
    unbroken = fit("line", *quadratic(), PLAN, tmp_path / "unbroken")
    with pytest.raises(KeyboardInterrupt):
        fit("line", *quadratic(stop_at=7), PLAN, tmp_path / "broken")
    resumed = fit("line", *quadratic(), PLAN, tmp_path / "broken")
    for one, other in zip(unbroken.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_snapshots_are_the_average_of_that_step(tmp_path: Path) -> None:
    final = fit("line", *quadratic(), PLAN, tmp_path)
    early = torch.load(tmp_path / "line-6.pt", weights_only=True)
    assert early.keys() == final.state_dict().keys()
    assert not torch.equal(early["weight"], final.state_dict()["weight"])


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    module, parts_at = quadratic()
    before = parts_at(100)[0]().item()
    fit("line", module, parts_at, PLAN, tmp_path)
    assert parts_at(100)[0]().item() < before


def test_every_word_of_every_caption_is_one_token() -> None:
    tokenizer = build_tokenizer()
    rng = np.random.default_rng(0)
    longest = 0
    for _ in range(300):
        words = caption(random_any(rng), rng)
        pieces = tokenizer.convert_ids_to_tokens(tokenizer(words).input_ids)[1:-1]
        assert all(piece.endswith("</w>") for piece in pieces), words
        longest = max(longest, len(pieces) + 2)
    assert longest <= CONTEXT
    assert tokenizer.eos_token_id == tokenizer.pad_token_id == len(tokenizer) - 1


def test_unknown_words_fall_into_pieces() -> None:
    tokenizer = build_tokenizer()
    pieces = tokenizer.convert_ids_to_tokens(tokenizer("zebra").input_ids)
    assert pieces[1:-1] == ["z", "e", "b", "r", "a</w>"]
