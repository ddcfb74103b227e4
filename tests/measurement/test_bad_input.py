"""Every public call of this half with every kind of answers that it cannot use: told in words, never a number."""

import numpy as np
import pandas as pd
import pytest

import leadership_study as ls

_RNG = np.random.default_rng(5)
GOOD = pd.DataFrame(
    np.clip(np.round(3 + np.repeat(_RNG.normal(size=(80, 2)), 3, axis=1) + 0.8 * _RNG.normal(size=(80, 6))), 1, 5),
    columns=[f"q{at}" for at in range(6)],
)


def halves(items):
    middle = max(1, items.shape[1] // 2)
    return {"first": list(items)[:middle], "second": list(items)[middle:]}


def sides(items):
    return pd.Series(np.where(np.arange(len(items)) % 2, "u", "v"), index=items.index)


ONE_RESULT = {
    "alpha": ls.cronbach_alpha,
    "alpha_pairwise": lambda x: ls.cronbach_alpha(x, missing="pairwise"),
    "alpha_ordinal": lambda x: ls.cronbach_alpha(x, ordinal=True),
    "alpha_bootstrap": lambda x: ls.cronbach_alpha(x, interval="bootstrap", bootstrap=100, seed=1),
    "omega": ls.mcdonald_omega,
    "omega_ordinal": lambda x: ls.mcdonald_omega(x, ordinal=True),
    "omega_categorical": lambda x: ls.mcdonald_omega(x, ordinal="green-yang"),
    "split_half": ls.split_half,
    "item_analysis": ls.item_analysis,
    "hierarchical_omega": lambda x: ls.hierarchical_omega(x, 2),
    "stratified_alpha": lambda x: ls.stratified_alpha(x, halves(x)),
    "polychoric": lambda x: ls.polychoric(x, std_errors=True),
    "polychoric_pairwise": lambda x: ls.polychoric(x, missing="pairwise"),
    "polyserial": lambda x: ls.polyserial(x[list(x)[:1]], x[list(x)[1:]]),
    "sampling_adequacy": ls.sampling_adequacy,
    "parallel_analysis": lambda x: ls.parallel_analysis(x, replicates=3, seed=1),
    "parallel_permuted": lambda x: ls.parallel_analysis(x, replicates=3, seed=1, resample="permutation"),
    "parallel_polychoric": lambda x: ls.parallel_analysis(x, replicates=2, seed=1, correlation="polychoric"),
    "average_partial": ls.minimum_average_partial,
    "retention": lambda x: ls.factors_to_retain(x, replicates=3, seed=1),
    "efa": lambda x: ls.efa(x, 2),
    "efa_ml": lambda x: ls.efa(x, 2, method="ml", rotation="varimax", scores="bartlett"),
    "efa_paf": lambda x: ls.efa(x, 2, method="paf", rotation="promax"),
    "components": lambda x: ls.efa(x, 2, method="principal", rotation="none"),
    "efa_polychoric": lambda x: ls.efa(x, 2, correlation="polychoric"),
}  # fmt: skip
COLUMN_BY_COLUMN = {
    "retest": lambda x: ls.retest_reliability(x, x.copy()),
    "criterion": lambda x: ls.criterion_validity(x[list(x)[:2]], x[list(x)[2:]]),
    "known_groups": lambda x: ls.known_groups(x, sides(x), ["u", "v"]),
}
"""These leave out the column that cannot be used, and say so."""
ALL = {**ONE_RESULT, **COLUMN_BY_COLUMN}

TYPED = (ls.InsufficientDataError, ls.ConvergenceError, TypeError, ValueError)
REFUSED = {
    "no respondents": GOOD.head(0),
    "one respondent": GOOD.head(1),
    "infinite": GOOD.replace({"q0": {3.0: np.inf}}),
    "words": GOOD.astype(object).assign(q0="agree"),
    "a name twice": GOOD.set_axis(["q0", *GOOD.columns[:-1]], axis=1),
    "too large": GOOD * 1e200,
    "too small": GOOD * 1e-200,
}
UNUSABLE = {
    "constant": (GOOD.assign(q0=3.0), "q0"),
    "nobody answered": (GOOD.assign(q0=np.nan), "q0"),
}
CLASSICAL = {
    "alpha", "alpha_pairwise", "alpha_ordinal", "alpha_bootstrap", "split_half", "stratified_alpha", "polychoric",
    "polychoric_pairwise", "polyserial",
}  # fmt: skip
"""They need no inverse and no factor model, so a few rows, or an item twice, do for them."""


def told(call, items):
    """The error of ``call``, None if it gave a result; numpy's own errors and warnings pass through and fail."""
    try:
        call(items)
    except np.linalg.LinAlgError:
        raise
    except TYPED as trouble:
        return trouble
    return None


@pytest.mark.parametrize("call", ALL)
def test_good_answers_give_a_result(call):
    assert told(ALL[call], GOOD) is None


@pytest.mark.parametrize("kind", REFUSED)
def test_answers_that_nothing_can_be_computed_from_are_refused(kind):
    for name, call in ALL.items():
        assert len(str(told(call, REFUSED[kind]) or "")) > 30, name


@pytest.mark.parametrize("kind", UNUSABLE)
def test_the_column_at_fault_is_named(kind):
    items, column = UNUSABLE[kind]
    for name, call in ONE_RESULT.items():
        assert column in str(told(call, items)), name
    for name, call in COLUMN_BY_COLUMN.items():
        found = call(items)
        shown = found.table.to_string()
        assert column in " ".join(str(note) for note in found.notes), name
        assert column not in shown, name


def test_one_item_is_no_scale():
    items = GOOD[["q0"]]
    given = {name for name, call in ALL.items() if told(call, items) is None}
    assert given == {"retest", "known_groups"}  # of a single score


def test_fewer_respondents_than_items_give_no_factor_model():
    given = {name for name, call in ALL.items() if told(call, GOOD.head(5)) is None}
    assert given == CLASSICAL | set(COLUMN_BY_COLUMN) | {"item_analysis"}


def test_an_item_twice_is_refused_or_told():
    items = GOOD.assign(q1=GOOD["q0"])
    refused = {name for name, call in ONE_RESULT.items() if told(call, items) is not None}
    assert refused == {"omega", "omega_categorical", "efa_ml", "sampling_adequacy"}
    for name in ("efa", "efa_paf", "efa_polychoric", "hierarchical_omega"):
        assert ONE_RESULT[name](items).notes, name
    for name in ("polychoric", "polychoric_pairwise"):
        assert {"polychoric_not_positive_definite"} <= {note.id for note in ONE_RESULT[name](items).notes}, name


def test_items_that_nobody_answered_together():
    items = GOOD.copy()
    items.loc[:39, "q0"] = items.loc[40:, "q1"] = np.nan
    given = {name for name, call in ALL.items() if told(call, items) is None}
    assert given == set(COLUMN_BY_COLUMN)


@pytest.mark.parametrize("n_factors", [0, 4, 7, 2.5, True])
def test_numbers_of_factors_that_cannot_be(n_factors):
    for call in (ls.efa, ls.hierarchical_omega):
        assert told(lambda x, call=call: call(x, n_factors), GOOD) is not None
