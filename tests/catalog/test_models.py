import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.catalog import registry
from evalharness.catalog.models import catalogue, load_model, load_models
from evalharness.catalog.names import NAME_PATTERN
from evalharness.core.errors import BadInputError, HarnessError, UnknownNameError
from evalharness.core.nouns import Adapter, Model

Write = Callable[[str, str | bytes], Path]

FULL = """\
name: mine
backend: diffusers
source: ./weights
revision: v1
modality: image
settings: {steps: 30, guidance: 7.5}
options: {dtype: float16, config: ./configs}
placement: {batch_size: 2}
template: "{prompt}, in TOK style"
negative_prompt: blurry
adapters:
- {source: ./style.safetensors, weight: 0.5}
- {source: org/lora, revision: abc}
title: Mine
licence: MIT
price_per_1000: 2
retires: 2027-01-31
"""


def error_of(path: Path) -> str:
    with pytest.raises(HarnessError) as caught:
        load_model(str(path))
    return str(caught.value)


def test_every_field_of_a_users_file(write: Write) -> None:
    path = write("m/mine.yaml", FULL)
    assert load_model(str(path)) == Model(
        name="mine",
        backend="diffusers",
        source=str(path.parent / "weights"),
        revision="v1",
        settings={"steps": 30, "guidance": 7.5},
        options={"dtype": "float16", "config": str(path.parent / "configs")},
        placement={"batch_size": 2},
        template="{prompt}, in TOK style",
        negative_prompt="blurry",
        adapters=(
            Adapter(str(path.parent / "style.safetensors"), None, 0.5),
            Adapter("org/lora", "abc"),
        ),
        title="Mine",
        licence="MIT",
        price_per_1000=2.0,
        retires="2027-01-31",
    )


def test_files_are_looked_up_from_a_base(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("m/mine.yaml", "name: a\nbackend: diffusers\nsource: ./org/name\n")
    assert load_model("mine.yaml", tmp_path / "m").source == str(tmp_path / "m/org/name")
    monkeypatch.chdir(tmp_path / "m")
    assert load_model("mine.yaml").source == "./org/name"


def test_a_list_of_models(write: Write) -> None:
    text = "- {name: a, backend: fake}\n- {name: b, backend: painter}\n"
    path = str(write("two.yaml", text))
    assert [m.name for m in load_models([path, "tiny-base", "a.yaml"][:2])] == [
        "a",
        "b",
        "tiny-base",
    ]
    with pytest.raises(BadInputError, match="holds 2 models"):
        load_model(path)


def test_one_name_for_two_models_is_refused(write: Write) -> None:
    path = str(write("m.yaml", "name: tiny-base\nbackend: fake\n"))
    with pytest.raises(BadInputError, match="Two different models are named 'tiny-base'"):
        load_models(["tiny-base", path])
    assert len(load_models(["tiny-base", "tiny-base"])) == 1
    twice = write("t.yaml", "- {name: a, backend: fake}\n- {name: a, backend: painter}\n")
    assert "line 2, field [1].name: found 'a', which line 1 has" in error_of(twice)


BAD = {
    "backend: difusers": ("line 2, field backend", "'diffusers'"),
    "backend: fake\nname: b": ("line 3, field name", "first on line 1"),
    "backend: fake\ntemplate: no place": ("line 3, field template", "{prompt} in it once"),
    "backend: fake\nretires: soon": ("line 3, field retires", "2027-01-31"),
    "backend: fake\nretires: 2027-02-30": ("line 3, field retires", "2027-01-31"),
    "backend: fake\nsettings: {steps: .nan}": ("line 3, field settings.steps", "finite"),
    "backend: fake\nprice_per_1000: -1": ("line 3, field price_per_1000", "greater than"),
    "backend: fake\nmodality: smell": ("line 3, field modality", "'image'"),
    "backend: fake\nrevision: 12": ("line 3, field revision", "text (in quotes"),
    "backend: fake\nadapters: [{weight: 1}]": ("line 3, field adapters[0].source", "nothing"),
    "backend: fake\nstep: 4": ("line 3, field step", "no such field"),
    "source: x": ("field backend", "found nothing"),
}


@pytest.mark.parametrize("text", BAD)
def test_bad_model_files_name_the_line(write: Write, text: str) -> None:
    where, what = BAD[text]
    message = error_of(write("m.yaml", f"name: a\n{text}\n"))
    assert "m.yaml" in message
    assert where in message
    assert what in message


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".", "a b", "a\\b", "-x", "x" * 101])
def test_names_that_could_leave_a_folder_are_refused(write: Write, name: str) -> None:
    assert "field name" in error_of(write("m.yaml", f"name: '{name}'\nbackend: fake\n"))


def test_an_empty_list_is_refused(write: Write) -> None:
    assert "at least one model" in error_of(write("m.yaml", "[]\n"))


def test_the_catalogue_is_whole() -> None:
    assert {"tiny-base", "tiny-undertrained", "scribe-hasty", "sdxl-turbo", "flux.1-dev"} <= set(
        catalogue()
    )
    for model in catalogue().values():
        assert re.match(NAME_PATTERN, model.name)
        assert model.title
        assert model.licence
        assert model.backend in registry.names("backends")
        if model.backend == "diffusers":
            assert {"steps", "guidance", "width", "height"} <= model.settings.keys()


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_the_catalogues_options_are_ones_the_backends_know(name: str) -> None:
    """Resolving checks options; weights that are not here are another error, or a download."""
    model = catalogue()[name]
    if model.backend != "diffusers":
        pinned = "unpinned:" if model.backend == "server" else "sha256:"
        assert registry.backend(model.backend).resolve(model).revision.startswith(pinned)
        return
    from evalharness.backends.diffusers.choices import Choices

    assert Choices.read(model).dtype in {"float32", "float16", "bfloat16"}


def test_strings_from_the_hub() -> None:
    model = load_model("diffusers:org/some-model@v1.0")
    assert (model.name, model.backend) == ("org--some-model@v1.0", "diffusers")
    assert (model.source, model.revision) == ("org/some-model", "v1.0")


def test_a_source_the_catalogue_knows_brings_its_settings() -> None:
    model = load_model("diffusers:stabilityai/sdxl-turbo@REV")
    assert model.settings == catalogue()["sdxl-turbo"].settings
    assert model.revision == "REV"
    assert model.name != "sdxl-turbo"


def test_strings_for_local_weights() -> None:
    folder = load_model("diffusers:./a@b/my model")
    assert (folder.source, folder.revision) == ("./a@b/my model", None)
    assert re.fullmatch(r"my-model-[0-9a-f]{8}", folder.name)
    single = load_model("diffusers:./a/model.safetensors")
    assert re.fullmatch(r"model-[0-9a-f]{8}", single.name)
    assert load_model("diffusers:../a/model.safetensors").name != single.name


def test_strings_for_the_laboratory() -> None:
    assert load_model("painter:").name == "painter"
    assert load_model("fake:x").name == "fake--x"


def test_unknown_models() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sdxl-turbo'"):
        load_model("sdxl-trubo")
    with pytest.raises(UnknownNameError, match=r"no backend named 'difusers'\. Did you mean"):
        load_model("difusers:a/b")
    with pytest.raises(BadInputError, match="No such file"):
        load_model("./none.yaml")


def test_a_path_alone_is_told_which_backend_it_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {
        "writer/config.json": '{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}',
        "painter/model_index.json": '{"_class_name": "FluxPipeline"}',
        "tuned/adapter_config.json": "{}",
        "tuned/config.json": '{"model_type": "gpt2"}',
        "odd/config.json": "[",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    advice = {
        "./writer": "a model of transformers (GPT2LMHeadModel). Write transformers:./writer.",
        "./painter": "a pipeline of diffusers. Write diffusers:./painter.",
        "./tuned": "is an adapter. Give a .yaml file with the model that it belongs to",
        "./odd": "Write diffusers:./odd for a model of pictures, transformers:./odd for one of",
        "./none": "there is no such file or folder",
    }
    for spec, words in advice.items():
        with pytest.raises(BadInputError) as caught:
            load_model(spec)
        assert words in str(caught.value)


@pytest.mark.parametrize("rest", ["a\x1b[31m", "a@", "@b", " a", "x" * 501, "a\ud800"])
def test_strings_that_cannot_be_models(rest: str) -> None:
    with pytest.raises(BadInputError) as caught:
        load_model(f"diffusers:{rest}")
    assert "\x1b" not in str(caught.value)


SOURCES = st.text("aB1-_.@/~ é\\:", min_size=1, max_size=12)


@given(SOURCES, SOURCES, st.sampled_from(["diffusers", "fake"]))
def test_derived_names_are_safe_and_distinct(one: str, other: str, backend: str) -> None:
    models = []
    for spec in (f"diffusers:{one}", f"{backend}:{other}"):
        try:
            models.append(load_model(spec))
        except BadInputError:
            return
    for model in models:
        assert re.fullmatch(NAME_PATTERN, model.name)
        assert ".." not in model.name or "/" not in model.name
    first, second = ((m.backend, m.source, m.revision) for m in models)
    assert (models[0].name == models[1].name) == (first == second)
