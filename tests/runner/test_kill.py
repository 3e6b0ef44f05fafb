from __future__ import annotations

import pytest

from tests.benchmarks.kills import kills


@pytest.mark.slow
def test_killed_runs_lose_and_double_nothing(tmp_path, model, suite):
    path = suite(
        prompts=60, metrics=["clip_score[fake]", "kid[fake]", "latency"], reference="tinyworld:300"
    )
    models = ",".join(
        model(name, backend="painter", options={"latency_s": 0.01, "refuse": 0.1})
        for name in ("one", "two")
    )
    for kill in kills(tmp_path, [path, "--models", models], rounds=4):
        assert kill.orphans == 0
        assert kill.differing == ()
        assert kill.doubled == 0
        assert kill.redone <= 16
