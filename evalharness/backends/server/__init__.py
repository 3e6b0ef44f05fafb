"""Models behind OpenAI-compatible HTTP servers: vLLM, llama.cpp, Ollama, `transformers serve`, ….

Importing this package is light; httpx comes with `backend.open_backend`.
"""

from evalharness.backends.server.entry import ENTRY

__all__ = ["ENTRY"]
