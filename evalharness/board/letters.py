"""Compact letters for "cannot be separated", which is not transitive."""

from __future__ import annotations

import string

import numpy as np
from numpy.typing import NDArray


def tie_letters(better: NDArray[np.bool_]) -> list[str]:
    """Letters for models that stand best first; `better` (K, K): row separated above column.

    Two models share a letter exactly when neither is separated from the other: A ties with B
    and B with C while A and C are apart gives "A", "AB", "B". Every unseparated pair is put
    into a group, grown greedily in order to a maximal one, so there are at most as many groups
    as pairs and no group is inside another (the property of a compact letter display,
    Piepho 2004).
    """
    size = len(better)
    tied = ~(better | better.T)
    covered = np.eye(size, dtype=np.bool_)
    groups: list[list[int]] = []
    for i in range(size):
        partners = [j for j in range(size) if j != i and tied[i, j]]
        if not partners:
            groups.append([i])
        for j in partners:
            if covered[i, j]:
                continue
            group = [i, j]
            for k in range(size):
                if k not in group and all(tied[k, member] for member in group):
                    group.append(k)
            covered[np.ix_(group, group)] = True
            groups.append(sorted(group))
    groups.sort()
    return [
        "".join(_letter(g) for g, group in enumerate(groups) if i in group) for i in range(size)
    ]


def _letter(position: int) -> str:
    """A…Z, a…z, then A2…z2, A3 …"""
    alphabet = string.ascii_uppercase + string.ascii_lowercase
    turn, letter = divmod(position, len(alphabet))
    return alphabet[letter] + (str(turn + 1) if turn else "")
