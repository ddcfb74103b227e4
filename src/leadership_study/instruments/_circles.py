"""Circles among references: questions that are asked only after each other."""

from collections.abc import Collection, Iterator, Mapping


def circles(refers: Mapping[str, Collection[str]]) -> Iterator[tuple[str, ...]]:
    """Yield each circle of references once, beginning with its first question.

    Names that ``refers`` does not have refer to nothing.
    """
    done: set[str] = set()
    for start in refers:
        yield from _walk(start, refers, done)


def _walk(start: str, refers: Mapping[str, Collection[str]], done: set[str]) -> Iterator[tuple[str, ...]]:
    if start in done:
        return
    trail = [start]
    stack: list[Iterator[str]] = [iter(sorted(refers[start]))]
    while stack:
        for target in stack[-1]:
            if target in trail:
                yield tuple(trail[trail.index(target) :])
            elif target in refers and target not in done:
                stack.append(iter(sorted(refers[target])))
                trail.append(target)
                break
        else:
            stack.pop()
            done.add(trail.pop())
