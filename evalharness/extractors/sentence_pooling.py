"""One vector of a text out of one for each of its tokens, by sentence-transformers' formulas."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def pooled(
    poolings: Sequence[str], hidden: torch.Tensor, mask: torch.Tensor, left_out: int = 0
) -> torch.Tensor:
    """(n, d) for each pooling, side by side.

    `hidden` float (n, length, d) are the tokens' vectors, `mask` int64 (n, length) is 1 where a
    token is and 0 behind it; the first `left_out` tokens are not pooled.
    """
    shown = mask.clone()
    shown[:, :left_out] = 0
    return torch.cat([_pooled(pooling, hidden, shown) for pooling in poolings], dim=-1)


def _pooled(pooling: str, hidden: torch.Tensor, shown: torch.Tensor) -> torch.Tensor:
    weights = shown.unsqueeze(-1).to(hidden.dtype)
    places = torch.arange(shown.shape[1], device=shown.device)
    rows = torch.arange(len(hidden), device=shown.device)
    match pooling:
        case "cls":
            return hidden[rows, shown.argmax(dim=1)]
        case "lasttoken":
            return hidden[rows, (shown * places).argmax(dim=1)]
        case "max":
            return hidden.masked_fill(weights == 0, float("-inf")).amax(dim=1)
        case "weightedmean":
            weights = weights * (places + 1).to(hidden.dtype)[None, :, None]
    total = (hidden * weights).sum(dim=1)
    count = weights.sum(dim=1).clamp(min=1e-9)
    return total / (count.sqrt() if pooling == "mean_sqrt_len_tokens" else count)
