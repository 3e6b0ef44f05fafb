from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.catalog import digests, layout
from evalharness.catalog.weights import local_path, resolve_source
from evalharness.core.errors import BadInputError, MissingWeightsError, UntrustedWeightsError
from evalharness.core.nouns import Resolution

PATTERNS = ("model_index.json", "*/*.json", "*/*.safetensors")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def pipeline(folder: Path) -> Path:
    index = {
        "_class_name": "AnyPipeline",
        "_name_or_path": "x",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "safety_checker": [None, None],
    }
    files = {
        "model_index.json": json.dumps(index),
        "unet/config.json": "{}",
        "unet/diffusion_pytorch_model.safetensors": "weights",
        "scheduler/scheduler_config.json": "{}",
        "README.md": "words",
    }
    return write(folder, files)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVALHARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return tmp_path / "cache"


def resolve(
    source: object,
    revision: str | None = None,
    *,
    variant: str | None = None,
    patterns: tuple[str, ...] = PATTERNS,
) -> Resolution:
    return resolve_source(
        str(source), revision, patterns=patterns, what="model 'm'", variant=variant
    )


def test_a_moved_or_touched_folder_keeps_its_revision(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "a")
    first = resolve(folder)
    os.utime(folder / "unet/config.json", (1, 1))
    (folder / "README.md").write_text("other words")
    assert resolve(folder).revision == first.revision
    folder.rename(tmp_path / "b")
    moved = resolve(tmp_path / "b")
    assert moved.revision == first.revision
    assert moved.revision.startswith("sha256:") and moved.location == str(tmp_path / "b")


def test_a_changed_or_renamed_file_changes_the_revision(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "a")
    seen = {resolve(folder).revision}
    (folder / "unet/diffusion_pytorch_model.safetensors").write_text("weighty")
    seen.add(resolve(folder).revision)
    (folder / "unet/other.json").write_text("{}")
    seen.add(resolve(folder).revision)
    (folder / "unet/other.json").rename(folder / "unet/another.json")
    seen.add(resolve(folder).revision)
    assert len(seen) == 4


def test_a_pinned_digest_must_match(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "a")
    revision = resolve(folder).revision
    assert resolve(folder, revision).revision == revision
    with pytest.raises(BadInputError, match="is pinned to revision sha256:00"):
        resolve(folder, "sha256:00")


def test_digests_are_remembered_by_size_and_mtime(tmp_path: Path, own_cache: Path) -> None:
    file = tmp_path / "w.safetensors"
    file.write_text("old")
    os.utime(file, (1000, 1000))
    old = digests.file_digest(file)
    file.write_text("new")
    os.utime(file, (1000, 1000))
    assert digests.file_digest(file) == old
    os.utime(file, (1001, 1001))
    new = digests.file_digest(file)
    assert new != old
    (own_cache / digests.MEMORY_NAME).write_text("{ damaged")
    assert digests.file_digest(file) == new


def test_a_young_file_is_read_again(tmp_path: Path, own_cache: Path) -> None:
    file = tmp_path / "w.safetensors"
    file.write_text("old")
    digests.file_digest(file)
    assert not (own_cache / digests.MEMORY_NAME).exists()


def test_an_unusable_cache_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "w.safetensors"
    file.write_text("x")
    os.utime(file, (1000, 1000))
    monkeypatch.setenv("EVALHARNESS_CACHE", str(file / "below-a-file"))
    assert digests.file_digest(file) == digests.file_digest(file)


def test_pickles_only_are_refused_with_the_remedy(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", {"model_index.json": "{}", "unet/model.bin": "", "a.ckpt": ""})
    with pytest.raises(UntrustedWeightsError, match=r"pickles only .*safe_serialization"):
        resolve(folder)
    with pytest.raises(UntrustedWeightsError):
        resolve(folder / "a.ckpt")


def test_one_component_with_pickles_only_is_refused(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "p")
    write(folder, {"text/config.json": "{}", "text/pytorch_model.bin": ""})
    with pytest.raises(UntrustedWeightsError, match=r"text/pytorch_model\.bin"):
        resolve(folder)


def test_pickles_beside_safetensors_and_openvino_files_are_ignored(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "p")
    extra = {"unet/model.bin": "", "v1.ckpt": "", "vae_d/config.json": "{}"}
    write(folder, {**extra, "vae_d/openvino_model.bin": ""})
    assert resolve(folder).location == str(folder)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("unet/diffusion_pytorch_model.safetensors", "unet/ .* no complete safetensors"),
        ("scheduler/scheduler_config.json", "folder scheduler/ .* is not there"),
    ],
)
def test_an_incomplete_folder_says_what_is_missing(tmp_path: Path, missing: str, said: str) -> None:
    folder = pipeline(tmp_path / "p")
    (folder / missing).unlink()
    with pytest.raises(MissingWeightsError, match=said):
        resolve(folder)


def test_shards_must_all_be_there(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "p")
    (folder / "unet/diffusion_pytorch_model.safetensors").unlink()
    shards = [f"m-0000{i}-of-00002.safetensors" for i in (1, 2)]
    index = json.dumps({"weight_map": {"a": shards[0], "b": shards[1]}})
    write(folder, {"unet/m.safetensors.index.json": index, f"unet/{shards[0]}": ""})
    with pytest.raises(MissingWeightsError, match="no complete"):
        resolve(folder)
    write(folder, {f"unet/{shards[1]}": ""})
    assert resolve(folder).location


def test_an_unreadable_index_is_named(tmp_path: Path) -> None:
    folder = write(pipeline(tmp_path / "p"), {"model_index.json": "{"})
    with pytest.raises(BadInputError, match=r"model_index\.json is no JSON"):
        resolve(folder)


def test_sources() -> None:
    assert local_path("org/name") is None
    assert local_path("org/name/file.safetensors") is None
    assert local_path("./missing/folder") == Path("missing/folder").absolute()
    inside = local_path("package:catalog/weights.py")
    assert inside is not None and inside.is_file()


def test_nothing_at_a_path(tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError, match=r"nothing at .*Give an existing folder"):
        resolve(tmp_path / "none")


def cache(tmp_path: Path, commit: str = COMMIT, ref: str = "main") -> Path:
    repository = tmp_path / "hub/models--org--name"
    write(repository, {f"refs/{ref}": commit})
    return pipeline(repository / "snapshots" / commit)


@pytest.mark.parametrize("revision", [None, "main", COMMIT])
def test_offline_the_cache_answers(tmp_path: Path, revision: str | None) -> None:
    snapshot = cache(tmp_path)
    assert resolve("org/name", revision) == Resolution(COMMIT, str(snapshot))


def test_missing_offline_says_what_where_and_how(tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError) as caught:
        resolve("org/name", "v1")
    message = str(caught.value)
    for part in (
        "model 'm'",
        "org/name@v1",
        str(tmp_path / "hub"),
        "HF_HUB_OFFLINE",
        "hf download org/name --revision v1",
    ):
        assert part in message


def test_an_incomplete_snapshot_is_missing_offline(tmp_path: Path) -> None:
    (cache(tmp_path) / "unet/diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(MissingWeightsError, match="completely"):
        resolve("org/name")


PLAIN_ONLY = (*PATTERNS, "!*/*.*.safetensors", "!*.safetensors.index.*.json")


def test_only_what_is_chosen_makes_a_snapshot_whole(tmp_path: Path) -> None:
    snapshot = cache(tmp_path)
    plain = snapshot / "unet/diffusion_pytorch_model.safetensors"
    plain.rename(plain.with_suffix(".fp16.safetensors"))
    assert resolve("org/name", variant="fp16").location == str(snapshot)
    with pytest.raises(MissingWeightsError, match="completely"):
        resolve("org/name", patterns=PLAIN_ONLY)
    with pytest.raises(MissingWeightsError, match="completely"):
        resolve("org/name", variant="bf16")


def test_weights_of_another_name_fill_no_gap_of_a_single_model(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", {"config.json": "{}", "model.safetensors": "x"})
    with pytest.raises(MissingWeightsError, match="no complete safetensors"):
        resolve(folder, patterns=("config.json", "open_clip_model.safetensors"))
    write(folder, {"open_clip_model.safetensors": "x"})
    assert resolve(folder, patterns=("config.json", "open_clip_model.safetensors")).location


def test_shards_of_a_variant(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "p")
    shards = [f"m.fp16-0000{i}-of-00002.safetensors" for i in (1, 2)]
    index = json.dumps({"weight_map": {"a": shards[0], "b": shards[1]}})
    write(folder, {"unet/m.safetensors.index.fp16.json": index, f"unet/{shards[0]}": ""})
    with pytest.raises(MissingWeightsError, match="no complete"):
        resolve(folder, variant="fp16")
    assert resolve(folder, patterns=PLAIN_ONLY).location == str(folder)
    write(folder, {f"unet/{shards[1]}": ""})
    assert resolve(folder, variant="fp16").location == str(folder)


@pytest.mark.parametrize("content", ["{", "[]", '{"weight_map": {}}', '{"weight_map": []}'])
def test_an_index_that_names_no_shards_is_no_weights(tmp_path: Path, content: str) -> None:
    folder = pipeline(tmp_path / "p")
    (folder / "unet/diffusion_pytorch_model.safetensors").unlink()
    write(folder, {"unet/m.safetensors.index.json": content})
    with pytest.raises(MissingWeightsError, match="no complete"):
        resolve(folder)


def test_one_file_of_a_repository(tmp_path: Path) -> None:
    snapshot = cache(tmp_path)
    write(snapshot, {"lora.safetensors": "x"})
    found = resolve("org/name/lora.safetensors", "main")
    assert found == Resolution(COMMIT, str(snapshot / "lora.safetensors"))


class Hub(BaseHTTPRequestHandler):
    files: tuple[tuple[str, int], ...] = ()
    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        known = "/api/models/org/name" in self.path
        siblings = [{"rfilename": name, "size": size} for name, size in self.files]
        told = {"id": "org/name", "sha": OTHER, "siblings": siblings, "tags": []}
        self.send_response(200 if known else 404)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(told if known else {"error": "Repository not found"}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    Hub.asked = []
    Hub.files = (("unet/model.safetensors", 700), ("unet/config.json", 7), ("big.ckpt", 9000))
    with HTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield Hub
        server.shutdown()
        thread.join()


def test_online_a_branch_becomes_a_commit_and_bytes(hub: type[Hub]) -> None:
    assert resolve("org/name") == Resolution(OTHER, None, 707)
    assert hub.asked


def test_a_download_is_of_one_variant(hub: type[Hub]) -> None:
    hub.files = (
        ("unet/model.safetensors", 1),
        ("unet/model.fp16.safetensors", 20),
        ("unet/model.non_ema.safetensors", 300),
        ("text/model-00001-of-00002.safetensors", 4000),
        ("text/model-00002-of-00002.safetensors", 4000),
        ("text/model.safetensors.index.json", 50),
        ("vae/model-00001-of-00001.safetensors", 600_000),
        ("vae/model.fp16-00001-of-00001.safetensors", 7_000_000),
        ("vae/model.safetensors.index.fp16.json", 80_000_000),
    )
    assert resolve("org/name", variant="fp16").download_bytes == 87_008_070
    assert resolve("org/name", patterns=PLAIN_ONLY).download_bytes == 608_051
    with pytest.raises(MissingWeightsError, match="no weights of variant 'bf16'"):
        resolve("org/name", variant="bf16")


def test_a_repository_of_variants_only_says_so(hub: type[Hub]) -> None:
    hub.files = (("a/config.json", 1), ("unet/config.json", 1), ("unet/m.fp16.safetensors", 2))
    with pytest.raises(MissingWeightsError, match=r"no weights .*holds: unet/m\.fp16\.safet"):
        resolve("org/name", patterns=PLAIN_ONLY)


def test_a_cached_commit_asks_nobody(tmp_path: Path, hub: type[Hub]) -> None:
    snapshot = cache(tmp_path)
    assert resolve("org/name", COMMIT).location == str(snapshot)
    assert hub.asked == []


def test_online_pickles_are_refused_before_the_download(hub: type[Hub]) -> None:
    hub.files = (("unet/model.bin", 1), ("unet/config.json", 1))
    with pytest.raises(UntrustedWeightsError, match="org/name"):
        resolve("org/name")


def test_an_unknown_repository_is_told(hub: type[Hub]) -> None:
    with pytest.raises(MissingWeightsError, match="the Hub answered"):
        resolve("org/other")


def test_an_unreachable_hub_falls_back_to_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = cache(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert resolve("org/name").location == str(snapshot)
    shutil.rmtree(snapshot)
    with pytest.raises(MissingWeightsError, match="could not be reached"):
        resolve("org/name")


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("unet/model.safetensors", ""),
        ("model-00001-of-00002.safetensors", ""),
        ("unet/model.safetensors.index.json", ""),
        ("unet/model.fp16.safetensors", "fp16"),
        ("unet/model.fp16-00001-of-00002.safetensors", "fp16"),
        ("unet/model-00001-of-00002.fp16.safetensors", "fp16"),
        ("unet/model.safetensors.index.fp16.json", "fp16"),
        ("unet/model.safetensors.fp16.index.json", "fp16"),
        ("v1.5/model.safetensors", ""),
        ("unet/config.json", None),
        ("unet/model.fp16.bin", None),
        ("safetensors", None),
    ],
)
def test_the_variant_of_a_file(name: str, variant: str | None) -> None:
    assert layout.variant_of(name) == variant


FILES = st.from_regex(r"[ab]/m(\.(fp16|bf16))?\.(safetensors|json)", fullmatch=True)


@given(st.lists(FILES, unique=True))
def test_every_folder_keeps_one_variant_and_all_else(names: list[str]) -> None:
    kept = layout.chosen(names, ("*",), "fp16")
    assert [n for n in kept if n.endswith(".json")] == [n for n in names if n.endswith(".json")]
    for folder in "ab":
        there = {n for n in names if n.startswith(folder) and n.endswith(".safetensors")}
        best = {f"{folder}/m.fp16.safetensors"} & there or {f"{folder}/m.safetensors"} & there
        assert {n for n in kept if n in there} == best


NAMES = st.from_regex(r"[a-c]{1,2}(/[a-c]{1,2})?\.(bin|safetensors|json|pt)", fullmatch=True)


@given(st.lists(NAMES, unique=True))
def test_pickles_alone_never_blames_safetensors(names: list[str]) -> None:
    blamed = layout.pickles_alone(names)
    assert set(blamed) <= {n for n in names if n.endswith((".bin", ".pt"))}
    if not any(n.endswith(".safetensors") for n in names):
        assert set(blamed) == {n for n in names if n.endswith((".bin", ".pt"))}


@given(st.lists(NAMES, unique=True))
def test_chosen_excludes_after_including(names: list[str]) -> None:
    kept = layout.chosen(names, ("*.json", "*.bin", "!a*"))
    assert kept == [n for n in names if n.endswith((".json", ".bin")) and not n.startswith("a")]
