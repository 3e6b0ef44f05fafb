from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest
import yaml

from evalharness.ledger.published import connect
from evalharness.ledger.store import Store


@pytest.fixture
def prompts(tmp_path) -> str:
    path = tmp_path / "my.jsonl"
    lines = [
        {"id": f"p{n}", "text": f"a thing, number {n}", "tags": {"odd": str(n % 2)}}
        for n in range(4)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path.name


@pytest.fixture
def model(tmp_path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"name": "mine", "backend": "fake"}))
    return f"./{path.name}"


def test_help_is_quick_and_without_torch():
    code = (
        "import sys; sys.argv = ['evalharness', '--help']\n"
        "from evalharness.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'pandas', 'duckdb', 'streamlit', 'diffusers'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    "verb",
    [
        *("demo", "plan", "run", "score", "board", "compare", "show", "report", "list"),
        *("import-prompts", "status", "app", "rebuild"),
    ],
)
def test_every_verb_explains_itself(cli, verb):
    assert "Usage" in cli(verb, "--help").stdout


def test_the_verbs_in_a_row(cli, tmp_path, prompts, model):
    ask = ["--prompts", prompts, "--models", model, "--metrics", "latency"]
    planned = cli("plan", *ask)
    assert "mine" in planned.stdout
    assert not (tmp_path / "results").exists()
    ran = cli("run", *ask)
    assert "4 outputs generated" in ran.stderr
    assert "0 outputs generated" in cli("run", *ask).stderr
    assert "mine" in cli("status").stdout
    assert "latency" in cli("board").stdout
    assert "mine" in cli("board", "--where", "odd=1", "--format", "markdown").stdout
    assert (
        cli("board", "--format", "csv").stdout.startswith("suite")
        or "," in cli("board", "--format", "csv").stdout
    )
    json.loads(cli("board", "--format", "json").stdout)
    assert "Rebuilt" in cli("rebuild").stdout
    assert "0 outputs generated" in cli("run", *ask).stderr


def test_score_generates_nothing(cli, prompts, model):
    ask = ["--prompts", prompts, "--models", model]
    cli("run", *ask, "--metrics", "latency")
    scored = cli("score", *ask, "--metrics", "clip_score[fake],latency")
    assert "0 outputs generated" in scored.stderr
    assert "4 scores" in scored.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "tinywrld"], "Did you mean 'tinyworld'"),
        (["run", "tinyworld", "--models", "tiny-bas"], "Did you mean 'tiny-base'"),
        (["run", "tinyworld", "--metrics", "clip_scor[fake]"], "Did you mean 'clip_score'"),
        (["run"], "Nothing to run"),
        (["run", "--prompts", "none.txt", "--models", "fake:x"], "none.txt"),
        (["run", "tinyworld", "--retry", "sad"], "expected some of ok"),
        (["run", "tinyworld", "--seeds", "one"], "expected whole numbers"),
        (["run", "tinyworld", "--set", "steps"], "expected NAME=VALUE"),
        (["board"], "There is no store"),
        (["board", "--where", "style"], "expected TAG=VALUE"),
        (["status"], "There is no store"),
        (["rebuild"], "There is no store"),
    ],
)
def test_wrong_input_is_explained_in_one_line(cli, tmp_path, arguments, words):
    failed = cli(*arguments, check=2)
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not (tmp_path / "results").exists()


def test_malformed_prompts_name_file_line_and_field(cli, tmp_path, model):
    (tmp_path / "bad.jsonl").write_text('{"id": "a", "text": "x"}\n{"id": "b", "txt": "y"}\n')
    failed = cli("run", "--prompts", "bad.jsonl", "--models", model, check=2)
    assert "bad.jsonl" in failed.stderr
    assert "2" in failed.stderr
    assert "txt" in failed.stderr


def test_missing_weights_say_what_where_and_how(cli, prompts):
    failed = cli(
        "run",
        "--prompts",
        prompts,
        "--models",
        "diffusers:someone/something",
        "--metrics",
        "latency",
        check=1,
    )
    assert "someone/something" in failed.stderr
    assert "hf download" in failed.stderr


def test_a_folder_of_pickles_is_refused(cli, tmp_path, prompts):
    folder = tmp_path / "pickles"
    (folder / "unet").mkdir(parents=True)
    (folder / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
    failed = cli(
        "run",
        "--prompts",
        prompts,
        "--models",
        "diffusers:./pickles",
        "--metrics",
        "latency",
        check=1,
    )
    assert "safetensors" in failed.stderr


def test_a_newer_store_is_left_alone(cli, tmp_path, prompts, model):
    cli("run", "--prompts", prompts, "--models", model, "--metrics", "latency")
    marker = tmp_path / "results" / "evalharness-store.json"
    content = json.loads(marker.read_text())
    marker.write_text(json.dumps({**content, "schema": content["schema"] + 1}))
    failed = cli("run", "--prompts", prompts, "--models", model, check=2)
    assert "newer" in failed.stderr.lower()


def test_a_full_disk_is_told_and_loses_nothing(cli, tmp_path, prompts, model):
    ask = ["--prompts", prompts, "--models", model, "--metrics", "latency"]
    cli("run", *ask)
    limited = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        f"sys.argv = {['evalharness', 'run', *ask, '--fresh']!r}\n"
        "from evalharness.cli.main import main\nmain()\n"
    )
    failed = subprocess.run(
        [sys.executable, "-c", limited], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert failed.returncode == 2
    assert "Traceback" not in failed.stderr
    assert "0 outputs generated" in cli("run", *ask).stderr


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_goes_on_where_it_stopped(cli, tmp_path, prompts, stop):
    slow = tmp_path / "slow.yaml"
    slow.write_text(
        yaml.safe_dump({"name": "slow", "backend": "fake", "options": {"latency_s": 0.5}})
    )
    ask = ["--prompts", prompts, "--models", str(slow), "--metrics", "latency"]
    # a shell that runs the tests in the background makes its children deaf to Ctrl-C
    listening = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from evalharness.cli.main import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", listening, "run", *ask, "--seeds", "0,1,2,3,4"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = tmp_path / "results" / "journal"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list(journal.rglob("attempts.parquet"))) < 2:
        time.sleep(0.05)
    process.send_signal(stop)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "goes on where this one stopped" in said
    rest = cli("run", *ask, "--seeds", "0,1,2,3,4").stderr
    assert "outputs generated" in rest
    assert "20 outputs generated" not in rest


def test_a_run_tells_why_models_did_not_answer(cli, tmp_path, prompts):
    for name, options in {"shy": {"refuse": 1.0}, "broken": {"fail": 1.0}}.items():
        spec = {"name": name, "backend": "fake", "options": options}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(spec))
    ask = ["--prompts", prompts, "--metrics", "latency", "--models"]
    refused = cli("run", *ask, "./shy.yaml")
    assert "4 refused (shy), such as p" in refused.stderr
    failed = cli("run", *ask, "./broken.yaml", check=1)
    assert "4 failed (broken), such as p" in failed.stderr


def test_a_password_that_is_refused_is_stored_nowhere(cli, tmp_path, prompts):
    ask = ["--prompts", prompts, "--models", "server:http://me:hunter2@127.0.0.1:9/v1#m"]
    told = cli("run", *ask, check=1)
    assert "would be stored with" in told.stderr.replace("\n", " ")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 1
    assert not [path for path in files if b"hunter2" in path.read_bytes()]
    connection = connect(Store.open(tmp_path / "results"))
    [(arguments,)] = connection.execute("SELECT arguments FROM runs").fetchall()
    connection.close()
    assert "127.0.0.1:9/v1#m" in arguments
    assert "hunter2" not in arguments


def test_choose_says_what_it_is_not_for(cli, tmp_path, prompts):
    spec = {"name": "words", "backend": "fake", "modality": "text"}
    (tmp_path / "words.yaml").write_text(yaml.safe_dump(spec))
    cli("run", "--prompts", prompts, "--metrics", "latency", "--models", "./words.yaml")
    told = cli("choose", "my", check=2).stderr
    assert "look of their pictures" in told
    assert "evalharness board my" in told
