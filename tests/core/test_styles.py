import pytest

from evalharness.core.styles import AESTHETICS, TINYWORLD, VOCABULARIES, rivals
from evalharness.tinyworld.scene import AESTHETICS as PAINTED


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_look_has_its_own_phrase(name: str) -> None:
    vocabulary = VOCABULARIES[name]
    phrases = {style.phrase for style in vocabulary.values()}
    assert len(phrases) == len(vocabulary)
    assert all(known == style.name for known, style in vocabulary.items())
    assert all(s.broader is None or s.broader in vocabulary for s in vocabulary.values())


def test_the_embedded_worlds_looks_are_its_aesthetics() -> None:
    assert tuple(TINYWORLD) == PAINTED


def test_a_photograph_is_not_told_from_its_own_kinds() -> None:
    told_from = {style.name for style in rivals(AESTHETICS, "photograph")}
    assert "oil painting" in told_from
    assert "film noir" in told_from
    assert not told_from & {"photograph", "food photograph", "aerial photograph"}


def test_a_kind_of_photograph_is_told_from_the_plain_one_and_the_other_kinds() -> None:
    told_from = {style.name for style in rivals(AESTHETICS, "food photograph")}
    assert told_from == set(AESTHETICS) - {"food photograph"}


def test_an_unknown_look() -> None:
    with pytest.raises(KeyError):
        rivals(TINYWORLD, "film noir")
