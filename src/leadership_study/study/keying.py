"""What is told before any analysis: items and scales that the answers show to be keyed the wrong way."""

from leadership_study.measurement.keying import keying_problems
from leadership_study.results import Note
from leadership_study.validation import ValidatedResponses


def keying_warnings(validated: ValidatedResponses) -> tuple[Note, ...]:
    """Return the warnings of each block of responses; with several blocks each says whose answers it is about."""
    blocks = list(dict.fromkeys(validated.block))
    found = []
    for block in blocks:
        own = validated.frame[(validated.block == block).to_numpy()] if len(blocks) > 1 else validated.frame
        for note in keying_problems(own, validated.instrument):
            several = Note("keying_in_block", "{block}: {warning}", {"block": block, "warning": note})
            found.append(several if len(blocks) > 1 else note)
    return tuple(found)
