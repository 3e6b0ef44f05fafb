import pytest

from evalharness.core import errors


def test_the_nearest_names_are_suggested() -> None:
    error = errors.unknown_name("model", "sdxl-trubo", ["sd-1.5", "sdxl-turbo", "painter"])
    assert isinstance(error, errors.UnknownNameError)
    assert "There is no model named 'sdxl-trubo'. Did you mean 'sdxl-turbo'" in str(error)
    assert "painter" not in str(error)


def test_without_a_near_name_all_are_listed_in_order() -> None:
    error = errors.unknown_name("suite", "zzzz", ["tinyworld", "lettering"])
    assert str(error) == "There is no suite named 'zzzz'. Known: lettering, tinyworld."


def test_a_name_is_shown_without_escape_sequences() -> None:
    assert "\x1b" not in str(errors.unknown_name("model", "\x1b[31m", ["a"]))


@pytest.mark.parametrize(
    "kind",
    [
        errors.UnknownNameError,
        errors.BadInputError,
        errors.MissingWeightsError,
        errors.UntrustedWeightsError,
        errors.DamagedArtifactError,
        errors.StoreError,
    ],
)
def test_every_error_is_one_the_command_line_prints(kind: type[Exception]) -> None:
    assert issubclass(kind, errors.HarnessError)
