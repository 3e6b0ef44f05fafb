from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText, AutoProcessor, LlavaForConditionalGeneration

from evalharness.core.errors import BadInputError
from evalharness.core.keys import feature_key
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Pair, Picture
from evalharness.extractors.subjects import UnreadableSubjectError
from evalharness.extractors.vqa import ENTRY
from tests.extractors.judges import VQA_WORDS, look, picture, scalars, tiny_llava
from tests.extractors.talkers import idefics, qwen

PICTURES = [picture(40, 64, 1), picture(16, 16, 2), picture(1, 1, 3)]
QUESTIONS = ["is it red ?", "", "is it a red a red a red a red ?"]
WORDS = VQA_WORDS.split()


def tiny(folder: Path, **options: str) -> Instrument:
    return Instrument("tiny", "vqa", str(folder), options=options)


def expected(folder: Path, pixels: np.ndarray, prompt: str) -> tuple[float, float]:
    """One forward pass without padding: the share of yes, and of yes and no in all."""
    processor = AutoProcessor.from_pretrained(folder)
    model = LlavaForConditionalGeneration.from_pretrained(folder).eval()
    ready = processor(text=prompt, images=Image.fromarray(pixels), return_tensors="pt")
    with torch.no_grad():
        odds = model(**ready).logits[0, -1].softmax(-1)
    yes = odds[WORDS.index("yes")] + odds[WORDS.index("Yes")]
    no = odds[WORDS.index("No")]
    return float(yes / (yes + no)), float(yes + no)


@pytest.mark.parametrize("chat", [True, False])
def test_the_probability_of_yes_equals_a_plain_forward_pass(tmp_path: Path, chat: bool) -> None:
    tiny_llava(tmp_path, chat=chat)
    form = "USER: <image> {} ASSISTANT:" if chat else "<image>Question: {} Answer:"
    asked = [(p, q) for p in PICTURES for q in QUESTIONS]
    plain = np.array([expected(tmp_path, p, form.format(q)) for p, q in asked])
    # one batch of questions of different lengths, so that most rows are padded
    found = look(tiny(tmp_path), [Pair(p, q) for p, q in asked])
    np.testing.assert_allclose(scalars(found), plain[:, 0], atol=1e-6)
    answering = [value.detail["answering"] for value in found]
    np.testing.assert_allclose(answering, plain[:, 1], atol=1e-6)
    assert np.ptp(plain[:, 0]) > 1e-4


def test_half_precision_is_close_and_another_identity(tmp_path: Path) -> None:
    tiny_llava(tmp_path)
    asked = [Pair(p, QUESTIONS[0]) for p in PICTURES]
    whole, half = tiny(tmp_path), tiny(tmp_path, dtype="bfloat16")
    np.testing.assert_allclose(scalars(look(half, asked)), scalars(look(whole, asked)), atol=0.02)
    keys = {feature_key("s", i, ENTRY.resolve(i).revision, ENTRY.version) for i in (whole, half)}
    assert len(keys) == 2
    with pytest.raises(BadInputError, match="expected one of float32"):
        ENTRY.resolve(tiny(tmp_path, dtype="int8"))


def test_questions_are_never_cut(tmp_path: Path) -> None:
    tiny_llava(tmp_path)
    for words in (58, 2_500):
        with pytest.raises(UnreadableSubjectError, match=r"tokens; .* holds 63"):
            look(tiny(tmp_path), [Pair(PICTURES[0], "red " * words)])
    assert 0 < look(tiny(tmp_path), [Pair(PICTURES[0], "red " * 50)])[0].scalar < 1


def test_a_model_that_cannot_say_no_is_refused(tmp_path: Path) -> None:
    tiny_llava(tmp_path, words=VQA_WORDS.replace(" No", ""))
    with pytest.raises(BadInputError, match="no token for 'no'"):
        look(tiny(tmp_path), [])


def test_nan_and_lone_pictures_are_refused(tmp_path: Path) -> None:
    tiny_llava(tmp_path)
    with pytest.raises(UnreadableSubjectError, match="with a text each"):
        look(tiny(tmp_path), [Picture(PICTURES[0])])
    file = tmp_path / "model.safetensors"
    state = load_file(file)
    for name in state:
        if "lm_head" in name:
            state[name] = torch.full_like(state[name], torch.nan)
    save_file(state, file, {"format": "pt"})
    with pytest.raises(UnreadableSubjectError, match="NaN or infinity for 1 of 1"):
        look(tiny(tmp_path), [Pair(PICTURES[0], "is it red ?")])


def test_a_question_cannot_bring_control_tokens(tmp_path: Path) -> None:
    tiny_llava(tmp_path)
    for control in ("<image>", "</s>"):
        with pytest.raises(UnreadableSubjectError, match=f"{control}', which is a control"):
            look(tiny(tmp_path), [Pair(PICTURES[0], f"is it {control} red ?")])


@pytest.mark.parametrize("make", [qwen, idefics])
def test_other_architectures_answer_alike_in_a_batch_and_by_a_plain_forward_pass(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path)
    asked = [Pair(p, q) for p in (*PICTURES, picture(90, 33, 4)) for q in QUESTIONS]
    processor = AutoProcessor.from_pretrained(tmp_path)
    model = AutoModelForImageTextToText.from_pretrained(tmp_path).eval()
    yes, no = (processor.tokenizer.convert_tokens_to_ids(w) for w in (["yes", "Yes"], ["No"]))
    plain = []
    for pair in asked:
        content = [{"type": "image"}, {"type": "text", "text": pair.text}]
        prompt = processor.apply_chat_template([{"role": "user", "content": content}])
        image = Image.fromarray(pair.pixels)
        ready = processor(text=[prompt], images=[[image]], return_tensors="pt")
        with torch.no_grad():
            odds = model(**ready).logits[0, -1].softmax(-1)
        plain.append(float(odds[yes].sum() / odds[yes + no].sum()))
    np.testing.assert_allclose(scalars(look(tiny(tmp_path), asked)), plain, atol=1e-6)
    assert np.ptp(plain) > 1e-4


def test_a_model_that_answers_neither_yes_nor_no_gives_no_score(tmp_path: Path) -> None:
    tiny_llava(tmp_path)
    file = tmp_path / "model.safetensors"
    state = load_file(file)
    (head,) = (weights for name, weights in state.items() if "lm_head" in name)
    # of two opposite rows one wins, whatever the model sees
    head[WORDS.index("red")], head[WORDS.index("it")] = 1e3, -1e3
    save_file(state, file, {"format": "pt"})
    with pytest.raises(UnreadableSubjectError, match="does not answer yes or no"):
        look(tiny(tmp_path), [Pair(PICTURES[0], QUESTIONS[0])])
