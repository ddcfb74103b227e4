"""The options of an analysis block, bound to the signature of ``run`` and checked against its type hints."""

import inspect
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from leadership_study import by_name
from leadership_study.scoring.variables import WORDS
from leadership_study.study.checked import Problems, is_inside

ANALYSES = ("leadership_study.measurement", "leadership_study.influences")
_GIVEN = {  # by the pipeline, if `run` has it
    "seed": "it follows from the study's seed and the block's id",
    "waves": "it follows from 'wave' in [[responses]]",
    "returns": "it follows from the answers and from 'distributed' in [[responses]]",
}


def analyses() -> dict[str, str]:
    """Every analysis: its name → the package that holds it.

    Raises
    ------
    RuntimeError
        When two packages have an analysis of the same name: a defect of the program.
    """
    found: dict[str, str] = {}
    for package in ANALYSES:
        for name in by_name.names(package):
            if name in found:
                raise RuntimeError(f"Two analyses are called {name!r}: in {found[name]} and in {package}.")
            found[name] = package
    return found


def analysis(name: str) -> ModuleType:
    """Return the module of the analysis ``name``."""
    return by_name.find(analyses()[name], name)


@dataclass(frozen=True)
class Option:
    """One option of a block: its name, what its value must be, and its default.

    ``default`` is ``inspect.Parameter.empty`` where the option must be given.
    """

    name: str
    must: str
    default: Any

    @property
    def required(self) -> bool:
        """Whether a block must give it."""
        return self.default is inspect.Parameter.empty


def options_of(run: Callable[..., Any]) -> list[Option]:
    """Return the options of ``run`` that a block may set, those that must be given first."""
    hints = get_type_hints(run, include_extras=True)
    found = [
        Option(name=name, must=_described(hints[name]), default=one.default)
        for name, one in inspect.signature(run).parameters.items()
        if one.kind is one.KEYWORD_ONLY and name not in _GIVEN
    ]
    return sorted(found, key=lambda option: not option.required)


@dataclass(frozen=True)
class Known:
    """What a parameter typed ``Variable`` or ``Variables`` may name; None when the questionnaire cannot be read."""

    variables: tuple[str, ...] | None

    def unknown(self, value: str, several: bool) -> str:
        """Return what is wrong with the name ``value``, or nothing."""
        known = [*self.variables, *(WORDS if several else ())] if self.variables is not None else None
        return "" if known is None or value in known else by_name.unknown("variable", value, known)


def bind(
    run: Callable[..., Any],
    given: Mapping[str, Any],
    known: Known,
    place: str,
    problems: Problems,
    *,
    aside: Sequence[str] = (),
) -> dict[str, Any]:
    """Return ``given`` as arguments of ``run``: lists as tuples, whole numbers as floats where floats are asked for.

    Options that are not given have their defaults; those ``aside`` are no business of the plan.

    Everything that does not fit is noted in ``problems``: an unknown option with the nearest right ones, a missing
    one, a value of another type or outside its ``Literal``, and a variable that is not in the questionnaire.
    """
    hints = get_type_hints(run, include_extras=True)
    options = [
        option
        for option in inspect.signature(run).parameters.values()
        if option.kind is option.KEYWORD_ONLY and option.name not in (*_GIVEN, *aside)
    ]
    names = sorted(option.name for option in options)
    for name in given:
        if name in _GIVEN:
            remedy = f"leave it out; {_GIVEN[name]}"
            problems.note(place, f"{name!r} is not set by a block", remedy, "unknown_option")
        elif name not in names:
            message = by_name.unknown("option", name, names) if names else f"{name!r} is unknown: it takes no options"
            problems.note(place, message, "correct it or leave it out", "unknown_option")
    bound = {}
    for option in options:
        if option.name in given:
            try:
                bound[option.name] = _fit(given[option.name], hints[option.name], known)
                if bound[option.name] == () and option.default != ():
                    raise _MisfitError("must have at least one entry", "empty")
            except _MisfitError as error:
                whole = f"must be {_described(hints[option.name])}"  # not only the part that does not fit
                message = f"{option.name!r} {whole if error.rule == 'wrong_value' else error}"
                problems.note(place, message, "correct it", error.rule, given[option.name])
        elif option.default is not option.empty:
            bound[option.name] = option.default
        else:
            message = f"the option {option.name!r} is missing"
            remedy = f"add {option.name} = …, which must be {_described(hints[option.name])}"
            problems.note(place, message, remedy, "missing_option")
    return bound


def takes(run: Callable[..., Any], name: str) -> bool:
    """Say whether ``run`` wants something that the pipeline gives: the block's ``seed``, ``waves``, ``returns``."""
    return name in inspect.signature(run).parameters


def file_options(run: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, str]:
    """Return the options of ``run`` that name a file of the study, with the files."""
    hints = get_type_hints(run, include_extras=True)
    return {name: value for name, value in options.items() if isinstance(value, str) and _is_file(hints[name])}


def toml_options(run: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, str]:
    """Return the options of ``run`` that name a TOML file of the study, with the files."""
    hints = get_type_hints(run, include_extras=True)
    named = {name: str(value) for name, value in options.items() if _is_file(hints[name], "name_or_toml")}
    return {name: value for name, value in named.items() if value.endswith(".toml")}


def is_told(error: Exception) -> bool:
    """Say whether the package itself refused an option, in a sentence; all else is a defect, not a wrong plan."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    own = frame.f_globals.get("__name__", "").startswith("leadership_study.")
    return own and str(error).endswith(".")  # Python's own messages are no sentences


def _is_file(hint: Any, mark: str = "table_file") -> bool:
    if get_origin(hint) is Annotated:
        return mark in get_args(hint)[1:]
    return any(_is_file(part, mark) for part in get_args(hint))


class _MisfitError(Exception):
    def __init__(self, message: str, rule: str = "wrong_value") -> None:
        super().__init__(message)
        self.rule = rule


def _fit(value: Any, hint: Any, known: Known) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _fit_variable(value, hint, known)
    if origin is Literal:
        if any(value == choice and type(value) is type(choice) for choice in arguments):
            return value
    elif origin in (Union, types.UnionType):
        return _fit_any(value, hint, known)
    elif origin in (tuple, list) or hint in (tuple, list):
        if isinstance(value, list):
            return _fit_list(value, hint, known)
    elif origin in (Mapping, dict):
        if isinstance(value, dict):
            return {name: _fit(entry, arguments[1], known) for name, entry in value.items()}
    elif hint is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif hint is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    elif hint in (bool, str) and isinstance(value, hint):
        return value
    raise _MisfitError(f"must be {_described(hint)}")


def _fit_any(value: Any, hint: Any, known: Known) -> Any:
    misfits = []
    for choice in get_args(hint):
        if choice is type(None):  # TOML has no null: leave the option out
            continue
        try:
            return _fit(value, choice, known)
        except _MisfitError as error:
            misfits.append(error)
    # A name that is unknown says more than a list of all types.
    raise next(
        (error for error in misfits if error.rule == "unknown_variable"), _MisfitError(f"must be {_described(hint)}")
    )


def _fit_list(value: list[Any], hint: Any, known: Known) -> Any:
    kind, arguments = get_origin(hint) or hint, get_args(hint)
    if kind is list or not arguments or arguments[-1] is Ellipsis:
        entries = [arguments[0] if arguments else str] * len(value)
    elif len(arguments) == len(value):
        entries = list(arguments)
    else:
        raise _MisfitError(f"must be {_described(hint)}")
    return kind(_fit(entry, wanted, known) for entry, wanted in zip(value, entries, strict=True))


def _fit_variable(value: Any, hint: Any, known: Known) -> Any:
    base, *marks = get_args(hint)
    if "table_file" in marks:
        if not isinstance(value, str) or not is_inside(value):
            raise _MisfitError(f"must be {_described(hint)}")
        return value
    if "name_or_toml" in marks:
        if not isinstance(value, str) or not value or (value.endswith(".toml") and not is_inside(value)):
            raise _MisfitError(f"must be {_described(hint)}")
        return value
    fitted = _fit(value, base, known)
    if "variable" not in marks and "variables" not in marks:
        return fitted
    names = fitted if isinstance(fitted, tuple) else (fitted,)
    for name in names:
        if trouble := known.unknown(name, "variables" in marks):
            raise _MisfitError(f"names what is not there: {trouble}", "unknown_variable")
    return fitted


def _described(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        if "variable" in arguments[1:]:
            return "the id of a variable"
        if "table_file" in arguments[1:]:
            return "the name of a CSV file inside the study's folder in data/raw/"
        if "name_or_toml" in arguments[1:]:
            return "a name, or a TOML file inside the study's folder in data/raw/"
        if "variables" in arguments[1:]:
            return f"a list of ids of variables or of the words {', '.join(WORDS)}"
        return _described(arguments[0])
    if origin is Literal:
        return "one of " + ", ".join(_literal(choice) for choice in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_described(choice) for choice in arguments if choice is not type(None))
    if origin in (tuple, list) or hint in (tuple, list):
        if not arguments or arguments[-1] is Ellipsis or origin is list:
            return f"a list, each entry {_described(arguments[0]) if arguments else 'a text'}"
        return "a list of " + ", ".join(_described(entry) for entry in arguments)
    if origin in (Mapping, dict):
        return f"a table, each value {_described(arguments[1])}"
    return {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}.get(hint, str(hint))


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
