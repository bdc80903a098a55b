"""Words that clinical tables write for an event and for none."""

from __future__ import annotations

import re

EVENT_TRUE = re.compile(
    r"(1:.*|1|yes|y|true|dead|deceased|died|death|event|dod|doc|relapsed?|recurrence|recurred.*|progress.*|metastas.*)",
    re.IGNORECASE,
)
EVENT_FALSE = re.compile(
    r"(0:.*|0|no|n|false|alive|living|censored|no ?(event|recurrence|relapse|progression|metastas.*)|"
    r"norecurrence|disease.?free|ned)",
    re.IGNORECASE,
)
