"""Declarative tasks of lm-evaluation-harness, and all that only code of its own could read."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from evalharness.catalog.importing import import_prompts, write_prompts
from evalharness.catalog.prompt_formats import lm_eval
from evalharness.catalog.prompts import read_prompts
from evalharness.catalog.templates import compiled
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Prompt

Write = Callable[[str, str | bytes], Path]

ROWS = [
    {"question": "What melts?", "choices": ["iron", "ice"], "label": 1, "answers": ["ice", "Ice"]},
    {"question": "What burns?", "choices": ["wood", "sand"], "label": 0, "answers": ["wood"]},
]
LOCAL = """task: mine
dataset_path: json
dataset_kwargs:
  data_files: {test: rows.jsonl, train: other.jsonl}
training_split: train
test_split: test
"""
CHOOSING = (
    LOCAL
    + r"""output_type: multiple_choice
doc_to_text: "Question: {{question}}\nAnswer:"
doc_to_choice: choices
doc_to_target: label
metric_list:
  - metric: acc
    aggregation: mean
metadata: {version: 1.0}
"""
)


@pytest.fixture
def task(write: Write) -> Callable[[str], Path]:
    """Write a task's file beside the rows that it reads."""
    write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS))

    def to(text: str) -> Path:
        return write("task.yaml", text)

    return to


Task = Callable[[str], Path]


def imported(path: Path) -> tuple[Prompt, ...]:
    return import_prompts(lm_eval.FORMAT, path)


def error_of(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        imported(path)
    return str(caught.value)


def test_choices_become_continuations(task: Task, tmp_path: Path) -> None:
    prompts = imported(task(CHOOSING))
    assert [
        (prompt.text, prompt.continuations, prompt.target, prompt.tags) for prompt in prompts
    ] == [
        ("Question: What melts?\nAnswer:", (" iron", " ice"), " ice", {"task": "mine"}),
        ("Question: What burns?\nAnswer:", (" wood", " sand"), " wood", {"task": "mine"}),
    ]
    write_prompts(tmp_path / "out.jsonl", prompts)
    assert read_prompts(tmp_path / "out.jsonl") == prompts


@pytest.mark.parametrize(
    ("choice", "target"),
    [
        ('"{{choices}}"', "'{{label}}'"),
        ('"{{choices}}"', "'{{answers[0]}}'"),
        ('"{{[choices[0], choices[1]]}}"', '"{{answers[:1]}}"'),
        ("choices", "'{% if label == 1 %}1{% else %}0{% endif %}'"),
    ],
)
def test_choices_and_targets_from_templates(task: Task, choice: str, target: str) -> None:
    changed = CHOOSING.replace("doc_to_choice: choices", f"doc_to_choice: {choice}")
    prompts = imported(task(changed.replace("doc_to_target: label", f"doc_to_target: {target}")))
    assert [p.continuations for p in prompts] == [(" iron", " ice"), (" wood", " sand")]
    assert [p.target for p in prompts] == [" ice", " wood"]


@pytest.mark.parametrize("choice", ["[no, yes]", '["no", "yes"]', "{a: no, b: yes}"])
def test_fixed_choices_and_another_delimiter(task: Task, choice: str) -> None:
    text = CHOOSING.replace("doc_to_choice: choices", f"doc_to_choice: {choice}")
    prompts = imported(task(text + 'target_delimiter: "\\n"\ndescription: "Think, {{label}}. "\n'))
    assert prompts[0].continuations == ("\nno", "\nyes")
    assert [p.target for p in prompts] == ["\nyes", "\nno"]
    assert prompts[0].text == "Think, 1. Question: What melts?\nAnswer:"


def test_generation_keeps_its_stops_and_all_accepted_answers(task: Task) -> None:
    text = LOCAL + (
        "output_type: generate_until\n"
        "doc_to_text: question\n"
        'doc_to_target: "{{answers}}"\n'
        "generation_kwargs:\n  until: ['\\n\\n', 'Q:']\n  max_gen_toks: 32\n  do_sample: false\n"
    )
    first, second = imported(task(text))
    generation = {"until": ["\\n\\n", "Q:"], "max_gen_toks": 32, "do_sample": False}
    assert (first.text, first.target) == ("What melts?", "ice")
    assert first.checks == {"targets": ["Ice"], "generation": generation}
    assert second.checks == {"generation": generation}
    assert first.continuations == ()


def test_the_likelihood_of_one_text(task: Task) -> None:
    text = LOCAL + "output_type: loglikelihood\ndoc_to_text: question\n"
    first, _ = imported(task(text + "doc_to_target: ' {{choices[label]}}'\n"))
    assert (first.continuations, first.target) == ((" ice",), " ice")


def test_filters_and_blocks_of_jinja(task: Task) -> None:
    template = (
        "{% for each in choices %}{{loop.index}}) {{each|capitalize}} {% endfor %}"
        "{{question|regex_replace('[?]', '!')|trim}}"
    )
    text = LOCAL + f'doc_to_text: "{template}"\ndoc_to_target: "{{{{answers|first}}}}"\n'
    assert imported(task(text))[0].text == "1) Iron 2) Ice What melts!"


@pytest.mark.parametrize(
    "files", ["data_files: rows.csv", "data_files: [rows.csv]", "data_files: {test: [rows.csv]}"]
)
def test_rows_of_a_csv_file(write: Write, files: str) -> None:
    write("rows.csv", "question,label\nIs ice hot?,0\n")
    text = (
        f"task: t\ndataset_path: csv\ndataset_kwargs:\n  {files}\ntest_split: test\n"
        "output_type: multiple_choice\ndoc_to_text: question\ndoc_to_target: label\n"
        "doc_to_choice: ['no', 'yes']\n"
    )
    assert imported(write("t.yaml", text))[0].target == " no"


def test_a_split_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    commit = "0123456789abcdef0123456789abcdef01234567"
    repo = tmp_path / "datasets--org--name"
    folder = repo / "snapshots" / commit / "easy" / "validation"
    folder.mkdir(parents=True)
    parquet.write_table(pa.Table.from_pylist(ROWS), folder / "0000.parquet")
    (repo / "refs" / "refs" / "convert").mkdir(parents=True)
    (repo / "refs" / "refs" / "convert" / "parquet").write_text(commit)
    text = (
        CHOOSING.replace("dataset_path: json", "dataset_path: org/name\ndataset_name: easy")
        .replace("  data_files: {test: rows.jsonl, train: other.jsonl}", "  {}")
        .replace("test_split: test", "validation_split: validation")
    )
    path = write("task.yaml", text)
    assert [prompt.target for prompt in imported(path)] == [" ice", " wood"]
    wrong = write("wrong.yaml", text.replace("dataset_name: easy", "dataset_name: hard"))
    message = error_of(wrong)
    assert "wrong.yaml, line 2, field dataset_path" in message
    assert "expected one of hf:org/name:easy/validation" in message


def changed(old: str, new: str) -> str:
    assert old in CHOOSING
    return CHOOSING.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (changed("label", "!function utils.target"), 10, "found the tag '!function'; expected a "
         "task without code of its own: write the template in Jinja2"),
        (changed("label", "!!python/name:os.system"), 10, "found the tag"),
        (changed("label", "!!python/object/apply:os.system ['true']"), 10, "found the tag"),
        ("include: base.yaml\n" + CHOOSING, 1, "field include: found 'base.yaml'; expected one "
         "file: copy the fields"),
        (CHOOSING + "process_docs: clean\n", 15, "field process_docs"),
        (CHOOSING + "num_fewshot: 5\n", 15, "field num_fewshot: found 5; expected 0"),
        (CHOOSING + "gen_prefix: So\n", 15, "at the end of doc_to_text"),
        (CHOOSING + "doc_to_image: [picture]\n", 15, "vlmevalkit"),
        (changed("task: mine", "task: [a, b]"), 1, "import the file of each"),
        (changed("multiple_choice", "loglikelihood_rolling"), 7, "field output_type"),
        (changed("multiple_choice", "classify"), 7, "field output_type"),
        (changed("doc_to_choice: choices\n", ""), None, "field doc_to_choice: found nothing"),
        (changed("task: mine\n", ""), None, "field task: found nothing"),
        (changed("test_split: test", "test_split: dev"), 4, "also files for the split 'dev'"),
        (changed("rows.jsonl", "https://x.org/a.jsonl"), 4, "fetch it first"),
        (changed("rows.jsonl", "'*.jsonl'"), 4, "without patterns"),
        (changed("rows.jsonl", "none.jsonl"), None, "none.jsonl cannot be read"),
        (changed("{test: rows.jsonl, train: other.jsonl}", "[]"), 4, "the files to be read"),
        (changed("  data_files:", "  streaming: true\n  data_files:"), 4, "no such field"),
        (changed("{{question}}", "{{question"), 8, "this is no template"),
        (changed("{{question}}", "{{stem}}"), 8, "'stem' is undefined"),
        (changed("{{question}}", "{{question.__class__}}"), 8, "unsafe"),
        (changed("{{question}}", "{{1 / 0}}"), 8, "ZeroDivisionError"),
        (changed("doc_to_target: label", "doc_to_target: 7"), 10, "an index from 0 to 1"),
        (changed("doc_to_target: label", "doc_to_target: answers"), 10, "an index from 0 to 1"),
        (changed("doc_to_choice: choices", "doc_to_choice: question"), 9, "different choices"),
        (changed("doc_to_choice: choices", "doc_to_choice: [a, a]"), 9, "different choices"),
        (changed('"Question: {{question}}\\nAnswer:"', "label"), 8, "found 1 (a number)"),
        (changed("test_split: test\n", "").replace("training_split: train\n", ""), None,
         "no split; expected test_split"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_says_where_and_what_to_do(
    task: Task, text: str, line: int | None, told: str
) -> None:
    message = error_of(task(text))
    assert told in message
    if line is not None:
        assert f"task.yaml, line {line}" in message


@pytest.mark.parametrize("target", ['"{{answers[1:]}}"', "' '", "choices"])
def test_a_generation_needs_an_answer(task: Task, target: str) -> None:
    text = LOCAL + f"doc_to_text: question\ndoc_to_target: {target}\n"
    if target == "choices":
        assert imported(task(text))[0].checks == {"targets": ["ice"]}
    else:
        assert "rows.jsonl, line" in error_of(task(text))


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ x.__init__.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ x.append(3) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 1000000000 * 'a' }}",
        "{{ [0] * 1000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{% for a in range(99999) %}{{ 'aaaaaaaaaa' }}{% endfor %}",
        "{{ range(1000000000)|list }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}{{ os }}",
        "{{ open('/etc/passwd') }}",
    ],
)
def test_templates_reach_and_fill_nothing(template: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        compiled(template)({"x": [1, 2]})
