from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evalharness.board.pairwise import pairs_of

CELLS = st.one_of(st.just(np.nan), st.integers(-5, 5).map(float))


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 7)), elements=CELLS))
def test_every_pair_is_what_its_common_prompts_say(values: np.ndarray) -> None:
    found = pairs_of(values)
    for p, (i, j) in enumerate(zip(found.first, found.second, strict=True)):
        apart = values[i] - values[j]
        apart = apart[np.isfinite(apart)]
        assert found.common[p] == len(apart)
        assert found.differing[p] == np.count_nonzero(apart)
        if len(apart) > 1:
            assert np.isclose(found.difference[p], apart.mean())
            assert np.isclose(found.spread[p], apart.std(ddof=1))
        else:
            assert found.difference[p] == found.spread[p] == 0
    assert len(found.first) == len(values) * (len(values) - 1) // 2
