"""What a user fills in: the shapes of suite, model and prompt files, checked by pydantic.

Everything is strict (a number is never taken for text) and unknown fields are refused.
The JSON Schemas in `suites/schema` are generated from these classes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from evalharness.catalog.documents import WrongFieldError
from evalharness.catalog.names import NAME_PATTERN, is_safe_id
from evalharness.catalog.text_checks import refuse_wrong_checks
from evalharness.core.nouns import Adapter, InputPicture, Instrument, Modality, Model, Prompt
from evalharness.core.styles import VOCABULARIES

LONGEST_TEXT = 100_000
"""Characters in one prompt; more is a mistake rather than a question."""

LARGEST_SEED = 2**63 - 1


def _safe_id(text: str) -> str:
    if not is_safe_id(text):
        raise ValueError("1 to 200 printable characters without / or \\ and outer spaces")
    return text


def _tag_value(text: str) -> str:
    if not 0 < len(text) <= 200 or text != text.strip() or not text.isprintable():
        raise ValueError("1 to 200 printable characters without outer spaces")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("text that is not blank")
    return text


def _number_as_text(value: object) -> object:
    """Datasets often number their prompts and tags; those numbers are names."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_place_for_the_prompt(template: str) -> str:
    if template.count("{prompt}") != 1:
        raise ValueError("a template with {prompt} in it once")
    return template


def _a_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("a day such as 2027-01-31") from None


Name = Annotated[
    str,
    Field(pattern=NAME_PATTERN, description="Letters, digits and . _ + @ -, at most 100."),
]
PromptId = Annotated[str, BeforeValidator(_number_as_text), AfterValidator(_safe_id)]
Words = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_not_blank)]
Continuation = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
TagValue = Annotated[str, BeforeValidator(_number_as_text), AfterValidator(_tag_value)]
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Values = dict[str, JsonValue]


class Form(BaseModel):
    """Strict, closed and frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PromptForm(Form):
    """One line of a prompts file."""

    id: PromptId | None = Field(
        None, description="Unique in its file; made from the text if absent."
    )
    text: Words = Field(validation_alias=AliasChoices("text", "prompt"))
    target: Annotated[str, Field(max_length=LONGEST_TEXT)] | None = Field(
        None, description="The expected answer: normalised_match and others."
    )
    checks: Values = Field(
        default_factory=dict,
        description='What metrics verify in the answer, such as {"lettering": "OPEN"}.',
    )
    tags: dict[PromptId, TagValue] = Field(
        default_factory=dict, description="What slices the board: category, style, challenge, …"
    )
    images: list[Words] = Field(
        default_factory=list,
        description="Picture files shown with the text, from this file's folder.",
    )
    continuations: list[Continuation] = Field(
        default_factory=list,
        description="Texts whose likelihood after the text is asked for, instead of an answer.",
    )

    @model_validator(mode="after")
    def _continuations_differ(self) -> Self:
        if len(set(self.continuations)) < len(self.continuations):
            raise WrongFieldError(("continuations",), "every continuation once")
        return self

    @model_validator(mode="after")
    def _answers_can_be_checked(self) -> Self:
        refuse_wrong_checks(self.checks, self.target)
        return self

    @model_validator(mode="after")
    def _lettering_is_words(self) -> Self:
        lettering = self.checks.get("lettering", "words")
        if not isinstance(lettering, str) or not lettering.strip():
            raise WrongFieldError(("checks", "lettering"), "the words to be read, as text")
        return self

    @model_validator(mode="after")
    def _look_is_known(self) -> Self:
        styles, style = self.checks.get("styles"), self.checks.get("style")
        if styles is None and style is None:
            return self
        if not isinstance(styles, str) or styles not in VOCABULARIES:
            raise WrongFieldError(("checks", "styles"), f"one of {', '.join(VOCABULARIES)}")
        looks = VOCABULARIES[styles]
        if style is not None and (not isinstance(style, str) or style not in looks):
            expected = f"one of {', '.join(looks)} (of checks.styles: {styles})"
            raise WrongFieldError(("checks", "style"), expected)
        return self

    def to_prompt(self, fallback_id: str, images: tuple[InputPicture, ...] = ()) -> Prompt:
        """The noun; `fallback_id` names a prompt that has no id of its own."""
        return Prompt(
            id=self.id or fallback_id,
            text=self.text,
            target=self.target,
            checks=self.checks,
            tags=self.tags,
            images=images,
            continuations=tuple(self.continuations),
        )


class SuiteForm(Form):
    """A suite file. `prompts` is a file beside it, or the prompts themselves.

    The file is .jsonl, .txt, .csv, .tsv or .parquet.
    """

    name: Name | None = Field(None, description="The file's name without .yaml if absent.")
    version: int = Field(1, ge=1, description="Bumped by hand when the suite's meaning changes.")
    title: str = ""
    protocol: Literal["recommended", "matched"] = Field(
        "recommended",
        description="recommended: each model's own settings; matched: the suite's for all.",
    )
    modality: Literal["image", "text"] = "image"
    prompts: Words | list[Words | PromptForm]
    seeds: Annotated[int, Field(ge=1, le=10_000)] | Annotated[list[Seed], Field(min_length=1)] = (
        Field(1, description="The seeds, or how many (4 means 0, 1, 2, 3).")
    )
    metrics: list[Words] = Field(description="Such as clip_score[clip-vit-l-14] or latency.")
    models: list[Words] = Field(default_factory=list)
    settings: Values = Field(default_factory=dict)
    reference: Words | None = Field(
        None,
        description="What distribution metrics compare with: folder:./photos, hf:org/name:train, "
        "parquet:./file.parquet, npz:./statistics.npz (mean and covariance only), tinyworld:1024.",
    )


class AdjustmentForm(Form):
    """What the command line puts in the place of a suite's own; empty lists change nothing."""

    seeds: list[Seed]
    metrics: list[Words]


class AdapterForm(Form):
    """A LoRA on top of a model."""

    source: Words
    revision: Words | None = None
    weight: float = Field(1.0, ge=-10, le=10)


class ModelForm(Form):
    """A model file (or one entry of a list of them)."""

    name: Name
    backend: Words
    source: str = Field(
        "",
        description="A Hub id, ./folder, ./file.safetensors, http://host:8000/v1#MODEL; "
        "see the backend.",
    )
    revision: Words | None = Field(None, description="A commit, tag or branch on the Hub.")
    modality: Literal["image", "text"] | None = Field(
        None, description="What it answers with; the backend's own if absent."
    )
    settings: Values = Field(
        default_factory=dict, description="Recommended steps, guidance, width, height, …"
    )
    options: Values = Field(
        default_factory=dict, description="What changes the weights: dtype, quantisation, …"
    )
    placement: Values = Field(
        default_factory=dict, description="Where it runs: device, offload, batch_size."
    )
    template: Annotated[str, AfterValidator(_one_place_for_the_prompt)] = Field(
        "{prompt}", description='Trigger words around the prompt: "{prompt}, in TOK style".'
    )
    negative_prompt: str | None = None
    adapters: list[AdapterForm] = Field(default_factory=list)
    title: str = ""
    licence: str | None = None
    price_per_1000: float | None = Field(None, ge=0, description="US dollars per 1,000 answers.")
    retires: Annotated[str, AfterValidator(_a_day)] | None = None
    base: Name | None = Field(None, description="The model that this one was tuned from.")

    def to_model(self, place: Callable[[str], str], modality: Modality) -> Model:
        """The noun; `place` says what a source written in the file's folder means."""
        given = self.model_dump(exclude={"source", "adapters", "modality"})
        adapters = tuple(Adapter(place(a.source), a.revision, a.weight) for a in self.adapters)
        return Model(
            **given,
            source=place(self.source),
            adapters=adapters,
            modality=modality,
        )


class InstrumentForm(Form):
    """An entry of the list of instruments."""

    name: Name
    extractor: Words
    source: str = ""
    revision: Words | None = None
    options: Values = Field(default_factory=dict)
    licence: Words
    home: str = ""
    sha256: Annotated[str, Field(pattern=r"[0-9a-f]{64}")] | None = None

    def to_instrument(self) -> Instrument:
        """The noun."""
        return Instrument(**self.model_dump())
