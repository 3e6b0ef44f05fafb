import subprocess
import sys

import pytest


@pytest.fixture
def cli(tmp_path):
    """Run the command line as a person would: in a folder of its own, output captured."""

    def run(*arguments: str, check: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "evalharness", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == check, done.stderr
        return done

    return run
