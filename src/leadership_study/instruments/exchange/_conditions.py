"""Rules for asking a question: the part of a form's expressions that a questionnaire can hold.

A questionnaire asks a question when each of certain questions got one of certain answers. A rule of that shape (``and``
of ``or`` of equalities) is read; any other is None, and the caller says so.
"""

import re
from collections.abc import Callable, Iterator

from leadership_study.instruments.exchange._form import Condition

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<word>(?:and|or|selected)\b|&&|\|\||==|=|\(|\)|,) |
      \$\{\s*(?P<braced>[^{}\s]+)\s*\} |
      (?P<text>'[^']*'|"[^"]*") |
      (?P<number>-?\d+(?:\.\d+)?) |
      (?P<name>[A-Za-z_]\w*(?:\.(?:NAOK|shown|value|code))?) |
      (?P<other>\S)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_BRACED = re.compile(r"\$\{\s*([^{}\s]+?)\s*\}")
Meant = Callable[[str, str], tuple[str, str]]
_JOIN = {"&&": "and", "||": "or", "==": "="}


class _Unfit(Exception):
    """The rule has another shape."""


def names_in(expression: str) -> frozenset[str]:
    """Return the questions that an XLSForm expression names as ``${name}``."""
    return frozenset(_BRACED.findall(expression))


def condition_of(expression: str, meant: Meant = lambda name, value: (name, value)) -> Condition | None:
    """Read a rule such as ``${post} = 'teacher' or ${post} = 'head'``; None when it has another shape.

    ``selected(${post}, 'head')`` and ``(post.NAOK == "head" and stage.NAOK == "1")`` are read as well; no rule, or one
    that always holds (``1``), is an empty condition. ``meant`` turns each pair of a name and a value into the question
    and the choice that are meant by it.
    """
    if expression.strip() in ("", "1", "true()"):
        return {}
    try:
        found, rest = _all(_renamed(list(_tokens(expression)), meant))
    except (_Unfit, IndexError):
        return None
    return found if not rest else None


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(expression.rstrip()):
        found = _TOKEN.match(expression, at)
        if found is None:
            raise _Unfit
        at = found.end()
        kind = found.lastgroup or ""
        value = found.group(kind)
        match kind:
            case "word":
                yield "word", _JOIN.get(value.lower(), value.lower())
            case "text":
                yield "value", value[1:-1]
            case "number":
                yield "value", value
            case "braced":
                yield "name", value
            case "name":
                yield "name", value.partition(".")[0]
            case _:
                raise _Unfit


def _renamed(tokens: list[tuple[str, str]], meant: Meant) -> list[tuple[str, str]]:
    """Replace each name and the value that follows it by what is meant; two signs at most stand between them."""
    found = list(tokens)
    for at, (kind, name) in enumerate(tokens):
        follows = next(
            (next_at for next_at in range(at + 1, min(at + 3, len(tokens))) if tokens[next_at][0] == "value"), None
        )
        if kind == "name" and follows is not None:
            new_name, new_value = meant(name, tokens[follows][1])
            found[at], found[follows] = ("name", new_name), ("value", new_value)
    return found


def _all(tokens: list[tuple[str, str]]) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    """Read ``a and b and …``; ``or`` binds less, and holds only alternatives for one question."""
    found, rest = _both(tokens)
    while rest and rest[0] == ("word", "or"):
        other, rest = _both(rest[1:])
        if len(found) != 1 or found.keys() != other.keys():
            raise _Unfit
        (name,) = found
        found = {name: (*found[name], *(value for value in other[name] if value not in found[name]))}
    return found, rest


def _both(tokens: list[tuple[str, str]]) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    found, rest = _one(tokens)
    while rest and rest[0] == ("word", "and"):
        other, rest = _one(rest[1:])
        if found.keys() & other.keys():
            raise _Unfit
        found = {**found, **other}
    return found, rest


def _one(tokens: list[tuple[str, str]]) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    match tokens:
        case [("word", "("), *rest]:
            found, rest = _all(rest)
            if rest[0] != ("word", ")"):
                raise _Unfit
            return found, rest[1:]
        case [
            ("word", "selected"),
            ("word", "("),
            ("name", name),
            ("word", ","),
            ("value", value),
            ("word", ")"),
            *rest,
        ]:
            return {name: (value,)}, rest
        case [("name", name), ("word", "="), ("value", value), *rest]:
            return {name: (value,)}, rest
    raise _Unfit


def both(first: Condition | None, second: Condition | None) -> Condition | None:
    """Join the rule of a group with that of a question in it; None when a questionnaire cannot hold both at once."""
    if first is None or second is None or first.keys() & second.keys():
        return first if first == second else None
    return {**first, **second}
