"""The rows a run writes about itself and about what it was asked: provenance, plans, jobs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime

from evalharness.catalog import registry
from evalharness.catalog.addresses import without_secrets
from evalharness.catalog.input_pictures import picture_bytes
from evalharness.core.keys import plain, prompt_digest, prompt_inputs, text_subject
from evalharness.core.nouns import Json, Prompt
from evalharness.ledger.artifacts import store_input_picture
from evalharness.ledger.rows import (
    JobRow,
    JsonText,
    MemberRow,
    ModelRow,
    PromptRow,
    Row,
    RunRow,
    SuiteRow,
    TagRow,
)
from evalharness.ledger.store import Store
from evalharness.runner import clock
from evalharness.runner.known import Known
from evalharness.runner.plan import ModelPlan, SuitePlan
from evalharness.runner.provenance import git_state, machine, versions


def json_text(value: object) -> JsonText:
    """Any noun or mapping as JSON text."""
    return JsonText(json.dumps(plain(value), ensure_ascii=False, sort_keys=True))


class RunRecord:
    """The run's own row, written when it starts and again when it ends."""

    def __init__(self, run: str, command: str, arguments: dict[str, Json]) -> None:
        self.run = run
        self._started = clock.now()
        self._command = command
        self._arguments = json_text(without_secrets(plain(arguments)))
        self._versions = json_text(versions())
        self._machine = json_text(machine())
        self._git = json_text(git_state())

    def row(self, status: str, resolved: dict[str, Json], ended: datetime | None) -> RunRow:
        """The row as it stands now."""
        return RunRow(
            run=self.run,
            made_at=clock.now(),
            command=self._command,
            status=status,
            started_at=self._started,
            ended_at=ended,
            arguments=self._arguments,
            resolved=json_text(resolved),
            versions=self._versions,
            machine=self._machine,
            git=self._git,
        )


def plan_rows(
    run: str, plans: Iterable[SuitePlan], known: Known, *, claiming: bool = True
) -> list[Row]:
    """Suites, prompts, tags, models, jobs and the jobs' places in the suites.

    Jobs are left out where they have their place on record already, and prompts where all have,
    so that the record says when a job was first planned, and by which run. A model's row says which
    run asked for it last; runs that are not `claiming` leave the rows that are there.
    """
    rows: list[Row] = []
    claimed = set() if claiming else known.models()
    for plan in plans:
        rows.append(_suite_row(run, plan))
        rows.extend(
            _model_row(run, model)
            for model in plan.models
            if (model.variant, model.model.name) not in claimed
        )
        recorded = known.recorded(plan.digest)
        places = (
            (model.variant, model.model.name, prompt.id, job.seed, job.key)
            for model in plan.models
            for prompt, job in model.jobs
        )
        if recorded and all(place in recorded for place in places):
            continue
        rows.extend(_prompt_rows(run, plan))
        for model in plan.models:
            rows.extend(_job_rows(run, plan, model, recorded))
    return rows


def _suite_row(run: str, plan: SuitePlan) -> SuiteRow:
    suite = plan.suite
    return SuiteRow(
        run=run,
        made_at=clock.now(),
        digest=plan.digest,
        suite=suite.name,
        version=suite.version,
        title=suite.title,
        protocol=suite.protocol,
        modality=suite.modality,
        reference=suite.reference,
        specification=json_text({**asdict(suite), "prompts": len(suite.prompts)}),
    )


def _prompt_rows(run: str, plan: SuitePlan) -> Iterable[Row]:
    made_at = clock.now()
    for position, prompt in enumerate(plan.suite.prompts):
        yield PromptRow(
            run=run,
            made_at=made_at,
            suite=plan.digest,
            prompt_id=prompt.id,
            position=position,
            digest=prompt_digest(prompt),
            subject=text_subject(prompt.text),
            text=prompt.text,
            target=prompt.target,
            checks=json_text(dict(prompt.checks)),
            inputs=_inputs(prompt),
        )
        for tag, value in prompt.tags.items():
            yield TagRow(
                run=run,
                made_at=made_at,
                suite=plan.digest,
                prompt_id=prompt.id,
                tag=tag,
                value=value,
            )


def _inputs(prompt: Prompt) -> JsonText | None:
    """What a model is given of a prompt beside its text."""
    beside = {name: value for name, value in prompt_inputs(prompt).items() if name != "text"}
    return json_text(beside) if beside else None


def picture_rows(run: str, plans: Iterable[SuitePlan], store: Store, known: Known) -> list[Row]:
    """The prompts' own pictures, kept in the store so that they are there to be looked at.

    Those that are there already are not read again. Raises BadInputError for one that cannot be
    read, and StoreError.
    """
    pictures = {
        picture.sha256: picture
        for plan in plans
        for prompt in plan.suite.prompts
        for picture in prompt.images
    }
    there = known.intact_artifacts(pictures)
    made_at = clock.now()
    return [
        store_input_picture(store, picture_bytes(one), one.path).row(run, made_at)
        for sha256, one in pictures.items()
        if sha256 not in there
    ]


def _model_row(run: str, plan: ModelPlan) -> ModelRow:
    model = plan.model
    return ModelRow(
        run=run,
        made_at=clock.now(),
        variant=plan.variant,
        model=model.name,
        title=model.title or model.name,
        digest=plan.digest,
        backend=model.backend,
        source=model.source,
        revision=plan.resolution.revision,
        modality=model.modality,
        licence=model.licence,
        price_per_1000=model.price_per_1000,
        settings=json_text(dict(plan.settings)),
        specification=json_text(model),
    )


def _job_rows(
    run: str, suite: SuitePlan, plan: ModelPlan, recorded: Collection[tuple[object, ...]]
) -> Iterable[Row]:
    made_at = clock.now()
    version = registry.backend(plan.model.backend).version
    settings = json_text(dict(plan.settings))
    digests: dict[str, str] = {}  # once a prompt, not once a seed
    for prompt, job in plan.jobs:
        if (plan.variant, plan.model.name, prompt.id, job.seed, job.key) in recorded:
            continue
        if prompt.id not in digests:
            digests[prompt.id] = prompt_digest(prompt)
        yield JobRow(
            run=run,
            made_at=made_at,
            job_key=job.key,
            model=plan.digest,
            prompt=digests[prompt.id],
            text=job.text,
            negative=job.negative,
            seed=job.seed,
            settings=settings,
            backend=plan.model.backend,
            backend_version=version,
        )
        yield MemberRow(
            run=run,
            made_at=made_at,
            suite=suite.digest,
            variant=plan.variant,
            model=plan.model.name,
            prompt_id=prompt.id,
            seed=job.seed,
            job_key=job.key,
        )
