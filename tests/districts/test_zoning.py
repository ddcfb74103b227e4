"""Zoning: against every division there is on small counties, and what it promises on larger ones."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

import leadership_study as ls
from leadership_study.errors import InsufficientDataError, PlanError, ResponseError


def county(n, seed, side=20.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "school": [f"S{at:03d}" for at in range(n)],
            "x_km": rng.uniform(0, side, n),
            "y_km": rng.uniform(0, side, n),
            "stage": rng.choice(["primary", "lower_secondary", "nine_year"], n, p=[0.5, 0.25, 0.25]),
            "location": rng.choice(["urban", "town", "rural"], n),
            "strength": rng.normal(size=n),
            "pupils": rng.integers(200, 1500, n),
            "trust": rng.choice(["A", "B", "C"], n),
        }
    )


def hangs_together(members, near):
    reached, front = {members[0]}, [members[0]]
    while front:
        at = front.pop()
        for other in members:
            if other not in reached and near[at, other]:
                reached.add(other)
                front.append(other)
    return len(reached) == len(members)


def is_right(schools, members, asked, near, n_districts):
    part = schools.iloc[members]
    stages = {"primary": ["primary", "nine_year"], "lower_secondary": ["lower_secondary", "nine_year"]}
    checks = [
        part["strong"].sum() >= asked["strong_schools"],
        not part["strong"].all(),
        (part["location"] == "rural").any() and (part["location"] != "rural").any(),
        all(part["stage"].isin(kinds).any() for kinds in stages.values() if schools["stage"].isin(kinds).any()),
        abs(part["pupils"].sum() / (schools["pupils"].sum() / n_districts) - 1) <= asked["size_tolerance"],
        abs(part["strength"].mean() - schools["strength"].mean()) <= asked.get("max_imbalance", np.inf),
        not asked.get("connected") or hangs_together(list(members), near),
        "crossed_by" not in asked or part["trust"].nunique() > 1,
    ]
    return all(checks)


def brute_force(schools, n_districts, asked):
    """Least sum of distances over all choices of centres and all assignments; None when there is no division."""
    n = len(schools)
    places = schools[["x_km", "y_km"]].to_numpy()
    far = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    near = far <= asked.get("reach", np.inf)
    if "neighbours" in asked:
        pairs = {frozenset(pair) for pair in asked["neighbours"].to_numpy().tolist()}
        near = np.array([[{a, b} in pairs for b in schools["school"]] for a in schools["school"]])
    best = None
    for centres in combinations(np.flatnonzero(schools["strong"]), n_districts):
        for chosen in product(range(n_districts), repeat=n):
            districts = [[at for at in range(n) if chosen[at] == c] for c in range(n_districts)]
            if any(centre not in districts[c] for c, centre in enumerate(centres)):
                continue
            if max(far[at, centres[c]] for at, c in enumerate(chosen)) > asked.get("max_distance", np.inf):
                continue
            total = sum(far[at, centres[c]] for at, c in enumerate(chosen))
            if best is not None and total >= best:
                continue
            if "crossed_by" in asked:
                spread = schools.groupby("trust").indices
                if any(len(at) > 1 and len({chosen[one] for one in at}) < 2 for at in spread.values()):
                    continue
            if all(is_right(schools, members, asked, near, n_districts) for members in districts):
                best = total
    return best


ISLANDS = pd.DataFrame(
    [("S000", "S001"), ("S001", "S004"), ("S004", "S006"), ("S002", "S003"), ("S003", "S005"), ("S005", "S007"),
     ("S000", "S002"), ("S006", "S007")], columns=["school", "neighbour"],
)  # fmt: skip

CASES = [
    {},
    {"max_imbalance": 0.35},
    {"connected": True, "reach": 9.0},
    {"connected": True, "reach": 11.0, "max_imbalance": 0.5},
    {"crossed_by": "trust"},
    {"max_distance": 11.0},
    {"connected": True, "neighbours": ISLANDS, "size_tolerance": 0.9},
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("more", CASES, ids=lambda more: "-".join(more))
def test_equals_the_best_of_all_divisions(seed, more):
    schools = county(8, seed)
    schools["strong"] = schools["strength"].rank(ascending=False) <= 5
    asked = {"strong_schools": 2, "size_tolerance": 0.7} | more
    best = brute_force(schools, 2, asked)
    if best is None:
        with pytest.raises(InsufficientDataError):
            ls.zoning(schools, n_districts=2, strong="strong", **asked)
        return
    found = ls.zoning(schools, n_districts=2, strong="strong", **asked)
    assert found.mean_distance * 8 == pytest.approx(best, abs=1e-9)
    assert found.gap == pytest.approx(0, abs=1e-9)
    assert bool(found.criteria["meets"].all())


def test_thirty_schools_are_divided_to_the_optimum_and_hang_together():
    schools = county(30, 1, side=30.0)
    found = ls.zoning(schools, n_districts=4, connected=True, reach=9.0)
    assert found.gap < 1e-8
    assert bool(found.criteria["in_one_piece"].all())
    assert found.mean_distance >= ls.zoning(schools, n_districts=4).mean_distance - 1e-9


def test_five_hundred_schools_around_given_centres():
    schools = county(500, 2)
    strongest = schools.nlargest(167, "strength")
    spread = strongest.sort_values(["x_km", "y_km"]).iloc[8::16].head(10)["school"]
    found = ls.zoning(schools, n_districts=10, centres=list(spread), gap=0.05)
    assert found.gap <= 0.05
    assert bool(found.criteria["meets"].all())
    assert set(found.assignment["district"]) == set(spread)


def test_five_hundred_schools_with_free_centres_in_one_piece():
    found = ls.zoning(county(500, 3), n_districts=10, connected=True, reach=2.2, time_limit=30.0)
    assert 0 <= found.lower_bound <= found.mean_distance
    assert bool(found.criteria["meets"].all())


def test_the_division_in_force_is_judged_by_the_same_criteria():
    schools = county(30, 4)
    schools["district"] = np.where(schools["x_km"] < 10, "west", "east")
    found = ls.zoning(schools, n_districts=2)
    east = schools[schools["district"] == "east"]
    row = found.criteria.loc[("in_force", "east")]
    assert row["n_schools"] == len(east)
    assert row["pupils"] == east["pupils"].sum()
    assert row["strength_difference"] == pytest.approx(east["strength"].mean() - schools["strength"].mean())
    assert list(found.divisions.index) == ["proposed", "in_force"]
    judged = found.requirements.loc[("in_force", "mixed_locations"), "districts_meeting"]
    sides = schools.assign(rural=schools["location"] == "rural").groupby("district")["rural"]
    assert judged == int((sides.any() & ~sides.all()).sum())


def test_the_front_pays_for_balance_with_distance():
    front = ls.zoning(county(24, 5), n_districts=3, front=4).front
    assert (np.diff(front["mean_distance"]) >= -1e-9).all()
    assert (front["imbalance"].iloc[1:] <= front["imbalance_bound"].iloc[1:] + 1e-9).all()


def test_degrees_give_great_circles():
    schools = county(12, 6).drop(columns=["x_km", "y_km"])
    schools["longitude"], schools["latitude"] = 120 + np.arange(12) / 100, 30.0
    found = ls.zoning(schools, n_districts=1, centres=["S000"], size_tolerance=None)
    arc = 6371.0088 * 2 * np.arcsin(np.cos(np.radians(30)) * np.sin(np.radians(0.11) / 2))
    assert found.assignment.loc["S011", "distance"] == pytest.approx(arc, rel=1e-12)


def test_the_order_of_schools_is_irrelevant():
    schools = county(20, 7)
    once = ls.zoning(schools, n_districts=3)
    again = ls.zoning(schools.iloc[::-1], n_districts=3)
    pd.testing.assert_series_equal(
        once.assignment["district"].sort_index(), again.assignment["district"].sort_index(), check_names=False
    )


def test_what_makes_a_division_impossible_is_named():
    schools = county(12, 8)
    with pytest.raises(InsufficientDataError, match=r"strong_schools: the division needs 8 such schools and .* has 4"):
        ls.zoning(schools, n_districts=4)
    with pytest.raises(InsufficientDataError, match=r"there is one without: .*max_imbalance"):
        ls.zoning(schools, n_districts=2, max_imbalance=1e-9)


def test_schools_that_hang_together_with_no_others():
    schools = county(40, 12)
    schools.loc[0, "x_km"] = 900.0
    with pytest.raises(InsufficientDataError, match=r"of their own \(1\): S000\. Add neighbours"):
        ls.zoning(schools, n_districts=3, connected=True, reach=6.0)
    with pytest.raises(
        InsufficientDataError, match=r"fall into 3 parts that no neighbours join, more than there are districts \(1\)"
    ):
        ls.zoning(schools, n_districts=1, connected=True, reach=6.0)


def test_groups_reach_into_several_districts_and_schools_without_one_cross_nothing():
    schools = county(16, 13)
    schools["trust"] = [None, *["A"] * 6, *["B"] * 6, None, None, "C"]
    found = ls.zoning(schools, n_districts=2, crossed_by="trust", size_tolerance=None)
    both = schools.assign(own=found.assignment["district"].to_numpy()).dropna(subset=["trust"])
    reached = both.groupby("trust")["own"].nunique()
    assert found.groups.loc["proposed", "n_districts"].to_dict() == reached.to_dict()
    assert (reached[["A", "B"]] == 2).all()
    assert (both.groupby("own")["trust"].nunique() >= 2).all()
    assert bool(found.criteria["meets"].all())
    with pytest.raises(PlanError, match="Fewer than two groups stand in 'trust'"):
        ls.zoning(schools.assign(trust=None), n_districts=2, crossed_by="trust")


def test_what_a_quick_search_leaves_open_is_solved_when_the_county_is_small_enough():
    schools = county(60, 5)
    found = ls.zoning(schools, n_districts=8, strong=0.4, size_tolerance=0.6, gap=1e-6)
    assert found.gap <= 1e-6
    assert found.notes == ()
    assert bool(found.criteria["meets"].all())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pupils": 0}, "a school to be placed has pupils"),
        ({"strength": "high"}, "a number is missing"),
        ({"school": "S001"}, "two rows have this school"),
        ({"stage": "college"}, "this is no stage"),
        ({"x_km": np.inf}, "a number is missing"),
        ({"location": None}, "the location is missing"),
    ],
)
def test_rows_that_cannot_be_right(change, message):
    schools = county(12, 9).astype(object)
    for column, value in change.items():
        schools.loc[4, column] = value
    with pytest.raises(ResponseError) as caught:
        ls.zoning(schools, n_districts=2)
    assert message in caught.value.to_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_districts": 0}, "at least 1"),
        ({"n_districts": 13}, "13 districts for 12 schools"),
        ({"n_districts": 2, "centres": ["S000"]}, "1 centres for 2 districts"),
        ({"n_districts": 1, "centres": ["X"]}, "names 'X'"),
        ({"n_districts": 2, "centres": ["S000", "S000"]}, "'S000' twice"),
        ({"n_districts": 2, "size_tolerance": float("nan")}, "size_tolerance must be above 0; got nan"),
        ({"n_districts": 2, "connected": True, "reach": -1.0}, "reach must be above 0"),
        ({"n_districts": 2, "gap": -0.1}, "gap must be 0 or more"),
        ({"n_districts": 2, "connected": True}, "needs neighbours"),
        ({"n_districts": 2, "strong": 1.5}, "a share between 0 and 1"),
        ({"n_districts": 2, "strong": "elite"}, "no column 'elite'"),
        ({"n_districts": 2, "neighbours": pd.DataFrame({"school": ["S000"], "neighbour": ["S999"]})}, "names 'S999'"),
    ],
)
def test_options_that_do_not_fit(options, message):
    with pytest.raises(PlanError, match=message):
        ls.zoning(county(12, 10), **options)


def test_every_kind_of_school_that_balance_knows_can_be_placed():
    schools = county(12, 11)
    schools["stage"] = ["twelve_year", *schools["stage"][1:]]
    found = ls.zoning(schools, n_districts=1)
    assert found.criteria.loc[("proposed", found.assignment["district"].iloc[0]), "stages_missing"] == 0
