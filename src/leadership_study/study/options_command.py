"""``leadership-study options``: what a block of a plan may use, and the options of each, read off the program."""

import argparse
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from leadership_study.study.options import Option

_TOLD = "every analysis and setting that a plan may use, or the options of one"
_EPILOG = """\
examples:
  leadership-study options                 every analysis and setting, with its purpose
  leadership-study options regression      its options: values, defaults, what they mean
  leadership-study options --markdown      all of them with their options, as in docs/plan.md
"""
_HEADINGS = {
    "measurement": "Does the instrument hold",
    "influences": "What goes with leadership",
    "districts": "The setting",
}
_COMMON = {
    "confidence_level": "Of the intervals.",
    "group": "A background question of kind 'group'; the outermost that answers are nested in unless named.",
    "adjust": "Of p values for the number of tests.",
    "dimensions": "Which of them; all unless named.",
    "measures": "Dimensions on the same response scale; all unless named.",
    "scales": "Dimensions or composites; all dimensions unless named.",
    "ordered": "Whether answers are taken as ordered categories.",
    "by": "Tests of means, or of ranks.",
    "correlation": "With polychoric ones answers count as ordered categories.",
    "equivalence_bound": "Differences of at most so many pooled standard deviations count as none.",
    "estimator": "As in lavaan.",
    "factors": "Background questions whose levels are compared.",
    "interval": "How the intervals are made.",
    "items": "Which of them; all unless named.",
    "levene_center": "What Levene's test takes deviations from.",
    "marker": "Items of a scale that has nothing to do with the others.",
    "method": "Which coefficient.",
    "models": "Which of them are fitted.",
    "n_factors": "How many; with dimensions as many as dimensions that the items serve.",
    "neighbours": "Pairs of neighbouring schools: columns school and neighbour.",
    "partial": "Variables that are held constant.",
    "reach": "Distance (km) up to which schools are neighbours.",
    "rotation": "How the factors are turned; after an oblique rotation they may correlate.",
    "treatment": "The question whose answers tell the two groups.",
    "unit": "What joins: schools, for example.",
    "variances": "Of the groups; with levene its test chooses.",
    "standard": "A standard that comes with the package, or a file of your own.",
    "missing": "What is done with incomplete rows.",
    "outcome": "What is explained.",
    "predictors": "What explains it.",
    "covariates": "Other variables that are allowed for.",
    "x": "The predictor.",
    "m": "What stands between predictor and outcome.",
    "w": "The moderator.",
    "y": "The outcome.",
}
_WIDTH = 100

Commands = Any  # argparse's own type of a set of subcommands is private


def add_parser(commands: Commands) -> None:
    """Add ``options`` to the program's commands."""
    parser = commands.add_parser(
        "options", help=_TOLD, description=f"List {_TOLD}.", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("use", metavar="USE", nargs="?", help="an analysis or a setting, as in 'use' of a block")
    parser.add_argument("--markdown", action="store_true", help="write the list with all options as Markdown")
    parser.set_defaults(do=main)


def main(options: argparse.Namespace) -> int:
    """Print what was asked for; return the exit code."""
    from leadership_study.by_name import unknown
    from leadership_study.errors import ProjectError

    if options.use is None:
        text = markdown() if options.markdown else purposes()
    else:
        found = modules()
        if options.use not in found:
            raise ProjectError(unknown("analysis or setting", options.use, sorted(found)))
        text = explained(options.use, found[options.use])
    print(text)  # noqa: T201
    return 0


def modules() -> dict[str, ModuleType]:
    """Every analysis and every setting by the name that ``use`` has: the module with its ``run``."""
    from leadership_study import by_name
    from leadership_study.study.options import analyses, analysis
    from leadership_study.study.plan_setting import SETTINGS, settings

    found = {name: analysis(name) for name in analyses()}
    return found | {name: by_name.find(SETTINGS, name) for name in settings()}


def purposes() -> str:
    """Return the list of all analyses and settings, one line each."""
    found = modules()
    width = max(len(name) for name in found)
    lines = []
    for table, heading, names in _families(found):
        lines += [f"{heading} ([[{table}]])"]
        for name in names:
            indent = " " * (width + 4)
            lines += textwrap.wrap(f"  {name:<{width}}  {_purpose(found[name])}", _WIDTH, subsequent_indent=indent)
        lines += [""]
    return "\n".join([*lines, "The options of one: leadership-study options NAME"])


def explained(name: str, module: ModuleType) -> str:
    """Return purpose and options of one analysis or setting."""
    from leadership_study.study.options import options_of

    told = inspect.getdoc(module.run) or ""
    lines = [f'use = "{name}"', *_wrapped(_purpose(module), "  "), ""]
    for paragraph in re.split(r"\n-{3,}\n", told)[0].removesuffix("\nParameters").strip().split("\n\n"):
        lines += [*_wrapped(_plain(paragraph), "  "), ""]
    said = meanings(module)
    options = options_of(module.run)
    for option in options:
        lines += [f"  {option.name}{_given(option)}", *_wrapped(f"{option.must}.", "      ")]
        lines += _wrapped(said.get(option.name, ""), "      ")
    if not options:
        lines += ["  It takes no options."]
    table = next(table for table, _, names in _families({name: module}) if name in names)
    also = "id and title" if table == "setting" else "id, title, of, imputations and headline"
    return "\n".join([*lines, "", f"Every [[{table}]] block may also have {also}; docs/plan.md says what they do."])


def markdown() -> str:
    """Return all analyses and settings with their options and defaults, as Markdown."""
    from leadership_study.study.options import options_of

    found = modules()
    lines = []
    for table, heading, names in _families(found):
        lines += [f"### {heading}: `[[{table}]]`", "", "| `use` | what it tells | options |", "|---|---|---|"]
        for name in names:
            listed = ", ".join(_short(option) for option in options_of(found[name].run)) or "none"
            lines += [f"| `{name}` | {_purpose(found[name])} | {listed} |"]
        lines += [""]
    return "\n".join(lines).rstrip()


def _families(found: Mapping[str, ModuleType]) -> Iterator[tuple[str, str, list[str]]]:
    for package, heading in _HEADINGS.items():
        names = sorted(name for name, module in found.items() if module.__name__.split(".")[1] == package)
        if names:
            yield "setting" if package == "districts" else "analysis", heading, names


def _purpose(module: ModuleType) -> str:
    return _plain((module.__doc__ or "").strip().split("\n\n")[0])


def _plain(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)


def _given(option: "Option") -> str:
    if option.required:
        return "   (must be given)"
    return "" if option.default is None else f" = {_toml(option.default)}"


def _short(option: "Option") -> str:
    if option.required:
        return f"**`{option.name}`**"
    return f"`{option.name}`" if option.default is None else f"`{option.name} = {_toml(option.default)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}" if not value.is_integer() else f"{value:.1f}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_toml(entry) for entry in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def meanings(module: ModuleType) -> dict[str, str]:
    """What is said of each option: by ``run``, else by the module's public functions, else in general."""
    own = [
        function
        for name, function in vars(module).items()
        if inspect.isfunction(function) and not name.startswith("_") and function.__module__ == module.__name__
    ]
    asked = inspect.signature(module.run).parameters
    found = _parameters(inspect.getdoc(module.run) or "")
    for function in own:
        given = inspect.signature(function).parameters
        for name, text in _parameters(inspect.getdoc(function) or "").items():
            if name in asked and name in given and _alike(asked[name], given[name]):
                found[name] = found.get(name) or text
    return {**_COMMON, **{name: text for name, text in found.items() if text}}


def _alike(one: inspect.Parameter, other: inspect.Parameter) -> bool:
    """Whether what is said of a function's parameter holds in a plan: no id of a column, no other default."""
    marks = get_args(one.annotation)[1:]
    return not {"variable", "variables"} & set(marks) and (one.default is one.empty) == (other.default is other.empty)


def _parameters(told: str) -> dict[str, str]:
    """Return the parameters of a numpydoc docstring with what it says of them."""
    parts = re.split(r"^(\w+)\n-{3,}\n", told, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    found: dict[str, str] = {}
    names: list[str] = []
    for line in sections.get("Parameters", "").splitlines():
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.partition(" : ")[0].split(",")]
        else:
            found |= {name: f"{found.get(name, '')} {_plain(line)}".strip() for name in names}
    return found
