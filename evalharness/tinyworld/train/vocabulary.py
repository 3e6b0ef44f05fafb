"""A small CLIP tokenizer that holds every word of the embedded world as one token."""

from itertools import pairwise
from typing import Any

from transformers import CLIPTokenizer

from evalharness.tinyworld.scene import AESTHETICS, BACKGROUNDS, COLOURS, OBJECTS

CONTEXT = 24
_START, _END = "<|startoftext|>", "<|endoftext|>"
_WORDS = (
    "a an and of in on the to as is one two three four thing things photo photographs picture "
    "image drawing flat illustrations painting painted watercolor watercolours pixelated art "
    "style left right above over below under beneath background word sign that says letters "
    "written no with pixel s"
)


def _words() -> list[str]:
    nouns = [*OBJECTS, *(f"{name}s" for name in OBJECTS)]
    styles = " ".join(AESTHETICS).split()
    return sorted({*_WORDS.split(), *nouns, *styles, *COLOURS, *BACKGROUNDS})


def _byte_symbols() -> list[str]:
    """The printable stand-ins that byte-level BPE uses for the 256 bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return [chr(byte) for byte in shown] + [chr(256 + i) for i in range(len(hidden))]


def _segment(word: str, merges: list[tuple[str, str]]) -> list[str]:
    """How byte-pair encoding splits a word: the earliest merge that applies, again and again."""
    units = [*word[:-1], f"{word[-1]}</w>"]
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    while True:
        pairs = list(pairwise(units))
        known = [(ranks[pair], spot) for spot, pair in enumerate(pairs) if pair in ranks]
        if not known:
            return units
        _, spot = min(known)
        units[spot : spot + 2] = [units[spot] + units[spot + 1]]


def _merges() -> list[tuple[str, str]]:
    """Merges that make each word one token; later ones cannot disturb the words before."""
    merges: list[tuple[str, str]] = []
    for word in _words():
        built, *rest = _segment(word, merges)
        for unit in rest:
            merges.append((built, unit))
            built += unit
    return merges


def build_tokenizer() -> CLIPTokenizer:
    """Byte-level BPE whose merges build exactly the words of the captions.

    Other words fall into shorter pieces. The end token has the highest number, because CLIP
    text encoders find the end of a text by it, and it also pads.
    """
    symbols = _byte_symbols()
    merges = _merges()
    pieces = [*symbols, *(f"{symbol}</w>" for symbol in symbols)]
    pieces += [left + right for left, right in merges]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    vocabulary[_START] = len(vocabulary)
    vocabulary[_END] = len(vocabulary)
    rules: Any = merges  # pairs, though the annotation asks for strings
    return CLIPTokenizer(vocab=vocabulary, merges=rules, model_max_length=CONTEXT)
