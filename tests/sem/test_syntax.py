import math

import pytest

from leadership_study.sem.parameter_table import Defaults, build_table
from leadership_study.sem.syntax import parse
from leadership_study.sem.tokens import ModelSyntaxError


def terms(text):
    return [(term.lhs, term.op, term.rhs) for term in parse(text).terms]


def test_operators_comments_and_lines():
    model = """
    f =~ x1 + x2     # a comment
       + x3          ! another
    y ~ f; x1 ~~ x2
    y ~ 1
    o1 | t1 + t2
    o1 ~*~ o1
    """
    assert terms(model) == [
        ("f", "=~", "x1"), ("f", "=~", "x2"), ("f", "=~", "x3"), ("y", "~", "f"), ("x1", "~~", "x2"), ("y", "~1", ""),
        ("o1", "|", "t1"), ("o1", "|", "t2"), ("o1", "~*~", "o1"),
    ]  # fmt: skip


def test_names_may_be_chinese():
    assert terms("领导力 =~ 题一 + 题二") == [("领导力", "=~", "题一"), ("领导力", "=~", "题二")]


def test_modifiers():
    found = parse('f =~ NA*x1 + a*x2 + start(0.8)*x3 + c(a, b)*x4 + -0.5*x5 + equal("f=~x3")*x6 + c(1, NA)*x7').terms
    assert math.isnan(found[0].fixed[0])
    assert found[1].labels == ("a",)
    assert found[2].start == (0.8,)
    assert found[3].labels == ("a", "b")
    assert found[4].fixed == (-0.5,)
    assert found[5].equal == ("f=~x3",)
    assert found[6].fixed[0] == 1
    assert math.isnan(found[6].fixed[1])


def test_two_modifiers_of_one_parameter():
    found = parse("f =~ start(0.5)*x1 + NA*x1 + x2").terms
    assert len(found) == 2
    assert found[0].start == (0.5,)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("f =~ x1 ++ x2", 1, 10, "not expected"),
        ("f =~ x1\ng = x2", 2, 3, "no meaning"),
        ("f =~ x1\n  f ~ ~ y", 2, 7, "second operator"),
        ("f =~ sqrt(2)*x", 1, 6, "not offered"),
        ("f =~ 2", 1, 6, "not a variable"),
        ("f =~ x1\nlevel: 1", 2, 6, "not offered"),
        ("f <~ x1", 1, 3, "formative"),
        ("f =~ x1 +", 1, 9, "ends here"),
        ("f =~ a*b*x1", 1, 8, "two modifiers"),
        ("o | x1", 1, 5, "threshold"),
        ("a := b +", 1, 8, "ends here"),
        ("f =~ (x1", 1, 6, "not expected"),
    ],
)
def test_errors_name_line_and_column(text, line, column, words):
    with pytest.raises(ModelSyntaxError, match=rf"line {line}, column {column}: .*{words}"):
        parse(text)


def test_nothing_but_text():
    with pytest.raises(ModelSyntaxError, match="empty"):
        parse("  # only a comment")
    with pytest.raises(TypeError, match="must be text"):
        parse(None)


def test_labels_of_constraints_must_exist():
    with pytest.raises(ModelSyntaxError, match="'b'"):
        build_table(parse("f =~ a*x1 + x2 + x3\na == 2*b"), Defaults())


def test_as_many_modifiers_as_groups():
    with pytest.raises(ModelSyntaxError, match="2 values for 3 groups"):
        build_table(parse("f =~ x1 + c(1, 2)*x2 + x3"), Defaults(n_groups=3))


def rows(text, **defaults):
    return {row.name: row for row in build_table(parse(text), Defaults(**defaults)).rows if row.group == 0}


def test_defaults_of_a_factor_model():
    found = rows("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6")
    assert (found["f =~ x1"].free, found["f =~ x1"].value) == (False, 1.0)
    assert found["f ~~ g"].free
    assert found["x1 ~~ x1"].free
    assert "x1 ~1" not in found


def test_defaults_with_standardised_or_uncorrelated_factors():
    found = rows("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6", std_lv=True, orthogonal=True)
    assert found["f =~ x1"].free
    assert (found["f ~~ f"].free, found["f ~~ f"].value) == (False, 1.0)
    assert (found["f ~~ g"].free, found["f ~~ g"].value) == (False, 0.0)


def test_defaults_of_regressions():
    found = rows("f =~ x1 + x2 + x3\ny1 ~ f + z\ny2 ~ f + z\nw ~ z", meanstructure=True)
    assert found["y1 ~~ y2"].free
    assert found["y1 ~~ w"].free
    assert found["z ~~ z"].covariate
    assert found["z ~1"].covariate
    assert not found["f ~1"].free
    assert "f ~~ z" not in found


def test_one_indicator_has_no_residual():
    found = rows("f =~ x1\ng =~ x2 + x3 + x4")
    assert (found["x1 ~~ x1"].free, found["x1 ~~ x1"].value) == (False, 0.0)


def test_unknown_names_of_released_parameters():
    with pytest.raises(ValueError, match="x9"):
        build_table(parse("f =~ x1 + x2 + x3"), Defaults(n_groups=2, equal=("loadings",), partial=("f =~ x9",)))
