"""`transformers serve` itself on loopback, over a tiny checkpoint made here."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from evalharness.backends.server.backend import ServerBackend
from evalharness.backends.server.entry import ENTRY
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Model, Prompt
from evalharness.core.outcomes import Answer, Status
from evalharness.runner.run import run_asked
from tests.backends.server.asked import ask, jobs, text_of
from tests.backends.server.conftest import Question

pytestmark = pytest.mark.slow

SPECIAL = ["<s>", "</s>", "<user>", "<assistant>"]
TEMPLATE = (
    "{{ '<s>' }}{% for message in messages %}<user>{{ message['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
START_S = 120.0


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decoder of two layers with random weights; every byte is a token."""
    folder = tmp_path_factory.mktemp("served") / "tiny-llama"
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {word: n for n, word in enumerate([*SPECIAL, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="</s>",
        additional_special_tokens=SPECIAL[2:],
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def url(checkpoint: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    serve = [sys.executable, "-c", "from transformers.cli.transformers import main; main()"]
    command = [*serve, "serve", str(checkpoint), "--host", "127.0.0.1", "--port", str(port)]
    log = checkpoint.with_name("serve.log")
    with (
        log.open("w") as out,
        subprocess.Popen(
            [*command, "--device", "cpu"],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        ) as process,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}/health", process, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


def _wait(health: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(health, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture
def model(url: str, checkpoint: Path) -> Model:
    return Model(
        name="tiny-llama",
        backend="server",
        source=f"{url}#{checkpoint}",
        modality="text",
        settings={"max_new_tokens": 8},
    )


def test_a_real_server_answers_greedily_and_alike_every_time(model: Model) -> None:
    texts = [f"question {n}" for n in range(6)]
    first, again = ask(model, *texts), ask(model, *texts)
    assert {a.status for a in first} == {Status.OK}, first[0].reason
    assert [text_of(a) for a in first] == [text_of(a) for a in again]
    assert len({text_of(a) for a in first}) > 1
    assert all("cut off at max_new_tokens" in a.notes for a in first)
    tokens = len(["<s", "<user", "<assistant", ""]) - 1 + len("question 0")
    assert f"{tokens} tokens asked, 8 answered" in first[0].notes


def test_seeds_make_other_answers_and_the_same_ones_again(model: Model) -> None:
    hot = replace(
        model,
        settings={"max_new_tokens": 12, "temperature": 1.5},
        # it samples only where the checkpoint's own configuration says so, or this one
        options={"body": {"generation_config": '{"do_sample": true, "eos_token_id": 1}'}},
        placement={"concurrency": 1},
    )

    def sampled(seed: int) -> str:
        with ServerBackend(hot, ENTRY.resolve(hot)) as backend:
            (answer,) = backend.generate(jobs(hot, ["hello"], seed))
        return text_of(answer)

    answers = [sampled(seed) for seed in (1, 2, 3, 1)]
    assert answers[0] == answers[3]
    assert len(set(answers)) > 1


def test_completions_go_on_from_the_text(model: Model) -> None:
    (answer,) = ask(replace(model, options={"api": "completions"}), "Once upon a time")
    assert (answer.status, len(answer.media)) == (Status.OK, 1), answer.reason
    assert "16 tokens asked, 8 answered" in answer.notes


def test_what_the_server_does_not_take_is_told_once(model: Model) -> None:
    with pytest.raises(BadInputError, match=r"does not take one of the fields.*min_p"):
        ask(replace(model, settings={"min_p": 0.1}), "a", "b")


def test_another_model_than_the_one_that_is_served_is_told(model: Model, url: str) -> None:
    with pytest.raises(BadInputError, match="does not serve the model 'org/other'"):
        ask(replace(model, source=f"{url}#org/other"))


def test_it_has_no_log_likelihoods_and_says_so(model: Model) -> None:
    (job,) = jobs(model, ["The sky is"])
    prompt = Prompt("p", "The sky is", continuations=(" blue", " red"))
    with ServerBackend(model, ENTRY.resolve(model)) as backend:
        answers: list[Answer] = list(backend.generate([replace(job, prompt=prompt)]))
    assert answers[0].status is Status.FAILED
    assert "gives no log-likelihoods" in answers[0].reason


def test_a_whole_run_over_a_real_server(
    model: Model, url: str, checkpoint: Path, tmp_path: Path, question: Question
) -> None:
    asked = question(url, 5, source=model.source, settings={"max_new_tokens": 4})
    report = run_asked("test", tmp_path / "store", asked)
    assert (dict(report.statuses), report.problems) == ({Status.OK: 5}, {})
