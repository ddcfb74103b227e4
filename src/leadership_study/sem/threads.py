"""One thread for linear algebra: small matrices are slower on several, and sums then depend on how many."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Run what is inside on one thread of the linear algebra library."""
    with _controller().limit(limits=1, user_api="blas"):
        yield
