"""Words that clinical tables write for an event and for none."""

from __future__ import annotations

import re

DEATH_WORDS = re.compile(
    r"(1:)?(dead|deceased|died|death|dod|doc|expired|tot|verstorben|gestorben|tod|mort|morte|d[ée]c[ée]d[ée]e?|d[ée]c[èée]s|exitus)"
    r"( .*)?",
    re.IGNORECASE,
)
EVENT_TRUE = re.compile(
    r"(1:.*|1|yes|y|true|dead|deceased|died|death|event|dod|doc|expired|relapsed?|recurrence|recurred.*|progress.*|metastas.*|"
    r"ja|tot|tod|verstorben|gestorben|rezidiv|ereignis|oui|mort|morte|d[ée]c[ée]d[ée]e?|d[ée]c[èée]s|r[ée]cidive|exitus)",
    re.IGNORECASE,
)
# words that say themselves what they mean, unlike yes and 1
_SAYS = re.compile(
    r"(?!(?:yes|true|false|non?|nein|oui|event|no ?event)$)(?=.*[a-z]{3}|(?:ned|awd|dod|doc)$).*", re.IGNORECASE
)
EVENT_FALSE = re.compile(
    r"(0:.*|0|no|n|false|alive|living|censored|lost to follow.?up|"
    r"no ?(event|recurrence|relapse|progression|metastas.*)|"
    r"norecurrence|no evidence of disease.*|alive .*|lebt .*|vivante? .*|lost|ltfu|verlegt|verschollen|"
    r"(lost|verloren) .*follow.?up|(disease|progression|relapse|recurrence|event|metastas[ie]s).?free|ned|awd|nein|"
    r"lebt|lebend|lebendig|am leben|kein(e)? .*|zensiert|non|vivante?|en vie|"
    r"censur[ée]e?|perdu(e)? de vue|sans .*)",
    re.IGNORECASE,
)


def in_words(event: list[str], censored: list[str]) -> bool:
    """Whether the words of a status say themselves which of them is the event, as `dead` and `alive` do."""
    said = [_SAYS.fullmatch(word) for word in [*event, *censored]]
    known = [EVENT_TRUE.fullmatch(w) or DEATH_WORDS.fullmatch(w) for w in event]
    return bool(event and censored) and all(said) and all(known) and all(map(EVENT_FALSE.fullmatch, censored))
