"""The program in an answer, however a model wraps it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.extractors.code.inside.answers import fenced, program_of

PREFIX = '''from typing import List


def helper(x):
    return x + 1


def add(a: int, b: int) -> int:
    """ Add two numbers.
    >>> add(1, 2)
    3
    """
'''
WHOLE = "def add(a, b):\n    return a + b\n"
FENCED = f"```python\n{WHOLE}```"


def run(answer: str, prefix: str = "", entry_point: str = "add") -> dict[str, object]:
    """What a trusted program of this file defines."""
    found: dict[str, object] = {"__name__": "answer"}
    exec(compile(program_of(answer, prefix, entry_point), "answer.py", "exec"), found)
    return found


def adds(answer: str, prefix: str = "") -> bool:
    add = run(answer, prefix)["add"]
    assert callable(add)
    return bool(add(1, 2) == 3)


@pytest.mark.parametrize("prefix", ["", PREFIX], ids=["alone", "with a prefix"])
@pytest.mark.parametrize(
    "answer",
    [
        WHOLE,
        FENCED,
        f"Here it is:\n\n{FENCED}\n\nIt adds.",
        f"Here it is:\n\n{WHOLE}\nThis adds the numbers, as you wanted.",
        f"Sure! The function is below.\n{WHOLE}",
        f"```\n{WHOLE}```",
        f"```py\n{WHOLE}\n```",
        f"~~~python\n{WHOLE}~~~",
        f"````python\n{WHOLE}````",
        f"```Python title=add.py\n{WHOLE}```",
        f"``` python\n{WHOLE}```",
        f"```python\r\n{WHOLE}```".replace("\n", "\r\n"),
        f"```python\n{WHOLE}",
        "1. First:\n\n   ```python\n   def add(a, b):\n       return a + b\n   ```\n2. Done.",
        f"Install it:\n```bash\npip install add\n```\n{FENCED}\nThis prints:\n```text\n3\n```",
        f"{FENCED}\nUse it so:\n```python\nprint(add(1, 'x'))\n```",
        f"A first try:\n```python\ndef add(a, b): return a - b\n```\nCorrected:\n{FENCED}",
        f"```python\nimport math\n```\nand then\n{FENCED}",
        "```python\ndef inner(a, b):\n    return a + b\n```\n"
        "```python\ndef add(a, b):\n    return inner(a, b)\n```",
        f"<think>```python\ndef add(a, b): return 0\n```</think>\n{FENCED}",
        f"{WHOLE}\nassert add(1, 2) == 4\nprint(add('no', 1))",
        f"```python\n{WHOLE}\nassert add(1, 2) == 4\n\nprint(\n    add('no', 1)\n)\n```",
        f'{WHOLE}\nif __name__ == "__main__":\n    raise SystemExit(add(1, 2))',
        "add = lambda a, b: a + b",
        "from operator import add",
        "class add:\n    def __new__(cls, a, b):\n        return a + b",
        "from __future__ import annotations\ndef add(a: int, b: int) -> wrong: return a + b",
        "def add(a, b):\n\treturn a + b",
        "@staticmethod\ndef add(a, b):\n    return a + b",
    ],
)
def test_a_whole_function_is_found(answer: str, prefix: str) -> None:
    assert adds(answer, prefix)


@pytest.mark.parametrize(
    "answer",
    [
        "    return a + b",
        "    return a + b\n\n\n",
        "\n    return a + b\n",
        "return a + b",
        "c = a + b\n    return c",
        "if a:\n    return a + b\nreturn b",
        "```python\n    return a + b\n```",
        "```\nreturn a + b\n```",
        "    return a + b\n\nThis adds the numbers.",
        "    return a + b\n\n\ndef other(x):\n    return x\n\ncheck(other)\nother(1)",
        "    return a + b\n\n\nassert add(1, 2) == 5\nprint(add(1, 'x'))",
        "    return a + b\n\n\nfor x in nothing:\n    print(x)",
        "    return later(a, b)\n\n\ndef later(a, b):\n    return a + b",
        "    return helper(a) + b - 1",
        "    numbers: List[int] = [a, b]\n    return sum(numbers)",
        "    return a + b\n\n\ndef broken(x:\n    retur",
    ],
)
def test_a_body_completes_its_prefix(answer: str) -> None:
    assert adds(answer, PREFIX)


def test_a_whole_function_keeps_what_stands_before_it_in_the_prefix() -> None:
    answer = "def add(a: int, b: int) -> int:\n    numbers: List[int] = [helper(a), b]\n"
    assert adds(answer + "    return sum(numbers) - 1", PREFIX)


@pytest.mark.parametrize("answer", ["", "I cannot do that.", "```python\n```", "\n\n", "```"])
def test_an_answer_without_a_program_defines_nothing_of_its_own(answer: str) -> None:
    add = run(answer, PREFIX)["add"]
    assert callable(add)
    assert add(1, 2) is None


def test_without_a_name_all_blocks_are_one_program() -> None:
    found = run("```python\nx = 1\n```\nthen\n```python\ny = x + 1\n```", entry_point="")
    assert found["y"] == 2


def test_a_block_in_a_longer_fence_may_hold_fences() -> None:
    assert fenced("````python\nx = '''\n```\n'''\n````") == ["x = '''\n```\n'''"]
    assert fenced("no fence ``` here") == []


PIECES = st.sampled_from(
    ["```python\n", "```", "def add(a, b):\n", "    return a + b\n", "prose.\n", "~~~", "(", '"""']
)


@given(st.lists(PIECES | st.text(max_size=20), max_size=12).map("".join), st.booleans())
def test_any_text_gives_some_program(text: str, named: bool) -> None:
    assert isinstance(program_of(text, PREFIX, "add" if named else ""), str)


def test_long_answers_are_read_in_bounded_time() -> None:
    lines = "".join(f"import os{i} from nowhere\n" for i in range(2000))
    assert program_of(lines, PREFIX, "add").startswith("from typing")
