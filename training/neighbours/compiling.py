"""How the kernel is compiled: without the interpreter's lock, cached on disk where possible."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

#: No ``fastmath``: additions keep their written order, for the last bit is part of the result.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}

#: Inner functions are called by compiled ones only; the ways in from Python would double the
#: time it takes to compile them.
INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def jit(function: Function) -> Function:
    """Compile a function for those compiled functions that call it; Python cannot call it."""
    return cast(Function, numba.njit(**OPTIONS, **INNER)(function))


def cached_jit(*modules: str) -> Callable[[Function], Function]:
    """Compile a function and all it calls, once for a machine.

    The machine code is kept beside the module, else in the user's cache folder, or where
    ``NUMBA_CACHE_DIR`` says. A read-only installation without any of them must still work:
    numba refuses such a cache with an error, and then every process compiles anew.

    Args:
        modules: Names of the other modules whose code is compiled in. numba notices changes of
            the function's own file only, so a digest of theirs becomes part of the cache's name.
    """

    def compiled(function: Function) -> Function:
        function.__qualname__ += f"_{_digest(modules)}"
        try:
            return cast(Function, numba.njit(cache=True, **OPTIONS)(function))
        except RuntimeError:
            return cast(Function, numba.njit(**OPTIONS)(function))

    return compiled


def _digest(modules: tuple[str, ...]) -> str:
    """Digest of the modules' source, in hex; of their names only where there is no source."""
    digest = hashlib.sha256()
    for name in modules:
        digest.update(name.encode())
        path = Path(getattr(sys.modules[name], "__file__", None) or "")
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
