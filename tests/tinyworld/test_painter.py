"""A painter's answers have exactly the programmed truth."""

import io
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.core.nouns import Job, Json, Model, Prompt
from evalharness.core.outcomes import Answer, Picture, Status
from evalharness.tinyworld.mistakes import misspell, mistaken
from evalharness.tinyworld.painter import ENTRY, Painter, resolve
from evalharness.tinyworld.parser import parse
from evalharness.tinyworld.programme import ERRORS
from evalharness.tinyworld.references import references
from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import Scene, Thing

RED_STAR = "a red star on a plain background"


def model(**options: Json) -> Model:
    return Model("painter", "painter", "painter", options=options)


def jobs(text: str, n: int) -> list[Job]:
    return [Job(f"key-{i}", "painter", Prompt("p", text), text, None, i, {}) for i in range(n)]


def answers(text: str, n: int, **options: Json) -> list[Answer]:
    programmed = model(**options)
    with Painter(programmed, resolve(programmed)) as painter:
        return list(painter.generate(jobs(text, n)))


def pixels(answer: Answer) -> NDArray[np.uint8]:
    (picture,) = answer.media
    assert isinstance(picture, Picture)
    return picture.pixels


def test_same_prompt_seed_and_options_same_picture() -> None:
    first, again = (answers(RED_STAR, 5, colour_error=0.5, noise=0.1) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(pixels(one), pixels(other))
    assert not np.array_equal(pixels(first[0]), pixels(first[1]))


def test_scenes_are_64_and_lettering_256_pixels_wide() -> None:
    assert pixels(answers(RED_STAR, 1)[0]).shape == (64, 64, 3)
    assert pixels(answers('the word "HELLO"', 1)[0]).shape == (256, 256, 3)


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_error_rates_are_met(rate: float) -> None:
    rng = np.random.default_rng(1)
    n = 2000
    related = parse("a green tree left of a yellow house")
    lettered = parse('the word "HELLO" in blue letters')
    counted = parse("three pink fish")
    errors = dict.fromkeys(ERRORS, rate)
    drawn = [mistaken(related, errors, rng) for _ in range(n)]
    written = [mistaken(lettered, errors, rng) for _ in range(n)]
    numbers = [mistaken(counted, errors, rng) for _ in range(n)]
    seen = {
        "object": np.mean([s.thing.object != "tree" for s in drawn]),
        "other object": np.mean([s.other is None or s.other.object != "house" for s in drawn]),
        "colour": np.mean([s.thing.colour != "green" for s in drawn]),
        "relation": np.mean([s.relation != "left of" for s in drawn]),
        "count": np.mean([s.count != 3 for s in numbers]),
        "spelling": np.mean([s.lettering != "HELLO" for s in written]),
    }
    for name, share in seen.items():
        assert share == pytest.approx(rate, abs=0.04), name
    assert all(s.lettering is not None and len(s.lettering) == 5 for s in written)


def test_text_without_letters_cannot_be_misspelt() -> None:
    assert misspell("42!", np.random.default_rng(0)) == "42!"


def test_statuses_are_met_and_explained() -> None:
    got = answers(RED_STAR, 600, refuse=0.2, fail=0.1)
    shares = {s: np.mean([a.status is s for a in got]) for s in Status}
    assert shares[Status.REFUSED] == pytest.approx(0.2, abs=0.05)
    assert shares[Status.FAILED] == pytest.approx(0.1, abs=0.04)
    for answer in got:
        assert (answer.status is Status.OK) == bool(answer.media)
        assert (answer.status is Status.OK) != bool(answer.reason)


@pytest.mark.parametrize(
    ("text", "options", "looks"),
    [
        (RED_STAR, {"look": "watercolour"}, 1),
        (RED_STAR, {}, 4),
        (f"{RED_STAR}, pixel art", {}, 1),
        (f"{RED_STAR}, pixel art", {"look": "watercolour", "follow": 0.5}, 2),
    ],
)
def test_the_look_is_used_unless_an_aesthetic_is_asked_and_followed(
    text: str, options: dict[str, Json], looks: int
) -> None:
    # with a single composition, pictures differ by their aesthetic alone
    different = {pixels(a).tobytes() for a in answers(text, 40, variations=1, **options)}
    assert len(different) == looks


def test_strength_zero_hides_the_aesthetic() -> None:
    flat = [pixels(a) for a in answers("a red ball on a plain background", 30, strength=0.0)]
    colours = [len(np.unique(p.reshape(-1, 3), axis=0)) for p in flat]
    assert max(colours) < 200  # two flat colours and the blends along one outline


def test_few_variations_are_mode_dropping() -> None:
    pictures = {
        pixels(a).tobytes() for a in answers(RED_STAR, 60, variations=3, look="watercolour")
    }
    assert len(pictures) == 3


def test_blur_and_noise_change_sharpness() -> None:
    def roughness(**options: Json) -> float:
        shown = [
            pixels(a).astype(float) for a in answers(RED_STAR, 8, look="illustration", **options)
        ]
        return float(np.mean([np.abs(np.diff(p, axis=0)).mean() for p in shown]))

    assert roughness(blur=2.0) < 0.8 * roughness()
    assert roughness(noise=0.1) > 1.5 * roughness()


def test_what_it_reports() -> None:
    (answer,) = answers(RED_STAR, 1, latency_s=0.03, memory_bytes=1000, cost=0.5)
    assert answer.duration_s >= 0.03
    assert answer.peak_memory_bytes == 1000
    assert answer.cost == 0.5
    assert answer.job_key == "key-0"


@pytest.mark.parametrize(
    "options",
    [
        {"colour_error": 1.5},
        {"blur": -1},
        {"look": "oil"},
        {"strength": "much"},
        {"strength": {"watercolour": 2}},
        {"variations": 0},
        {"refuse": 0.7, "fail": 0.7},
        {"follow": True},
    ],
)
def test_options_out_of_range_are_refused_when_planning(options: dict[str, Json]) -> None:
    with pytest.raises(BadInputError, match="painter"):
        ENTRY.resolve(model(**options))


@pytest.mark.parametrize("options", [{"color_error": 0.1}, {"strength": {"oil": 1}}])
def test_unknown_options_are_refused_when_planning(options: dict[str, Json]) -> None:
    with pytest.raises(UnknownNameError):
        ENTRY.resolve(model(**options))


def test_it_draws_what_is_asked() -> None:
    (answer,) = answers("a black ball left of a yellow star on a plain background", 1, strength=0.0)
    dark = np.argwhere(pixels(answer).max(2) < 110)
    assert dark[:, 1].mean() < 25


def test_render_of_a_parsed_prompt_keeps_what_it_said() -> None:
    asked = parse("two blue fish, pixel art")
    assert asked == Scene(Thing("fish", "blue"), 2, aesthetic="pixel art")
    assert render(asked, np.random.default_rng(0)).shape == (64, 64, 3)


def test_the_painter_needs_no_torch() -> None:
    code = (
        "import sys, evalharness.tinyworld.painter, evalharness.tinyworld.references;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_memorised_pictures_are_those_of_the_reference() -> None:
    known = {picture.tobytes() for picture in references(1024, 20_250)}
    remembered = [
        [pixels(answer).tobytes() in known for answer in answers(RED_STAR, 100, memorised=share)]
        for share in (0.0, 0.3, 1.0)
    ]
    assert [np.mean(found) for found in (remembered[0], remembered[2])] == [0.0, 1.0]
    assert 0.15 < np.mean(remembered[1]) < 0.45


def change_by_compression(picture: NDArray[np.uint8], quality: int) -> float:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    again = np.asarray(Image.open(file).convert("RGB"), np.float64)
    return float(np.abs(again - picture).mean())


@pytest.mark.parametrize("quality", [10, 40])
def test_compressed_pictures_have_lost_already_what_compression_takes(quality: int) -> None:
    clean, compressed = answers(RED_STAR, 10), answers(RED_STAR, 10, jpeg=quality)
    lost = [
        np.mean([change_by_compression(pixels(answer), quality) for answer in some])
        for some in (compressed, clean)
    ]
    assert lost[0] < 0.5 * lost[1]


@pytest.mark.parametrize("wrong", [{"jpeg": 0}, {"jpeg": 101}, {"jpeg": 1.5}, {"memorised": 2}])
def test_wrong_amounts_are_refused(wrong: dict[str, Json]) -> None:
    with pytest.raises(BadInputError, match=next(iter(wrong))):
        resolve(model(**wrong))
