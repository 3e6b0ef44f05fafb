"""Does an answer follow its prompt's instructions? `ifeval.*`, over `checks.instructions`.

Strict reads the answer as it is. Loose is content where the answer, or the answer without its first
line, its last, or both, each with and without asterisks, follows the instruction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evalharness.core.measures import About, MetricFacts, OutputMetric, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import PromptValues, SetTable
from evalharness.metrics.intervals import prompt_means
from evalharness.metrics.pooled import metric_by_prompt
from evalharness.metrics.text.answers import TEXT, readable, text_metric, wrong_check
from evalharness.metrics.text.instruction_checks import CHECKS, Check, Demands


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its published id, its check and what that is given."""

    id: str
    check: Check
    demands: Demands

    def followed(self, answers: Sequence[str]) -> bool:
        """Whether any of the answers follows it; empty ones never do."""
        return any(answer.strip() and self.check(answer, self.demands) for answer in answers)


def has_instructions(prompt: Prompt) -> bool:
    """Whether a prompt lists instructions."""
    return bool(prompt.checks.get("instructions"))


def instructions_of(prompt: Prompt) -> list[Instruction]:
    """A prompt's instructions; raises UnmeasurableError for unknown ids."""
    listed = prompt.checks.get("instructions")
    found = []
    for item in listed if isinstance(listed, list) else [None]:
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(name, str) or name not in CHECKS:
            raise wrong_check(
                prompt, "instructions", f"a list of {{id, …}}, ids among {', '.join(CHECKS)}"
            )
        found.append(Instruction(name, CHECKS[name], item))
    return found


def loosened(answer: str) -> list[str]:
    """The answer, it without first and last line, and these without asterisks; each text once."""
    lines = answer.split("\n")
    cut = ["\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1])]
    plain = [answer, *cut]
    return list(dict.fromkeys((*plain, *(text.replace("*", "") for text in plain))))


def followed(prompt: Prompt, answer: str, *, loose: bool) -> list[bool]:
    """Whether each instruction of a prompt is followed, in their order."""
    answers = loosened(answer) if loose else [answer]
    return [instruction.followed(answers) for instruction in instructions_of(prompt)]


def _all_followed(loose: bool) -> Callable[[Prompt, str], float]:
    return lambda prompt, answer: float(all(followed(prompt, answer, loose=loose)))


def _share(loose: bool) -> Callable[[SetTable], PromptValues]:
    def by_prompt(table: SetTable) -> PromptValues:
        found: list[float] = []
        clusters: list[int] = []
        pairs = zip(table.outputs.prompts, table.outputs.texts, table.clusters, strict=True)
        for prompt, answer, cluster in pairs:
            each = followed(prompt, readable(answer or ""), loose=loose)
            found += map(float, each)
            clusters += [int(cluster)] * len(each)
        return prompt_means(found, np.array(clusters, np.int64))

    return by_prompt


_SOURCE = "Zhou et al. 2023 (IFEval, arXiv:2311.07911)"
_LIMITS = (
    "Says nothing of an answer's sense. Languages are told by py3langid where the reference draws "
    "langdetect's lot, and capitals are lowered for it; sentences by Punkt's published English "
    "model; keywords are regular expressions, as in the reference."
)
_HOW = {
    False: "the answer as it is",
    True: "any of the answer, it without its first line, its last or both, and these without "
    "asterisks",
}


def _prompt_level(name: str, *, loose: bool) -> OutputMetric:
    return text_metric(
        f"ifeval.prompt_{name}",
        f"Instructions, all followed ({name})",
        _all_followed(loose),
        About(
            measures="Whether an answer follows every instruction of its prompt.",
            range="0 or 1",
            recipe=f"1 where each of checks.instructions is fulfilled by {_HOW[loose]}",
            source=_SOURCE,
            limits=_LIMITS,
        ),
        applies=has_instructions,
    )


def _instruction_level(name: str, *, loose: bool) -> SetMetric:
    return metric_by_prompt(
        MetricFacts(
            name=f"ifeval.instruction_{name}",
            version=1,
            title=f"Instructions followed ({name})",
            unit="share",
            direction="higher",
            needs=frozenset(),
            applies_to=TEXT,
            applies=has_instructions,
            about=About(
                measures="How many of all the instructions are followed.",
                range="0…1",
                recipe=f"the share of all instructions that are fulfilled by {_HOW[loose]}, pooled "
                "over prompts, with a 95 % interval that takes prompts as independent",
                source=_SOURCE,
                limits=f"Prompts with more instructions weigh more. {_LIMITS}",
            ),
        ),
        _share(loose),
        "in 0…1",
    )


PROMPT_STRICT = _prompt_level("strict", loose=False)
PROMPT_LOOSE = _prompt_level("loose", loose=True)
INSTRUCTION_STRICT = _instruction_level("strict", loose=False)
INSTRUCTION_LOOSE = _instruction_level("loose", loose=True)
