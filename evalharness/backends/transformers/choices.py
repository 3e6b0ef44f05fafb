"""What a user may choose for a transformers model.

options (part of the identity):
  task                what the model is, told from its config where absent: text-generation (it
                      writes on), text2text-generation (it reads, then writes),
                      image-text-to-text (it sees too), image-classification,
                      zero-shot-image-classification (it compares a picture with labels)
  chat                auto (the tokenizer's chat template where it has one), always or never
  system              the system's turn before the prompt; needs a chat template
  dtype               float32, float16 or bfloat16 (settled by the machine when absent)
  quantisation        nf4 or int8 (bitsandbytes), or a mapping as in a config's quantization_config
  label_text          what a label is put into before it is compared with a picture, such as
                      "a photo of a {}" (zero-shot-image-classification)
  trust_remote_code   run code that comes with the weights; needs a pinned revision
placement (recorded only):
  device       auto, cpu, mps or cuda: each process sees one GPU, so none is chosen by number
  device_map   auto: spread over the GPU and main memory by accelerate, for models that do not fit
  batch_size   prompts answered together. In float32 an answer is the same in any batch; half
               precisions round by the batch's shape, which now and then turns a close choice
settings (each changes answers; what is absent is as the model's generation_config.json has it):
  max_new_tokens (512 where nothing says otherwise), min_new_tokens, temperature (0 takes the
  likeliest token), top_k, top_p, min_p, num_beams, repetition_penalty, no_repeat_ngram_size,
  length_penalty, stop (a list of texts that end the answer and are no part of it)
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evalharness.backends.options import Fields
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Json, Model, Settings

DTYPES = ("bfloat16", "float16", "float32")
DEVICES = ("auto", "cpu", "cuda", "mps")
CHATS = ("always", "auto", "never")
WRITES_ON, READS_AND_WRITES, SEES = "text-generation", "text2text-generation", "image-text-to-text"
CLASSIFIES, COMPARES = "image-classification", "zero-shot-image-classification"
TASKS = (WRITES_ON, READS_AND_WRITES, SEES, CLASSIFIES, COMPARES)
OPTIONS = (
    "chat",
    "dtype",
    "label_text",
    "quantisation",
    "system",
    "task",
    "trust_remote_code",
)
PLACEMENT = ("batch_size", "device", "device_map")
BATCH_SIZE = 8
MOST_NEW_TOKENS = 512


def holds_label(text: str) -> bool:
    """Whether a text has one `{}`, and no other braces, for a label to stand in."""
    return text.count("{}") == text.count("{") == text.count("}") == 1


@dataclass(frozen=True, slots=True)
class Choices:
    """A model's options and placement, checked; `dtype` may still be unsettled."""

    task: str | None
    chat: str
    system: str | None
    label_text: str | None
    dtype: str | None
    quantisation: Json
    trust_remote_code: bool
    device: str
    device_map: str | None
    batch_size: int

    @staticmethod
    def read(model: Model) -> Choices:
        """Read them; raises BadInputError and UnknownNameError naming the field."""
        options = Fields(model.name, "options", model.options, OPTIONS)
        placement = Fields(model.name, "placement", model.placement, PLACEMENT)
        chat, system = options.text("chat", CHATS) or "auto", options.text("system")
        if system is not None and chat == "never":
            raise options.wrong("system", "no system's turn, since `chat` is never")
        label_text = options.text("label_text")
        if label_text is not None and not holds_label(label_text):
            raise options.wrong("label_text", "a text with {} in it once, where the label goes")
        return Choices(
            task=options.text("task", TASKS),
            chat=chat,
            system=system,
            label_text=label_text,
            dtype=options.text("dtype", DTYPES),
            quantisation=model.options.get("quantisation"),
            trust_remote_code=options.flag("trust_remote_code"),
            device=placement.text("device", DEVICES) or "auto",
            device_map=placement.text("device_map", ("auto",)),
            batch_size=placement.whole("batch_size", least=1) or BATCH_SIZE,
        )


@dataclass(frozen=True, slots=True)
class Writing:
    """How an answer is written.

    `sampled` are the settings that shape the distribution a token is drawn from, `others` those
    that transformers' `generate` takes as they are.
    """

    max_new_tokens: int = MOST_NEW_TOKENS
    temperature: float = 0.0
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    stop: tuple[str, ...] = ()
    others: dict[str, Json] = field(default_factory=dict)


_WHOLE = {
    "max_new_tokens": 1,
    "min_new_tokens": 0,
    "top_k": 0,
    "num_beams": 1,
    "no_repeat_ngram_size": 0,
}
_NUMBERS = ("temperature", "top_p", "min_p", "repetition_penalty", "length_penalty")
_OTHERS = (
    "min_new_tokens",
    "num_beams",
    "repetition_penalty",
    "no_repeat_ngram_size",
    "length_penalty",
)
SETTINGS = (*_WHOLE, *_NUMBERS, "stop")


def read_writing(model: str, settings: Settings, own: Settings) -> Writing:
    """Settings, and `own` (the model's own generation config) where they are silent.

    Raises BadInputError and UnknownNameError naming the setting.
    """
    for name in settings:
        if name not in SETTINGS:
            raise unknown_name(f"setting of model {model!r}", name, SETTINGS)
    fields = Fields(model, "settings", settings, SETTINGS)
    given = {name: own[name] for name in (*_WHOLE, *_NUMBERS) if own.get(name) is not None}
    if not own.get("do_sample"):
        given = {k: v for k, v in given.items() if k not in ("temperature", "top_k", "top_p")}
    elif "temperature" not in given:
        given["temperature"] = 1.0
    for name, least in _WHOLE.items():
        if (whole := fields.whole(name, least)) is not None:
            given[name] = whole
    given |= {name: fields.number(name) for name in _NUMBERS if settings.get(name) is not None}
    if float(str(given.get("temperature", 0))) > 0 and given.get("num_beams", 1) != 1:
        raise BadInputError(
            f"Model {model!r}: beams are searched, not drawn. Set temperature to 0 or num_beams "
            "to 1."
        )
    shape = {
        n: given[n]
        for n in ("max_new_tokens", "temperature", "top_k", "top_p", "min_p")
        if n in given
    }
    others = {name: given[name] for name in _OTHERS if name in given}
    return Writing(**shape, stop=_stops(fields, settings), others=others)  # type: ignore[arg-type]


def _stops(fields: Fields, settings: Settings) -> tuple[str, ...]:
    given = settings.get("stop", [])
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(one, str) and one for one in listed):
        raise fields.wrong("stop", "a text, or a list of texts")
    return tuple(str(one) for one in listed)
