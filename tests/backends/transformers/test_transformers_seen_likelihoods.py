"""Log-likelihoods of continuations after pictures: as a plain forward pass finds them."""

from __future__ import annotations

import hashlib
import shutil

import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from tokenizers.processors import TemplateProcessing

from evalharness.backends.transformers import answering
from evalharness.core.nouns import InputPicture, Prompt
from evalharness.core.outcomes import Status
from tests.backends.transformers import seers, writers
from tests.extractors import talkers

pytestmark = pytest.mark.filterwarnings(  # PaliGemma's processor reads a tensor the old way
    r"ignore:__array__ implementation doesn't accept:DeprecationWarning:transformers\.models\..*"
)
MAKERS = {
    "qwen": talkers.qwen,
    "idefics": talkers.idefics,
    "paligemma": seers.paligemma,
    "florence": seers.florence,
}
TEXTS = (" red", " it is red", " a", " No ? No a a")
CLOSE = 1e-4


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("seers")
    for name, make in MAKERS.items():
        make(root / name)
    return {name: root / name for name in MAKERS}


@pytest.fixture
def ask_seer(ask, folders, made):
    folders.update(made)
    return ask


@pytest.fixture
def picture(tmp_path):
    def make(seed: int, width: int = 64, height: int = 64) -> InputPicture:
        path = tmp_path / f"{seed}-{width}.png"
        shape = (height, width, 3)
        pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        return InputPicture(hashlib.sha256(path.read_bytes()).hexdigest(), str(path))

    return make


def opened(shown: InputPicture) -> Image.Image:
    with Image.open(shown.path) as picture:
        return picture.convert("RGB")


def found(answers):
    (answer,) = answers.values()
    assert answer.status is Status.OK, answer.reason
    return answer.media[0].of


def plain(folder, pictures, words: str, continuation: str) -> tuple[float, int, bool]:
    """One forward pass over all the words: what stands there, how likely, and if likeliest."""
    reader = transformers.AutoProcessor.from_pretrained(folder)
    network = transformers.AutoModelForImageTextToText.from_pretrained(folder).eval()
    parts = [{"type": "image"}] * len(pictures) + [{"type": "text", "text": words}]
    text = reader.apply_chat_template(
        [{"role": "user", "content": parts}], tokenize=False, add_generation_prompt=True
    )
    images = [[opened(one) for one in pictures]]
    own = reader.tokenizer(continuation, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        inputs = reader(text=[text + continuation], images=images, return_tensors="pt")
        logs = torch.log_softmax(network(**inputs).logits[0, -len(own) - 1 : -1], dim=-1)
    assert inputs["input_ids"][0, -len(own) :].tolist() == own
    likely = [float(log[token]) for log, token in zip(logs, own, strict=True)]
    return sum(likely), len(own), logs.argmax(dim=-1).tolist() == own


@pytest.mark.parametrize("name", ["qwen", "idefics"])
@pytest.mark.parametrize("shown", [1, 2])
def test_continuations_are_as_likely_as_in_a_plain_forward_pass(
    ask_seer, made, picture, name, shown
):
    pictures = tuple(picture(seed, 64 + 32 * seed) for seed in range(shown))
    prompt = Prompt("p", "is it red", images=pictures, continuations=TEXTS)
    rows = found(ask_seer(name, [prompt]))
    assert [one.text for one in rows] == list(TEXTS)
    for one in rows:
        log, tokens, greedy = plain(made[name], pictures, "is it red", one.text)
        assert one.log == pytest.approx(log, abs=CLOSE)
        assert (one.tokens, one.greedy) == (tokens, greedy)


def test_words_that_read_one_another_in_both_directions_are_no_hindrance(ask_seer, made, picture):
    """PaliGemma's words see those after them, the continuation's do not."""
    shown = picture(0)
    prompt = Prompt("p", "is it red", images=(shown,), continuations=(" red", " it is a"))
    rows = found(ask_seer("paligemma", [prompt]))
    reader = transformers.AutoProcessor.from_pretrained(made["paligemma"])
    network = transformers.PaliGemmaForConditionalGeneration.from_pretrained(made["paligemma"])
    for one in rows:
        inputs = reader(
            text=["<image>is it red"],
            images=[opened(shown)],
            suffix=[one.text],
            return_tensors="pt",
        )
        inputs.pop("labels")
        with torch.no_grad():
            logs = torch.log_softmax(network(**inputs).logits[0], dim=-1)
        ids = inputs["input_ids"][0].tolist()
        assert reader.tokenizer.convert_tokens_to_ids("\n") in ids
        start = len(ids) - 1 - one.tokens  # the end token is the last
        likely = [float(logs[at - 1, ids[at]]) for at in range(start, len(ids) - 1)]
        assert one.log == pytest.approx(sum(likely), abs=CLOSE)


def test_a_model_that_reads_first_is_asked_through_its_decoder(ask_seer, made, picture):
    shown = picture(0)
    rows = found(ask_seer("florence", [Prompt("p", "a", images=(shown,), continuations=TEXTS)]))
    reader = transformers.AutoProcessor.from_pretrained(made["florence"])
    network = transformers.Florence2ForConditionalGeneration.from_pretrained(made["florence"])
    inputs = reader(text=["a"], images=[opened(shown)], return_tensors="pt")
    for one in rows:
        own = reader.tokenizer(one.text, add_special_tokens=False, return_tensors="pt")
        labels = own["input_ids"]
        with torch.no_grad():
            loss = network.eval()(**inputs, labels=labels).loss
        assert one.log == pytest.approx(-float(loss) * labels.numel(), abs=CLOSE)


@pytest.mark.parametrize("name", MAKERS)
def test_neither_the_batch_nor_its_mates_matter(ask_seer, picture, name):
    shown = picture(1)
    whole = found(ask_seer(name, [Prompt("p", "is it", images=(shown,), continuations=TEXTS)]))
    for size in (1, 3):
        asked = [Prompt("p", "is it", images=(shown,), continuations=TEXTS)]
        rows = found(ask_seer(name, asked, batch_size=size))
        assert [one.log for one in rows] == pytest.approx([o.log for o in whole], abs=CLOSE)
    for one in whole:
        asked = [Prompt("p", "is it", images=(shown,), continuations=(one.text,))]
        (alone,) = found(ask_seer(name, asked))
        assert alone.log == pytest.approx(one.log, abs=CLOSE)
        assert (alone.tokens, alone.greedy) == (one.tokens, one.greedy)


def test_another_picture_makes_other_likelihoods(ask_seer, picture):
    for name in MAKERS:
        logs = []
        for seed in (0, 1):
            asked = Prompt("p", "is it", images=(picture(seed),), continuations=TEXTS)
            logs.append([one.log for one in found(ask_seer(name, [asked]))])
        assert max(abs(a - b) for a, b in zip(*logs, strict=True)) > 10 * CLOSE, name


@pytest.mark.parametrize("name", ["qwen", "idefics"])
def test_the_likeliest_of_all_words_is_greedy_and_no_other(ask_seer, made, picture, name):
    shown = (picture(0),)
    words = transformers.AutoTokenizer.from_pretrained(made[name]).get_vocab()
    texts = tuple(f" {word}" for word in words if word != "</s>" and "ima" not in word)
    rows = found(ask_seer(name, [Prompt("p", "it", images=shown, continuations=texts)]))
    best = max(rows, key=lambda one: one.log)
    assert plain(made[name], shown, "it", best.text)[2]
    assert [one.text for one in rows if one.greedy] == [best.text]


def test_a_model_of_words_and_a_lost_picture_are_told(ask_seer, picture):
    asked = Prompt("p", "is it", images=(picture(0),), continuations=TEXTS)
    (blind,) = ask_seer("llama", [asked]).values()
    assert (blind.status, blind.reason) == (
        Status.FAILED,
        "the prompt has a picture, and this model reads words only",
    )
    lost = InputPicture("0" * 64, "lost.png")
    asked = Prompt("p", "is it", images=(lost,), continuations=TEXTS)
    (gone,) = ask_seer("qwen", [asked]).values()
    assert gone.status is Status.FAILED
    assert "lost.png" in gone.reason


def test_pictures_take_their_part_of_the_context(ask_seer, picture):
    words = " ".join(["a"] * 240)
    for texts, status in (((" red",), Status.OK), ((" red" * 40,), Status.TOO_LONG)):
        asked = Prompt("p", words, images=(picture(0),), continuations=texts)
        (answer,) = ask_seer("qwen", [asked]).values()
        assert answer.status is status, answer.reason


def test_a_class_that_cannot_be_asked_is_told(ask_seer, picture, monkeypatch):
    asked = Prompt("p", "is it", images=(picture(0),), continuations=TEXTS)
    seer = transformers.Qwen2_5_VLForConditionalGeneration
    monkeypatch.setattr(seer, "can_generate", classmethod(lambda _: False))
    (dumb,) = ask_seer("qwen", [asked]).values()
    assert dumb.status is Status.FAILED
    assert f"{seer.__name__} does not write" in dumb.reason
    monkeypatch.undo()
    tokens = torch.zeros((1, 1), dtype=torch.long)
    monkeypatch.setattr(seer, "generate", lambda *_, **__: tokens)  # as some classes' own do
    (closed,) = ask_seer("qwen", [asked]).values()
    assert closed.status is Status.FAILED
    assert "tells no likelihoods of tokens" in closed.reason


def test_fewer_are_asked_at_once_where_memory_is_short(ask_seer, picture, monkeypatch):
    asked = Prompt("p", "is it", images=(picture(0),), continuations=TEXTS)
    whole = found(ask_seer("qwen", [asked]))
    inner, sizes = answering.SeenLikelihoods.of, []

    def short(self, job, size):
        sizes.append(size)
        if size > 1:
            raise torch.OutOfMemoryError
        return inner(self, job, size)

    monkeypatch.setattr(answering.SeenLikelihoods, "of", short)
    rows = found(ask_seer("qwen", [asked], batch_size=4))
    assert sizes == [4, 2, 1]
    assert [one.log for one in rows] == pytest.approx([one.log for one in whole], abs=CLOSE)


def test_the_special_tokens_that_a_template_writes_are_not_written_twice(ask, folders, tmp_path):
    shutil.copytree(folders["llama"], tmp_path / "begins")
    tokenizer = writers.letters("<s>" + writers.CHAT)
    tokenizer._tokenizer.post_processor = TemplateProcessing("<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.save_pretrained(tmp_path / "begins")
    folders["begins"] = tmp_path / "begins"
    (one,) = found(ask("begins", [Prompt("p", "hi", continuations=("yes",))]))
    network = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "begins")
    ids = tokenizer("<s><|user|>hi<|assistant|>yes", add_special_tokens=False)["input_ids"]
    assert ids.count(1) == 1
    with torch.no_grad():
        logs = torch.log_softmax(network(torch.tensor([ids])).logits[0, -4:-1], dim=-1)
    expected = sum(float(log[token]) for log, token in zip(logs, ids[-3:], strict=True))
    assert one.log == pytest.approx(expected, abs=CLOSE)
