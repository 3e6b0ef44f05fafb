"""What an exception of a batch means: too little memory, a broken device, or this batch only."""

from __future__ import annotations

import gc

import torch

OUT_OF_MEMORY = (
    "out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "DefaultCPUAllocator",
    "not enough memory",
)
BROKEN_DEVICE = (
    "CUDA error",
    "device-side assert",
    "illegal memory access",
    "CUBLAS_STATUS_EXECUTION_FAILED",
    "CUDNN_STATUS_EXECUTION_FAILED",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a smaller batch may help."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(m in str(error) for m in OUT_OF_MEMORY)


def breaks_device(error: BaseException) -> bool:
    """Whether the CUDA context is lost: every later call fails too, so the process must go."""
    if is_out_of_memory(error):
        return False
    return isinstance(error, RuntimeError) and any(m in str(error) for m in BROKEN_DEVICE)


def describe(error: BaseException) -> str:
    """One line for an attempt's reason."""
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:500]


def release_memory() -> None:
    """Give unused memory back; call it when no exception holds tensors any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
