"""The digests of fixed inputs, as literals. A key that changes regenerates everybody's results:
change one of these only on purpose, together with a version that says so."""

from evalharness.core import keys
from evalharness.core.job_keys import job_key
from evalharness.core.nouns import Adapter, Instrument, Model, Prompt, Resolution, Suite

PROMPT = Prompt(
    id="cat-1",
    text="a café with a sign “OPEN”, 2 cats",
    target="open",
    checks={"lettering": "OPEN", "count": 2},
    tags={"category": "animals"},
)
SUITE = Suite(
    name="small",
    version=3,
    title="A small suite",
    protocol="matched",
    modality="image",
    prompts=(PROMPT, Prompt(id="dog", text="a dog")),
    seeds=(0, 7),
    metrics=("clip_score[tiny-clip]", "latency"),
    models=("tiny-base",),
    settings={"steps": 4, "guidance": 0.5},
    reference="tinyworld:1024",
)
HUB_MODEL = Model(
    name="turbo",
    backend="diffusers",
    source="stabilityai/sdxl-turbo",
    revision="main",
    settings={"steps": 4},
    options={"dtype": "bfloat16", "quantisation": {"bits": 4}},
    placement={"device": "cuda", "batch_size": 8},
    template="{prompt}, in TOK style",
    negative_prompt="blurry",
    adapters=(Adapter("org/lora", "v1", 0.75), Adapter("./lora.safetensors")),
    title="Turbo",
    licence="some",
)
HUB_RESOLUTION = Resolution(
    revision="71153311d3dbb46851df1931d3ca6e939de83304",
    location="/somewhere",
    adapters=(Resolution("0123abcd"), Resolution("sha256:99ff")),
)
LOCAL_MODEL = Model(name="mine", backend="diffusers", source="./mine")
INSTRUMENT = Instrument("tiny-clip", "open_clip", "package:x", options={"layer": -1})


def test_digest_of_every_json_type() -> None:
    payload = {"b": [1, 2.5, None, True], "a": {"ü": "“text”\n", "empty": {}}, "c": -0.0, "d": 1e22}
    assert (
        keys.digest(payload) == "b9b5e7be7fd73edb71966d350a8fb29822a93c3c4d39276a06dd6fe87b8dcc29"
    )


def test_prompt_digest() -> None:
    assert (
        keys.prompt_digest(PROMPT)
        == "50faa02da73024e2e653d8d45f47b6b1419144d194c17a591493033dcaddb6c8"
    )
    assert (
        keys.prompt_digest(Prompt(id="dog", text="a dog"))
        == "65310d88fd6dbbdda2779e9ec8e1174dbd3bf0b4326fed05de73433bd0656782"
    )


def test_suite_digest() -> None:
    assert (
        keys.suite_digest(SUITE)
        == "cb757849a2c4a41dc88f6dd1ce1c71a5fedc6aca97887f022ed9a906f6f12e55"
    )


def test_model_digest() -> None:
    assert (
        keys.model_digest(HUB_MODEL, HUB_RESOLUTION)
        == "224771d71c85596c1df7a3fff799027207bae6e28a5820cc386545e692ec0566"
    )
    assert (
        keys.model_digest(LOCAL_MODEL, Resolution("sha256:00aa"))
        == "0e43d5404d7f17da8d03e3876c32592b04b7045909664eb40847e7f1d1dbd851"
    )


def test_job_key() -> None:
    assert (
        job_key("aa" * 32, 2, PROMPT, 7, {"steps": 4, "guidance": 0.5})
        == "faa109e76e2cc397e5896d61e305de794aabf41c573a176ee5820d212489c0f6"
    )


def test_variant_key() -> None:
    assert (
        keys.variant_key("aa" * 32, {"steps": 4, "guidance": 0.5})
        == "d6e24dd8380d686318a2cc9899765874de4fa500f932c21a54902ca441adb566"
    )


def test_text_subject() -> None:
    assert (
        keys.text_subject("a café")
        == "2b583b17e77987227e55c801bf105b63d64fb04930ddbd8251d89eb35ab8d416"
    )


def test_feature_key() -> None:
    assert (
        keys.feature_key("bb" * 32, INSTRUMENT, "sha256:00aa", 1)
        == "bda39db53c8c397d628e9ed889ad62203a1dde61b0a2835f0bf6cdd834a2032b"
    )


def test_score_key() -> None:
    assert (
        keys.score_key("clip_score[tiny-clip]", 1, ["cc" * 32, "dd" * 32])
        == "96c67d44255f3739fe8c6a4ed31c869147c1d7e0c07e77574f457c5bde95607c"
    )


def test_set_score_key() -> None:
    members = ["cc" * 32, "dd" * 32]
    assert (
        keys.set_score_key("fid[tiny-clip]", 1, members, "ee" * 32)
        == "cf01578472c803323ef850e42b2bde450b7eff2e71236b0e99ebfa99320fe1d1"
    )
    assert (
        keys.set_score_key("throughput", 1, members, None)
        == "78521bb7ffeb572f0f04efd09149946c9e41c75a22594c429b658d0eea7facd1"
    )
