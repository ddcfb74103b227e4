"""Read a model written in lavaan's syntax (Rosseel, 2012, https://doi.org/10.18637/jss.v048.i02)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from leadership_study.sem.expressions import FUNCTIONS, Expression
from leadership_study.sem.tokens import OPERATORS, ModelSyntaxError, Token, statements

NAN = float("nan")


@dataclass(frozen=True)
class Term:
    """One relation between two variables with what was said about its parameter.

    ``fixed``, ``start``, ``labels`` and ``equal`` hold one entry, or one a group; in ``fixed`` NaN means "free, not the
    default". ``op`` is one of ``=~ ~ ~~ ~1 | ~*~``; ``rhs`` is empty for ``~1``.
    """

    lhs: str
    op: str
    rhs: str
    token: Token
    fixed: tuple[float, ...] = ()
    start: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    equal: tuple[str, ...] = ()


@dataclass(frozen=True)
class Constraint:
    """A definition (``lhs`` is its name) or a comparison of two formulas."""

    op: str
    lhs: Expression
    rhs: Expression
    text: tuple[str, str]
    token: Token


@dataclass(frozen=True)
class Model:
    """A model as written: relations, then definitions and constraints."""

    terms: tuple[Term, ...]
    constraints: tuple[Constraint, ...]


def parse(text: str) -> Model:
    """Read the text of a model.

    Raises
    ------
    ModelSyntaxError
        With line and column, when a statement cannot be read.
    TypeError
        When ``text`` is not a string.
    """
    if not isinstance(text, str):
        raise TypeError(f"A model must be text in lavaan's syntax. Got {type(text).__name__} instead.")
    return _read(text)


@lru_cache(maxsize=16)  # the steps of a ladder, and samples of a simulation, have one text
def _read(text: str) -> Model:
    terms: dict[tuple[str, str, str], Term] = {}
    constraints: list[Constraint] = []
    for words in statements(text):
        places = [at for at, word in enumerate(words) if word.kind == "operator"]
        if not places:
            raise words[0].error("a statement needs one of the operators " + " ".join(OPERATORS) + ".")
        if len(places) > 1:
            raise words[places[1]].error(f"a second operator, {words[places[1]].text!r}, in one statement; begin a new "
                                         "line before it.")  # fmt: skip
        operator, left, right = words[places[0]], words[: places[0]], words[places[0] + 1 :]
        if not left or not right:
            raise operator.error(f"nothing stands on the {'right' if left else 'left'} of {operator.text!r}.")
        if operator.text in (":=", "==", "<", ">", "<=", ">="):
            constraints.append(_constraint(operator, left, right))
        elif operator.text == "<~":
            raise operator.error("formative factors ('<~') are not offered.")
        else:
            for name in _names(left):
                for term in _Terms(right).of(name, operator):
                    key = (term.lhs, term.op, term.rhs)
                    key = (term.rhs, term.op, term.lhs) if (term.rhs, "~~", term.lhs) in terms else key
                    terms[key] = _merged(terms[key], term) if key in terms else term
    if not terms:
        raise ModelSyntaxError("The model is empty; write at least one relation, as in 'f =~ x1 + x2 + x3'.")
    return Model(tuple(terms.values()), tuple(constraints))


def _constraint(operator: Token, left: list[Token], right: list[Token]) -> Constraint:
    if operator.text == ":=" and (len(left) != 1 or left[0].kind != "name"):
        raise left[0].error("the left of ':=' must be one new name.")
    text = ("".join(word.text for word in left), "".join(word.text for word in right))
    return Constraint(operator.text[:1] if operator.text in ("<=", ">=") else operator.text,
                      _Formula(left).read(), _Formula(right).read(), text, operator)  # fmt: skip


def _names(left: list[Token]) -> list[Token]:
    for at, word in enumerate(left):
        if (word.kind != "name") if at % 2 == 0 else (word.text != "+"):
            raise word.error(f"{word.text!r} on the left of an operator; only names joined by '+' may stand there.")
    if len(left) % 2 == 0:
        raise left[-1].error("a name is missing after '+'.")
    return left[::2]


def _merged(first: Term, second: Term) -> Term:
    for what in ("fixed", "start", "labels", "equal"):
        if getattr(first, what) and getattr(second, what):
            raise second.token.error(f"{second.lhs} {second.op} {second.rhs} was already given another such modifier "
                                     f"in line {first.token.line}; keep one.")  # fmt: skip
    return Term(first.lhs, first.op, first.rhs, first.token, first.fixed or second.fixed, first.start or second.start,
                first.labels or second.labels, first.equal or second.equal)  # fmt: skip


def _modified(term: Term) -> bool:
    return bool(term.fixed or term.start or term.labels or term.equal)


def _number(word: Token) -> float:
    value = float(word.text)
    if not math.isfinite(value):
        raise word.error(f"the number {word.text} is too large.")
    return value


class _Reader:
    """Goes through words one by one."""

    def __init__(self, words: Sequence[Token]) -> None:
        self.words = words
        self.at = 0

    @property
    def word(self) -> Token | None:
        return self.words[self.at] if self.at < len(self.words) else None

    def take(self, text: str | None = None) -> Token:
        word = self.word
        if word is None:
            raise self.words[-1].error(f"the statement ends here, but {text or 'something more'!r} should follow.")
        if text is not None and word.text != text:
            raise word.error(f"expected {text!r}, found {word.text!r}.")
        self.at += 1
        return word

    def skips(self, *texts: str) -> bool:
        if self.word is not None and self.word.kind == "sign" and self.word.text in texts:
            self.at += 1
            return True
        return False


class _Terms(_Reader):
    """The right side of a relation: terms joined by ``+``, each with modifiers joined by ``*``."""

    def of(self, left: Token, operator: Token) -> list[Term]:
        found = [self._term(left, operator)]
        while self.skips("+"):
            term = self._term(left, operator)
            if any(term.rhs == other.rhs and not (_modified(term) or _modified(other)) for other in found):
                raise term.token.error(f"{term.rhs!r} stands here twice; keep one.")
            found.append(term)
        if self.word is not None:
            raise self.word.error(f"{self.word.text!r} is not expected here; join terms with '+'.")
        return found

    def _term(self, left: Token, operator: Token) -> Term:
        said: dict[str, tuple] = {}
        first = self.word
        while True:
            kind, values, word = self._factor()
            if not self.skips("*"):
                break
            if kind in said:
                raise word.error("two modifiers of one kind; keep one.")
            said[kind] = values
        lhs, op = left.text, operator.text
        if op == "~" and kind == "fixed" and values in ((1.0,), (0.0,)):
            if values == (0.0,) and said == {}:
                said["fixed"] = (0.0,)  # y ~ 0: no intercept
            return Term(lhs, "~1", "", first or word, **said)
        if word.kind != "name" or kind != "labels" or len(values) != 1:
            raise word.error(f"{word.text!r} is not a variable.")
        if op == "|" and not (word.text[:1] == "t" and word.text[1:].isdigit()):
            raise word.error(f"{word.text!r} is not a threshold; write t1, t2, …")
        if op == "~*~" and word.text != lhs:
            raise word.error(f"a scale belongs to one variable: write {lhs} ~*~ {lhs}.")
        if op in ("=~", "~") and word.text == lhs:
            raise word.error(f"{lhs} stands on both sides of {op!r}; leave it out on the right.")
        return Term(lhs, op, word.text, first or word, **said)

    def _factor(self) -> tuple[str, tuple, Token]:
        """Return what one factor says: kind of modifier and values; a variable reads as a label."""
        negative = self.skips("-")
        word = self.take()
        if word.kind == "number":
            value = _number(word)
            return "fixed", (-value if negative else value,), word
        if negative:
            raise word.error("'-' may stand only before a number here.")
        if word.kind == "string":
            return "labels", (word.text[1:-1],), word
        if word.kind != "name":
            raise word.error(f"{word.text!r} is not expected here.")
        if word.text == "NA":
            return "fixed", (NAN,), word
        if self.word is None or self.word.text != "(":
            return "labels", (word.text,), word
        self.take("(")
        if word.text == "c":
            kind, values = self._list(word)
            return kind, values, word
        kind, values, _ = self._factor()
        self.take(")")
        if word.text == "start" and kind == "fixed":
            return "start", values, word
        if word.text in ("equal", "label") and kind == "labels":
            return ("equal" if word.text == "equal" else "labels"), values, word
        raise word.error(f"{word.text}(…) is not offered here; known are c(), start(), equal() and label().")

    def _list(self, opening: Token) -> tuple[str, tuple]:
        kinds, values = set(), []
        while True:
            kind, value, _ = self._factor()
            values.append(value[0])
            kinds.add("" if value != value or value[0] != value[0] else kind)
            if not self.skips(","):
                break
        self.take(")")
        kinds.discard("")
        if len(kinds) > 1:
            raise opening.error("c(…) mixes numbers and labels; give two lists.")
        kind = kinds.pop() if kinds else "fixed"
        return kind, tuple("" if kind == "labels" and value != value else value for value in values)


class _Formula(_Reader):
    """Arithmetic with the usual precedence."""

    def read(self) -> Expression:
        found = self._sum()
        if self.word is not None:
            raise self.word.error(f"{self.word.text!r} is not expected in a formula.")
        return found

    def _sum(self) -> Expression:
        found = self._product()
        while self.word is not None and self.word.text in ("+", "-"):
            sign = self.take().text
            found = Expression("operator", sign, (found, self._product()))
        return found

    def _product(self) -> Expression:
        found = self._signed()
        while self.word is not None and self.word.text in ("*", "/"):
            sign = self.take().text
            found = Expression("operator", sign, (found, self._signed()))
        return found

    def _signed(self) -> Expression:
        if self.skips("-"):
            return Expression("operator", "negate", (self._signed(),))
        self.skips("+")
        return self._power()

    def _power(self) -> Expression:
        found = self._atom()
        if self.skips("^", "**"):
            return Expression("operator", "^", (found, self._signed()))
        return found

    def _atom(self) -> Expression:
        if self.skips("("):
            found = self._sum()
            self.take(")")
            return found
        word = self.take()
        if word.kind == "number":
            return Expression("number", _number(word))
        if word.kind != "name":
            raise word.error(f"{word.text!r} is not expected in a formula.")
        if self.word is not None and self.word.text == "(":
            if word.text not in FUNCTIONS:
                raise word.error(f"the function {word.text!r} is not known; known are {', '.join(sorted(FUNCTIONS))}.")
            self.take("(")
            found = Expression("call", word.text, (self._sum(),))
            self.take(")")
            return found
        return Expression("name", word.text)
