"""One thread for linear algebra: small matrices are slower on several, and sums then depend on how many."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Run what is inside on one thread of the linear algebra library."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@contextmanager
def told() -> Iterator[None]:
    """Run what is inside on one thread; a matrix that cannot be inverted is told in words."""
    try:
        with one_thread():
            yield
    except np.linalg.LinAlgError as error:
        text = (
            "A matrix that the results are made of cannot be inverted at this solution: it is degenerate; change the "
            "model, or collect more answers."
        )
        raise InsufficientDataError(Note("model_degenerate", text)) from error
