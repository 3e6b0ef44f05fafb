"""Turn a published pickle into safetensors: `python -m … convert_checkpoint IN.pt OUT.safetensors`.

The pickle is read with `weights_only=True`, which builds tensors and runs no code of its own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import save_file

from evalharness.catalog.digests import file_digest
from evalharness.extractors.checkpoint_file import read_state


def convert(source: Path, target: Path) -> int:
    """Write the tensors of `source` to `target`; how many. Raises BadInputError."""
    state = read_state(source)
    save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, target)
    return len(state)


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Convert a pickle of tensors to safetensors.")
    parser.add_argument("source", type=Path, help="a .pt, .pth or .bin file of weights")
    parser.add_argument("target", type=Path, help="the .safetensors file to write")
    given = parser.parse_args(arguments)
    n = convert(given.source, given.target)
    print(f"{given.source} (sha256 {file_digest(given.source)}): {n} tensors to {given.target}")


if __name__ == "__main__":
    main()
