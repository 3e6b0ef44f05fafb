from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

import evalharness
from evalharness.core.errors import BadInputError, StoreError, UnknownNameError


def test_importing_is_quick_and_light():
    code = "import sys, evalharness; assert not {'duckdb', 'pandas', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_run_and_leaderboard(tmp_path):
    (tmp_path / "p.txt").write_text("a red star\na blue fish\na green house\n")
    model = tmp_path / "m.yaml"
    model.write_text(yaml.safe_dump({"name": "m", "backend": "fake"}))
    store = tmp_path / "store"
    arguments = {"prompts": tmp_path / "p.txt", "models": str(model), "metrics": ["latency"]}
    report = evalharness.run(store=store, seeds=[0, 1], **arguments)
    assert report.generated == 6
    assert evalharness.run(store=store, seeds=[0, 1], **arguments).generated == 0
    frame = evalharness.leaderboard("p", store=store)
    assert len(frame) == 1
    assert (frame.filter(like="latency").iloc[0, 0]) > 0


def test_a_script_without_a_main_guard_works(tmp_path):
    (tmp_path / "p.txt").write_text("a red star\n")
    (tmp_path / "m.yaml").write_text(yaml.safe_dump({"name": "m", "backend": "fake"}))
    (tmp_path / "script.py").write_text(
        "import evalharness\n"
        "report = evalharness.run(prompts='p.txt', models='./m.yaml', metrics=['latency'])\n"
        "print(report.generated)\n"
    )
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"


def test_wrong_input_raises(tmp_path):
    with pytest.raises(UnknownNameError):
        evalharness.run("tinywrld", store=tmp_path)
    with pytest.raises(BadInputError, match="expected some of"):
        evalharness.run("tinyworld", retry=["sad"], store=tmp_path)
    with pytest.raises(BadInputError, match="at least 1"):
        evalharness.run("tinyworld", limit=0, store=tmp_path)
    with pytest.raises(StoreError, match="There is no store"):
        evalharness.leaderboard("tinyworld", store=tmp_path / "none")
