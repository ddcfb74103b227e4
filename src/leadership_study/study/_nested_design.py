"""Imagined studies of teachers in schools in districts: who is asked, and draws of what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadership_study.study import _power_checks as checks

Level = Literal["teacher", "school", "district"]
LEVELS = ("teacher", "school", "district")

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class NestedDesign:
    """Teachers in schools in districts.

    Attributes
    ----------
    districts, schools_per_district, teachers_per_school : int
    icc_district : float
        Share of the outcome's variance (predictors taken out) between districts.
    icc_school : float
        Share between the schools of a district; together below 1.
    size_cv : float
        SD over mean of the number of teachers a school; 0: all equal.
    """

    districts: int
    schools_per_district: int
    teachers_per_school: int
    icc_district: float
    icc_school: float
    size_cv: float = 0.0

    def __post_init__(self) -> None:
        name = "NestedDesign"
        checks.whole(name, "districts", self.districts, 2)
        checks.whole(name, "schools_per_district", self.schools_per_district, 1)
        checks.whole(name, "teachers_per_school", self.teachers_per_school, 1)
        checks.number(name, "icc_district", self.icc_district, 0, 1, closed=True)
        checks.number(name, "icc_school", self.icc_school, 0, 1, closed=True)
        checks.number(name, "size_cv", self.size_cv, 0, 3, closed=True)
        if self.icc_district + self.icc_school >= 1:
            raise ValueError(
                f"The 'icc_district' and 'icc_school' parameters of {name} must leave variance to teachers: their sum "
                f"must be below 1. Got {self.icc_district!r} and {self.icc_school!r} instead."
            )

    @property
    def schools(self) -> int:
        """Schools in all."""
        return self.districts * self.schools_per_district

    @property
    def n(self) -> int:
        """Teachers in all (on average, when schools differ in size)."""
        return self.schools * self.teachers_per_school


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """A standardised predictor of a simulated regression.

    Attributes
    ----------
    name : str
    slope : float
        Standardised coefficient: SDs of the outcome per SD of the predictor.
    level : {"teacher", "school", "district"}
        Where it varies: between teachers, between schools, between districts.
    icc_district, icc_school : float
        Of a predictor of teachers: the shares of its variance between districts, and between schools of a district.
    """

    name: str
    slope: float
    level: Level = "teacher"
    icc_district: float = 0.0
    icc_school: float = 0.0

    def __post_init__(self) -> None:
        name = "Predictor"
        checks.choice(name, "level", self.level, LEVELS)
        checks.number(name, "slope", self.slope, -1, 1)
        checks.number(name, "icc_district", self.icc_district, 0, 1, closed=True)
        checks.number(name, "icc_school", self.icc_school, 0, 1, closed=True)
        if self.icc_district + self.icc_school > 1:
            raise ValueError(f"The 'icc_district' and 'icc_school' parameters of {name} must not exceed 1 together.")
        if self.level != "teacher" and self.icc_district + self.icc_school > 0:
            raise ValueError(f"The predictor {self.name!r} varies between {self.level}s only; leave its ICCs out.")

    @property
    def shares(self) -> tuple[float, float, float]:
        """Shares of its variance between districts, schools and teachers."""
        if self.level == "district":
            return 1.0, 0.0, 0.0
        if self.level == "school":
            return 0.0, 1.0, 0.0
        return self.icc_district, self.icc_school, max(1 - self.icc_district - self.icc_school, 0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """One draw of who is asked: school and district of each teacher, and the district of each school."""

    school: Codes
    district: Codes
    district_of_school: Codes


def ask(design: NestedDesign, random: np.random.Generator) -> Asked:
    """Draw the schools' sizes (gamma, at least one teacher) and return who sits where."""
    mean = design.teachers_per_school
    if design.size_cv > 0:
        shape = design.size_cv**-2
        sizes = np.maximum(np.rint(random.gamma(shape, mean / shape, design.schools)), 1).astype(np.int64)
    else:
        sizes = np.full(design.schools, mean, dtype=np.int64)
    district_of_school = np.repeat(np.arange(design.districts), design.schools_per_district)
    school = np.repeat(np.arange(design.schools), sizes)
    return Asked(school=school, district=district_of_school[school], district_of_school=district_of_school)


def residuals(design: NestedDesign, asked: Asked, random: np.random.Generator) -> Array:
    """Draw what predictors leave of the outcome: normal at each level, total variance 1."""
    inside = 1 - design.icc_district - design.icc_school
    found: Array = (
        design.icc_district**0.5 * random.standard_normal(design.districts)[asked.district]
        + design.icc_school**0.5 * random.standard_normal(design.schools)[asked.school]
        + inside**0.5 * random.standard_normal(len(asked.school))
    )
    return found


def memberships(
    design: NestedDesign, asked: Asked, level: Level, shares: Sequence[float], random: np.random.Generator
) -> Codes:
    """Draw the group of each teacher: whole units of ``level``, shuffled, in numbers as near ``shares`` as can be."""
    units = {"district": design.districts, "school": design.schools, "teacher": len(asked.school)}[level]
    ends = np.rint(np.cumsum(shares) * units).astype(np.int64)
    groups = random.permutation(np.repeat(np.arange(len(shares)), np.diff(ends, prepend=0)))
    if level == "teacher":
        return groups
    return groups[asked.district if level == "district" else asked.school]


def predictors(
    design: NestedDesign,
    asked: Asked,
    given: Sequence[Predictor],
    correlation: float,
    random: np.random.Generator,
) -> Array:
    """Draw the predictors, n × p: at each level their parts correlate by ``correlation``."""
    shares = np.array([entry.shares for entry in given])
    drawn = np.zeros((len(asked.school), len(given)))
    places = (asked.district, asked.school, np.arange(len(asked.school)))
    for at, (units, place) in enumerate(
        zip((design.districts, design.schools, len(asked.school)), places, strict=True)
    ):
        common = random.standard_normal((units, 1))
        own = random.standard_normal((units, len(given)))
        drawn += (shares[:, at] ** 0.5 * (correlation**0.5 * common + (1 - correlation) ** 0.5 * own))[place]
    return drawn


def explained(given: Sequence[Predictor], correlation: float) -> float:
    """Return the share of the outcome's variance that the predictors explain: β'Rβ."""
    slopes = np.array([entry.slope for entry in given])
    roots = np.sqrt([entry.shares for entry in given])
    together = correlation * roots @ roots.T
    np.fill_diagonal(together, 1.0)
    return float(slopes @ together @ slopes)
