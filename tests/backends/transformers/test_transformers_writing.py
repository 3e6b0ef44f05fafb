"""Answers of small random language models: the same whatever they are batched with."""

from __future__ import annotations

import pytest
import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.core.outcomes import Status, Text
from tests.backends.transformers.writers import CONTEXT

PROMPTS = ("a", "some words", "a rather longer prompt", "two", "é ü 漢")


def texts(answers):
    assert {a.status for a in answers.values()} == {Status.OK}, answers
    return {key: answer.media[0].text for key, answer in answers.items()}


@pytest.mark.parametrize("name", ["llama", "bare", "bart"])
@pytest.mark.parametrize("settings", [{}, {"temperature": 0.8, "top_p": 0.9, "top_k": 40}])
def test_an_answer_depends_on_neither_the_batch_nor_its_mates(ask, name, settings):
    together = texts(ask(name, PROMPTS, (0, 7), 4, max_new_tokens=12, **settings))
    alone = texts(ask(name, PROMPTS, (0, 7), 1, max_new_tokens=12, **settings))
    some = texts(ask(name, PROMPTS[2:4], (7,), 3, max_new_tokens=12, **settings))
    assert together == alone
    assert some.items() <= alone.items()


def test_seeds_draw_and_greedy_answers_do_not(ask):
    drawn = texts(ask("llama", ["a"], range(6), max_new_tokens=12, temperature=1.0))
    assert len(set(drawn.values())) > 1
    greedy = texts(ask("llama", ["a"], range(3), max_new_tokens=12, temperature=0))
    assert len(set(greedy.values())) == 1


def test_greedy_answers_are_those_of_a_bare_generate(ask, folders):
    tokenizer = AutoTokenizer.from_pretrained(folders["bare"])
    network = AutoModelForCausalLM.from_pretrained(folders["bare"])
    found = texts(ask("bare", PROMPTS, max_new_tokens=10))
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt")
        ids.pop("token_type_ids", None)
        whole = network.generate(**ids, max_new_tokens=10, do_sample=False)[0]
        new = tokenizer.decode(whole[ids["input_ids"].shape[1] :], skip_special_tokens=True)
        assert found[f"{prompt} 0"] == new


def test_draws_follow_the_distribution(folders, ask):
    tokenizer = AutoTokenizer.from_pretrained(folders["bare"])
    network = AutoModelForCausalLM.from_pretrained(folders["bare"])
    logits = network(**tokenizer("a", return_tensors="pt", return_token_type_ids=False)).logits
    likely = torch.softmax(logits[0, -1].double() / 0.5, dim=-1)
    n = 400
    answers = ask("bare", ["a"], range(n), 100, max_new_tokens=1, temperature=0.5)
    drawn = texts(answers)
    best = int(likely.argmax())
    share = sum(text == tokenizer.decode([best]) for text in drawn.values()) / n
    expected = likely[best].item()
    assert 0.05 < expected < 0.95
    assert abs(share - expected) < 4 * (expected * (1 - expected) / n) ** 0.5


def test_stop_texts_end_an_answer_and_are_no_part_of_it(ask):
    (whole,) = texts(ask("bare", ["some words"], max_new_tokens=12)).values()
    stop = whole[3:5]
    answers = ask("bare", ["some words"], max_new_tokens=12, stop=[stop])
    (cut,) = texts(answers).values()
    assert cut == whole[: whole.index(stop)]
    assert not any("cut off" in note for a in answers.values() for note in a.notes)


def test_the_chat_template_is_applied_and_noted(ask):
    (chatted,) = ask("llama", ["a"], max_new_tokens=4).values()
    assert any("chat template" in note for note in chatted.notes)
    (plain,) = ask("llama", ["a"], options={"chat": "never"}, max_new_tokens=4).values()
    assert not any("chat template" in note for note in plain.notes)
    (system,) = ask("llama", ["a"], options={"system": "Be brief."}, max_new_tokens=4).values()
    assert len({chatted.media, plain.media, system.media}) == 3


def test_a_model_without_a_template_says_so_when_one_is_asked_for(ask):
    assert ask("bare", ["a"], max_new_tokens=2)
    for options in ({"chat": "always"}, {"system": "Be brief."}):
        with pytest.raises(BadInputError, match="no chat template"):
            ask("bare", ["a"], options=options)


def test_a_prompt_longer_than_the_context_is_told_and_not_cut(ask):
    answers = ask("bare", ["a", "b" * CONTEXT], max_new_tokens=3)
    assert answers["a 0"].status is Status.OK
    long = answers[f"{'b' * CONTEXT} 0"]
    assert long.status is Status.TOO_LONG
    assert f"the prompt is {CONTEXT} tokens" in long.reason


def test_a_batch_made_smaller_for_memory_is_noted(ask, monkeypatch):
    writes = transformers.LlamaForCausalLM.generate
    whole = ask("bare", PROMPTS, batch_size=4, max_new_tokens=3)

    def tight(network, input_ids, **options):
        if len(input_ids) > 2:
            raise torch.OutOfMemoryError("no memory for so many")
        return writes(network, input_ids=input_ids, **options)

    monkeypatch.setattr(transformers.LlamaForCausalLM, "generate", tight)
    answers = ask("bare", PROMPTS, batch_size=4, max_new_tokens=3)
    noted = "batch reduced from 4 to 2 for memory"
    assert all(answer.status is Status.OK for answer in answers.values())
    assert {key: answer.media for key, answer in answers.items()} == {
        key: answer.media for key, answer in whole.items()
    }
    assert all(noted in answer.notes for answer in answers.values())
    assert not any(noted in answer.notes for answer in whole.values())


def test_what_fills_the_context_is_answered_alone_and_noted(ask):
    near = "c" * (CONTEXT - 5)
    answers = ask("bare", [near, "a", "b"], max_new_tokens=20)
    assert any("the context is full" in note for note in answers[f"{near} 0"].notes)
    assert texts(answers)["a 0"] == texts(ask("bare", ["a"], max_new_tokens=20))["a 0"]
    assert answers["a 0"].batch_size == 2


def test_settings_that_nobody_knows_are_refused_before_anything_runs(ask):
    with pytest.raises(UnknownNameError, match="max_new_tokens"):
        ask("bare", ["a"], max_new_token=3)
    with pytest.raises(BadInputError, match="beams are searched"):
        ask("bare", ["a"], num_beams=2, temperature=0.5)
    with pytest.raises(BadInputError, match="stop"):
        ask("bare", ["a"], stop=[3])


def test_beams_are_searched(ask):
    assert texts(ask("bare", PROMPTS, (0,), 2, max_new_tokens=6, num_beams=3))


def test_pictures_are_refused_by_models_that_only_read(ask, tmp_path):
    from evalharness.core.nouns import InputPicture, Prompt

    asked = Prompt("p", "What is this?", images=(InputPicture("0" * 64, str(tmp_path / "a.png")),))
    (answer,) = ask("bare", [asked]).values()
    assert answer.status is Status.FAILED
    assert "reads words only" in answer.reason


def test_logits_that_are_no_numbers_are_told(ask, folders, tmp_path):
    network = AutoModelForCausalLM.from_pretrained(folders["bare"])
    with torch.no_grad():
        network.lm_head.weight[5] = float("nan")
    AutoTokenizer.from_pretrained(folders["bare"]).save_pretrained(tmp_path / "broken")
    network.save_pretrained(tmp_path / "broken")
    folders["broken"] = tmp_path / "broken"
    answers = ask("broken", ["a", "b"], max_new_tokens=3)
    assert {a.status for a in answers.values()} == {Status.NONFINITE}
    assert all("another dtype" in a.reason for a in answers.values())


def test_an_answer_may_be_empty(ask, folders, tmp_path):
    network = AutoModelForCausalLM.from_pretrained(folders["bare"])
    tokenizer = AutoTokenizer.from_pretrained(folders["bare"])
    network.generation_config.forced_eos_token_id = None
    network.generation_config.suppress_tokens = [i for i in range(len(tokenizer)) if i != 2]
    tokenizer.save_pretrained(tmp_path / "silent")
    network.save_pretrained(tmp_path / "silent")
    folders["silent"] = tmp_path / "silent"
    (answer,) = ask("silent", ["a"], max_new_tokens=3).values()
    assert (answer.status, answer.media) == (Status.OK, (Text(""),))
