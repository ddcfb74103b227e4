"""How a plan says what the cells of a file hold, whose wording its items have, and which wave it is."""

import pytest
from small_study import HEAD, MEANS

from leadership_study.errors import PlanError
from leadership_study.study.plan import load_plan


def load(project, lines):
    project.study_file("small").write_text(HEAD + lines + MEANS, encoding="utf-8")
    return load_plan(project, "small")[0].responses[0]


def test_nothing_said_leaves_it_to_the_format(project):
    block = load(project, "")
    assert (block.form, block.wave, block.values, block.option_order) == ("other", 1, None, None)
    assert block.missing_codes is None


def test_what_is_said(project):
    block = load(project, 'form = "self"\nwave = 2\nvalues = "number"\noption_order = "reversed"\nmissing_codes = []\n')
    assert (block.form, block.wave, block.values, block.option_order) == ("self", 2, "number", "reversed")
    assert block.missing_codes == ()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('values = "numbers"\n', "Unknown 'values': 'numbers'; did you mean number"),
        ('values = "number"\n', "'option_order' is missing"),
        ('values = "text"\noption_order = "reversed"\n', "'option_order' is only for values"),
        ('values = "number"\noption_order = "up"\n', "Unknown 'option_order'"),
        ("wave = 0\n", "'wave' must be a whole number from 1 on"),
        ('form = "peer"\n', "Unknown 'form'"),
    ],
)
def test_what_cannot_be_said(project, lines, told):
    with pytest.raises(PlanError) as caught:
        load(project, lines)
    assert any(told in str(problem) for problem in caught.value.problem_list)
