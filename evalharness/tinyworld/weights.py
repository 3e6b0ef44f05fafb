"""Where the trained networks lie."""

from pathlib import Path

FINE_TUNES = {
    "tiny-photo": "photograph",
    "tiny-illustration": "illustration",
    "tiny-watercolour": "watercolour",
    "tiny-pixel": "pixel art",
}
"""Fine-tunes of tiny-base by the aesthetic that is each one's own."""

NETWORKS = (
    "tiny-base",
    "tiny-undertrained",
    *FINE_TUNES,
    "tiny-clip",
    "tiny-oracle",
    "tiny-objects",
)


def weights_folder(name: str) -> Path:
    """The folder of a network that ships with the package."""
    if name not in NETWORKS:
        raise ValueError(f"no network {name!r} in the embedded world; there are {NETWORKS}")
    return Path(__file__).parent / "weights" / name
