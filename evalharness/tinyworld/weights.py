"""Where the trained networks lie."""

from pathlib import Path

NETWORKS = ("tiny-base", "tiny-undertrained", "tiny-clip", "tiny-oracle")


def weights_folder(name: str) -> Path:
    """The folder of a network that ships with the package."""
    if name not in NETWORKS:
        raise ValueError(f"no network {name!r} in the embedded world; there are {NETWORKS}")
    return Path(__file__).parent / "weights" / name
