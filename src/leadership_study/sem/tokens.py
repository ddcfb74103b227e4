"""Words of the model syntax, each with its line and column."""

import re
from dataclasses import dataclass

from leadership_study.errors import LeadershipStudyError

OPERATORS = ("=~", "~~", "~*~", ":=", "==", "<~", "~", "|", "<", ">")
_PATTERN = re.compile(
    r"""(?P<space>[ \t\r]+|[#!][^\n]*)
    |(?P<end>[\n;])
    |(?P<operator>=~|~~|~\*~|:=|==|<~|~|\||<=?|>=?)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    |(?P<name>[^\W\d][\w.]*|\.[^\W\d][\w.]*)
    |(?P<string>"[^"\n]*"|'[^'\n]*')
    |(?P<sign>\*\*|[-+*/^(),])""",
    re.VERBOSE,
)


class ModelSyntaxError(LeadershipStudyError, ValueError):
    """The text of a model cannot be read; the message names line and column."""


@dataclass(frozen=True)
class Token:
    """One word: its kind (operator, number, name, string, sign), its text and where it stands, counted from 1."""

    kind: str
    text: str
    line: int
    column: int

    def error(self, message: str) -> ModelSyntaxError:
        """Return the error that says ``message`` about this place."""
        return ModelSyntaxError(f"Model, line {self.line}, column {self.column}: {message}")


def statements(text: str) -> list[list[Token]]:
    """Cut the text of a model into statements.

    A statement ends with its line or at ``;``, but goes on while brackets are open, after ``+``, ``*``, ``,`` or an
    operator, and over following lines that begin with ``+`` or hold no operator of their own.
    """
    lines, open_brackets = [[]], 0  # type: list[list[Token]], int
    for token in _tokens(text):
        if token.kind == "end":
            if open_brackets == 0 or token.text == ";":
                lines.append([])
            continue
        open_brackets += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "sign" else 0
        lines[-1].append(token)
    found: list[list[Token]] = []
    for line in lines:
        if not line:
            continue
        if found and _goes_on(found[-1], line):
            found[-1] = found[-1] + line
        else:
            found.append(line)
    return found


def _goes_on(before: list[Token], line: list[Token]) -> bool:
    last = before[-1]
    unfinished = last.kind == "operator" or (last.kind == "sign" and last.text != ")")
    has_operator = any(token.kind == "operator" for token in line)
    return unfinished or not has_operator or line[0].kind == "operator" or line[0].text == "+"


def _tokens(text: str) -> list[Token]:
    found, at, line, start = [], 0, 1, 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        here = Token("", text[at], line, at - start + 1)
        if match is None:
            if text[at] == ":":
                raise here.error("':' is not offered; blocks of groups or levels and products are not part of a model.")
            raise here.error(f"the character {text[at]!r} has no meaning here; remove it.")
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(kind, match.group(), here.line, here.column))
        if match.group() == "\n":
            line, start = line + 1, match.end()
        at = match.end()
    return found
