"""The plan: which jobs a suite means for its models, and which of them are still missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalharness.catalog import registry
from evalharness.catalog.metrics import MetricChoice
from evalharness.catalog.settings import resolve_settings
from evalharness.core.errors import BadInputError, HarnessError, unknown_name
from evalharness.core.job_keys import JobKeys
from evalharness.core.keys import KeyPattern, model_digest, variant_key
from evalharness.core.nouns import Job, Model, Prompt, Resolution, Settings, Suite
from evalharness.core.outcomes import MAX_ATTEMPTS, TERMINAL, Status
from evalharness.runner.known import Known


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the ledger the answer to a job belongs."""

    take: int
    attempt: int


@dataclass(frozen=True, slots=True)
class PlacedJob:
    """A job with the take and attempt its answer will be recorded under."""

    job: Job
    place: Place


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line asks of a run beside suites and models.

    `prompt_ids` are those of the prompts that are put to models, all if empty; of them the first
    `limit`. `allow_code_execution` lets instruments run programs that models wrote.
    """

    overrides: Settings = field(default_factory=dict)
    limit: int | None = None
    fresh: bool = False
    retry: frozenset[Status] = frozenset()
    prompt_ids: tuple[str, ...] = ()
    allow_code_execution: bool = False

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise BadInputError(f"Found limit {self.limit}; expected at least 1 prompt.")

    def of(self, suite: Suite) -> tuple[Prompt, ...]:
        """The prompts of a suite that are meant; raises UnknownNameError for one it has not."""
        if not self.prompt_ids:
            return suite.prompts[: self.limit]
        known = {prompt.id: prompt for prompt in suite.prompts}
        for name in self.prompt_ids:
            if name not in known:
                raise unknown_name(f"prompt in the suite {suite.name}", name, known)
        return tuple(known[name] for name in dict.fromkeys(self.prompt_ids))[: self.limit]


def read_statuses(words: Iterable[str]) -> frozenset[Status]:
    """Statuses by their names; raises BadInputError for any other word."""
    found = set()
    for word in words:
        if word not in set(Status):
            raise BadInputError(f"Found the status {word!r}; expected some of {', '.join(Status)}.")
        found.add(Status(word))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """One model in one suite: all its jobs, those still missing, and why others stay open.

    `exhausted` jobs failed MAX_ATTEMPTS times and wait for `--retry`. `estimate_s` is the time
    the missing jobs took per output earlier, times their number; None when never measured.
    All three are empty in a plan that is not for generating: nobody looked.
    """

    model: Model
    digest: str
    resolution: Resolution
    variant: str
    settings: Settings
    jobs: tuple[tuple[Prompt, Job], ...]
    missing: tuple[PlacedJob, ...]
    exhausted: int
    estimate_s: float | None


@dataclass(frozen=True, slots=True)
class SuitePlan:
    """A suite with its models; `unusable` are the models that cannot run at all, and why.

    `base` is the folder that relative reference paths start from.
    """

    suite: Suite
    digest: str
    base: Path
    metrics: tuple[MetricChoice, ...]
    models: tuple[ModelPlan, ...]
    unusable: Mapping[str, str]

    def job_keys(self) -> list[str]:
        """The key of every job, model by model."""
        return [job.key for model in self.models for _, job in model.jobs]


def plan_suite(
    suite: Suite,
    base: Path,
    metrics: Sequence[MetricChoice],
    models: Sequence[Model],
    choices: Choices,
    known: Known,
    *,
    digest: str,
    generating: bool = True,
) -> SuitePlan:
    """Key every job of `suite` for `models` and, if it is for generating, look up what is missing.

    `digest` is the suite's as it is written: seeds and metrics given for one run are, like
    `--limit`, no other suite.
    """
    plans: list[ModelPlan] = []
    unusable: dict[str, str] = {}
    prompts = choices.of(suite)
    for model in models:
        if model.modality != suite.modality:
            unusable[model.name] = (
                f"it answers with {model.modality}, but the suite {suite.name} asks for "
                f"{suite.modality}. Choose other models with --models."
            )
            continue
        try:
            plans.append(_plan_model(suite, model, prompts, choices, known, generating))
        except HarnessError as error:
            unusable[model.name] = str(error)
    return SuitePlan(
        suite=suite,
        digest=digest,
        base=base,
        metrics=tuple(metrics),
        models=tuple(plans),
        unusable=unusable,
    )


def _plan_model(
    suite: Suite,
    model: Model,
    prompts: Sequence[Prompt],
    choices: Choices,
    known: Known,
    generating: bool,
) -> ModelPlan:
    entry = registry.backend(model.backend)
    model = entry.settle(model)
    settings = resolve_settings(model, suite, choices.overrides)
    if generating:  # what was answered earlier may be scored, whatever is a setting today
        entry.check_settings(model, settings)
    resolution = entry.resolve(model)
    identity = model_digest(model, resolution)
    keys = JobKeys.of(identity, entry.version, settings, entry.reads)
    jobs = tuple(
        (prompt, job)
        for prompt in prompts
        for job in _jobs(model, prompt, suite.seeds, settings, keys.of_prompt(prompt))
    )
    # whoever only scores need not look for every output's file
    sought = [job for _, job in jobs] if generating else []
    missing, exhausted = _missing(sought, choices, known)
    seconds = known.seconds_per_output(identity)
    return ModelPlan(
        model=model,
        digest=identity,
        resolution=resolution,
        variant=variant_key(identity, settings),
        settings=settings,
        jobs=jobs,
        missing=missing,
        exhausted=exhausted,
        estimate_s=None if seconds is None else seconds * len(missing),
    )


def _jobs(
    model: Model, prompt: Prompt, seeds: Iterable[int], settings: Settings, keys: KeyPattern
) -> Iterator[Job]:
    text = model.template.replace("{prompt}", prompt.text)
    for seed in seeds:
        yield Job(
            key=keys.key(seed),
            model=model.name,
            prompt=prompt,
            text=text,
            negative=model.negative_prompt,
            seed=seed,
            settings=settings,
        )


def _missing(
    jobs: Sequence[Job], choices: Choices, known: Known
) -> tuple[tuple[PlacedJob, ...], int]:
    """The jobs to do, each with its take and attempt, and how many have had all their tries."""
    unique = {job.key: job for job in jobs}
    latest = known.latest(unique)
    if choices.fresh:
        take = 1 + known.newest_take(unique)
        return tuple(PlacedJob(job, Place(take, 1)) for job in unique.values()), 0
    placed: list[PlacedJob] = []
    exhausted = 0
    for key, job in unique.items():
        if key not in latest:
            placed.append(PlacedJob(job, Place(1, 1)))
            continue
        entry = latest[key]
        if _again(entry.status, entry.attempts, entry.intact, choices.retry):
            placed.append(PlacedJob(job, Place(entry.take, entry.attempts + 1)))
        elif entry.status not in TERMINAL:
            exhausted += 1
    return tuple(placed), exhausted


def _again(status: Status, attempts: int, intact: bool, retry: Collection[Status]) -> bool:
    """Whether a job that was tried before is tried again."""
    if status in retry or not intact:
        return True
    return status not in TERMINAL and attempts < MAX_ATTEMPTS


def unique_missing(plans: Iterable[ModelPlan]) -> tuple[PlacedJob, ...]:
    """The missing jobs of one model in several suites, each once."""
    return tuple({placed.job.key: placed for p in plans for placed in p.missing}.values())
