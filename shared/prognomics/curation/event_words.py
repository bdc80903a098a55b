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
EVENT_FALSE = re.compile(
    r"(0:.*|0|no|n|false|alive|living|censored|lost to follow.?up|"
    r"no ?(event|recurrence|relapse|progression|metastas.*)|"
    r"norecurrence|(disease|progression|relapse|recurrence|event|metastas[ie]s).?free|ned|awd|nein|"
    r"lebt|lebend|lebendig|am leben|kein(e)? .*|zensiert|non|vivante?|en vie|"
    r"censur[ée]e?|perdu(e)? de vue|sans .*)",
    re.IGNORECASE,
)
