from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evalharness.board.answers.code import coloured


def test_a_program_is_coloured_and_the_words_around_it_are_not() -> None:
    answer = "Here it is, for you:\n```python\ndef f(n):\n    return 'x' * 2  # twice\n```\nas said"
    found = dict(coloured(answer))
    assert found["def"] == "keyword"
    assert found["f"] == "name"
    assert found["# twice"] == "comment"
    assert found["2"] == "number"
    assert found["Here it is, for you:\n```python\n"] == ""


@given(st.one_of(st.text(), st.text("`\ndef x:'\"#", max_size=80)))
def test_the_pieces_of_any_answer_are_the_answer(answer: str) -> None:
    assert "".join(text for text, _ in coloured(answer)) == answer
