"""What an estimator's name stands for: discrepancy, standard errors and test."""

from dataclasses import dataclass, replace
from typing import Literal

Estimator = Literal["ML", "MLM", "MLR", "GLS", "ULS", "WLS", "DWLS", "WLSMV", "ULSMV"]
Missing = Literal["listwise", "fiml", "pairwise"]
Likelihood = Literal["normal", "wishart"]
Information = Literal["expected", "observed"]
Errors = Literal["standard", "robust", "none"]
Method = Literal["ML", "GLS", "ULS", "WLS", "DWLS"]
Scaling = Literal["none", "satorra_bentler", "yuan_bentler_mplus", "scaled_shifted"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a model is fitted.

    Attributes
    ----------
    method
        The discrepancy that is minimised.
    errors
        "standard": inverse information; "robust": a sandwich (Satorra–Bentler's for MLM and least squares,
        Huber–White's for MLR).
    scaling
        How the test statistic is corrected.
    """

    estimator: Estimator
    method: Method
    errors: Errors
    scaling: Scaling
    information: Information = "expected"
    likelihood: Likelihood = "normal"
    missing: Missing = "listwise"
    meanstructure: bool = False
    clustered: bool = False
    ordered: bool = False

    @property
    def unbiased(self) -> bool:
        """Whether covariances have divisor n − 1 and the statistic the factor n − 1, as in lavaan."""
        return self.method != "ML" or self.likelihood == "wishart"


_MEANING: dict[str, tuple[Method, Errors, Scaling]] = {
    "ML": ("ML", "standard", "none"),
    "MLM": ("ML", "robust", "satorra_bentler"),
    "MLR": ("ML", "robust", "yuan_bentler_mplus"),
    "GLS": ("GLS", "standard", "none"),
    "ULS": ("ULS", "standard", "none"),
    "WLS": ("WLS", "standard", "none"),
    "DWLS": ("DWLS", "standard", "none"),
    "WLSMV": ("DWLS", "robust", "scaled_shifted"),
    "ULSMV": ("ULS", "robust", "scaled_shifted"),
}
ESTIMATORS = tuple(_MEANING)


def options_of(
    estimator: str | None,
    *,
    missing: Missing = "listwise",
    information: Information | None = None,
    likelihood: Likelihood = "normal",
    errors: Errors | None = None,
    meanstructure: bool = False,
    clustered: bool = False,
    ordered: bool = False,
) -> Options:
    """Resolve an estimator's name and refuse what does not go together.

    Raises
    ------
    ValueError
        For an unknown estimator or a combination that has no meaning.
    """
    name = estimator if estimator is not None else ("WLSMV" if ordered else "MLR" if clustered else "ML")
    if name == "ML" and clustered:  # the same estimates; errors and test allow for the clusters
        name = "MLR"
    if not isinstance(name, str) or name not in _MEANING:
        raise ValueError(f"The 'estimator' parameter must be one of {', '.join(ESTIMATORS)}. Got {name!r} instead.")
    method, usual, scaling = _MEANING[name]
    if ordered and method in ("ML", "GLS"):
        raise ValueError(f"The estimator {name} treats answers as continuous; for ordered items use WLSMV, ULSMV, DWLS "
                         "or WLS, or leave 'ordered' empty.")  # fmt: skip
    if not ordered and name in ("WLSMV", "ULSMV", "DWLS", "WLS"):
        raise ValueError(f"The estimator {name} needs 'ordered': name the ordered items, or use MLR for continuous "
                         "ones.")  # fmt: skip
    if missing == "fiml" and method != "ML":
        raise ValueError("Missing answers are taken in by likelihood ('fiml') under ML and MLR only.")
    if missing == "fiml" and name == "MLM":
        raise ValueError("MLM needs complete rows; use MLR with missing='fiml'.")
    if missing == "pairwise" and not ordered:
        raise ValueError("Pairwise deletion is offered for ordered items only; use missing='fiml' or 'listwise'.")
    if clustered and (method != "ML" or name == "MLM"):
        raise ValueError(f"Cluster-robust errors are offered under MLR, not under {name}.")
    if clustered and missing != "listwise":
        raise ValueError("Clusters together with missing='fiml' are not offered; use missing='listwise'.")
    if likelihood == "wishart" and (name != "ML" or missing == "fiml" or clustered):
        raise ValueError("likelihood='wishart' belongs to the estimator ML of complete rows.")
    found = Options(
        estimator=name,  # type: ignore[arg-type]
        method=method,
        errors=usual,
        scaling=scaling,
        likelihood=likelihood,
        missing=missing,
        meanstructure=meanstructure,
        clustered=clustered,
        ordered=ordered,
    )
    observed = name == "MLR" or missing == "fiml" or found.scaling == "yuan_bentler_mplus"
    found = replace(found, information=information or ("observed" if observed else "expected"))
    return found if errors is None else replace(found, errors=errors)
