"""What somebody asks of a run, in names; and the plans it comes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evalharness.catalog.metrics import expand_metrics
from evalharness.catalog.models import load_models
from evalharness.catalog.suites import adjusted, from_prompts, load_suite, suite_file
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.keys import plain, suite_digest
from evalharness.core.nouns import Json, Model, Suite
from evalharness.runner.known import Known
from evalharness.runner.plan import Choices, SuitePlan, plan_suite


@dataclass(frozen=True, slots=True)
class Question:
    """A suite put to models; `base` is the folder that relative reference paths start from.

    `digest` is the suite's as it is written, before seeds or metrics were given for one run.
    """

    suite: Suite
    base: Path
    models: tuple[Model, ...]
    choices: Choices
    digest: str

    def plan(self, known: Known, *, generating: bool = True) -> SuitePlan:
        """Key every job and, if it is for generating, look up what is missing."""
        metrics = expand_metrics(self.suite.metrics)
        return plan_suite(
            self.suite,
            self.base,
            metrics,
            self.models,
            self.choices,
            known,
            digest=self.digest,
            generating=generating,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Suites by name or file, or a file of prompts; empty `models` means the suites' own.

    `only` keeps, of the models asked, those with these names; empty keeps all.
    """

    suites: tuple[str, ...] = ()
    prompts: Path | None = None
    models: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    choices: Choices = field(default_factory=Choices)

    def questions(self) -> list[Question]:
        """Read every file asked for; raises HarnessError for names and files that are wrong."""
        return list(self._questions())

    def as_json(self) -> dict[str, Json]:
        """The question as it is recorded with the run."""
        return {
            "suites": list(self.suites),
            "prompts": None if self.prompts is None else str(self.prompts),
            "models": list(self.models),
            "only": list(self.only),
            "metrics": list(self.metrics),
            "seeds": list(self.seeds),
            "settings": plain(self.choices.overrides),
            "limit": self.choices.limit,
            "prompt_ids": list(self.choices.prompt_ids),
            "fresh": self.choices.fresh,
            "retry": plain(sorted(self.choices.retry)),
            "allow_code_execution": self.choices.allow_code_execution,
        }

    def _questions(self) -> Iterator[Question]:
        if not self.suites and self.prompts is None:
            raise BadInputError(
                "Nothing to run. Name a suite (`evalharness list suites` shows them) or give "
                "--prompts FILE and --models NAME."
            )
        for name in self.suites:
            suite, base = load_suite(name), suite_file(name).parent
            models = self._models(suite, base)
            yield Question(self._adjusted(suite), base, models, self.choices, suite_digest(suite))
        if self.prompts is not None:
            models = self._models(None, Path())
            suite = from_prompts(self.prompts, modality=models[0].modality)
            yield Question(self._adjusted(suite), Path(), models, self.choices, suite_digest(suite))

    def _models(self, suite: Suite | None, base: Path) -> tuple[Model, ...]:
        found = self._all_models(suite, base)
        for name in self.only:
            if name not in {model.name for model in found}:
                raise unknown_name("model among those asked", name, [m.name for m in found])
        return tuple(model for model in found if not self.only or model.name in self.only)

    def _all_models(self, suite: Suite | None, base: Path) -> tuple[Model, ...]:
        if self.models:
            return load_models(self.models)
        if suite is None or not suite.models:
            raise BadInputError(
                f"No models to ask: {suite.name if suite else '--prompts'} names none. "
                "Give --models NAME[,NAME…] (`evalharness list models` shows them)."
            )
        return load_models(suite.models, base)

    def _adjusted(self, suite: Suite) -> Suite:
        return adjusted(suite, self.seeds, self.metrics)
