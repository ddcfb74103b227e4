"""Arithmetic over labelled parameters: what stands on the right of ``:=`` and on both sides of ``==``, ``<``, ``>``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}
_STEP = 1e-30  # of the complex-step derivative: far below rounding, so the derivative is exact to rounding


@dataclass(frozen=True)
class Expression:
    """A formula as a tree: a number, a name, or an operator with its arguments."""

    kind: str
    value: float | str = 0.0
    arguments: "tuple[Expression, ...]" = ()

    @property
    def names(self) -> set[str]:
        """Labels that the formula uses."""
        own = {str(self.value)} if self.kind == "name" else set()
        return own.union(*(part.names for part in self.arguments))

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Return the value of the formula; ``values`` may be complex."""
        if self.kind == "number":
            return self.value
        if self.kind == "name":
            return values[str(self.value)]
        parts = [part.evaluate(values) for part in self.arguments]
        if self.kind == "call":
            return FUNCTIONS[str(self.value)](parts[0])
        if self.value == "negate":
            return -parts[0]
        left, right = parts
        match self.value:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
        return left**right


def values_of(
    expressions: Sequence[Expression], names: Mapping[str, int], parameters: NDArray[Any], known: Sequence[str] = ()
) -> NDArray[Any]:
    """Return the value of each expression; ``known[i]`` names expression i for those after it.

    ``names`` says where in ``parameters`` a label stands.
    """
    table: dict[str, Any] = {name: parameters[at] for name, at in names.items()}
    found = []
    with np.errstate(all="ignore"):
        for at, expression in enumerate(expressions):
            value = expression.evaluate(table)
            found.append(value)
            if known:
                table[known[at]] = value
    return np.array(found, dtype=parameters.dtype)


def jacobian_of(
    expressions: Sequence[Expression],
    names: Mapping[str, int],
    parameters: NDArray[np.float64],
    known: Sequence[str] = (),
) -> NDArray[np.float64]:
    """Return the derivatives of the expressions with respect to the parameters, expressions × parameters.

    Exact to rounding, by complex steps (Squire & Trapp, 1998, https://doi.org/10.1137/S003614459631241X).
    """  # fmt: skip
    found = np.zeros((len(expressions), len(parameters)))
    used = sorted({at for name, at in names.items() if any(name in part.names for part in expressions)})
    for at in used:
        stepped = parameters.astype(complex)
        stepped[at] += _STEP * 1j
        found[:, at] = values_of(expressions, names, stepped, known).imag / _STEP
    return found
