"""Numbers and names as people read them, shared by figures and report.

Nothing here computes a statistic: a value comes in, its text goes out. A value
that is not there becomes an en dash.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

ABSENT = "–"

ENDPOINT_NAMES = {
    "os": "Overall survival",
    "dfs": "Disease-free survival",
    "dfi": "Disease-free interval",
    "dss": "Disease-specific survival",
    "css": "Cancer-specific survival",
    "efs": "Event-free survival",
    "rfs": "Relapse-free survival",
    "mfs": "Metastasis-free survival",
    "dmfs": "Distant metastasis-free survival",
    "pfs": "Progression-free survival",
    "pfi": "Progression-free interval",
    "ttp": "Time to progression",
    "lrfs": "Local relapse-free survival",
}


def as_number(value: object) -> float:
    """The value as a float; NaN when it is not a number."""
    if isinstance(value, bool) or value is None:
        return math.nan
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def is_absent(value: object) -> bool:
    """True for None, NaN, the empty text and the text NA."""
    if value is None:
        return True
    if isinstance(value, str):
        return value.strip() in ("", "NA")
    try:
        return bool(value != value)  # NaN and NaT are the values that differ from themselves
    except (TypeError, ValueError):
        return False


def clean_text(value: object) -> str:
    """One line of printable text: control characters and line breaks become blanks."""
    text = "" if value is None else str(value)
    if text.isprintable():  # also without lone surrogates, which are not
        return " ".join(text.split())
    text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def format_count(value: object) -> str:
    """A integer with thousands separated: 1,362."""
    number = as_number(value)
    if math.isnan(number):
        return ABSENT
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    return f"{number:,.0f}" if number == round(number) else f"{number:,.1f}"


def format_number(value: object, digits: int = 3) -> str:
    """A number at `digits` significant digits, without an exponent where that is readable."""
    number = as_number(value)
    if math.isnan(number):
        return ABSENT
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    if number == 0:
        return "0"
    size = abs(number)
    if number == round(number) and size < 1e7:
        return f"{number:,.0f}".replace("-", "−")
    if size >= 1e7 or size < 1e-3:
        return f"{number:.{digits - 1}e}".replace("-", "−", 1 if number < 0 else 0)
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    return f"{number:,.{decimals}f}".replace("-", "−")


def format_p(value: object) -> str:
    """A p-value as journals print it: <0.001, 0.086, 0.15, >0.99; never rounded across 0.05."""
    number = as_number(value)
    if math.isnan(number):
        return ABSENT
    if number < 0.001:
        return "<0.001"
    if number > 0.99:
        return ">0.99"
    decimals = 3 if number < 0.0995 else 2
    text = f"{number:.{decimals}f}"
    while decimals < 6 and (float(text) < 0.05) != (number < 0.05):
        decimals += 1
        text = f"{number:.{decimals}f}"
    return text


def format_small_p(value: object) -> str:
    """A p-value of a screen, in full below 0.001 as well: 2.7 × 10⁻⁹."""
    number = as_number(value)
    if math.isnan(number) or number >= 0.001:
        return format_p(number)
    if number <= 1e-300:
        return f"<10{exponent(-300)}"
    digits, _, power = f"{number:.1e}".partition("e")
    return f"{digits} × 10{exponent(int(power))}"


def exponent(power: int) -> str:
    """An exponent in raised figures: ⁻⁹."""
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def p_phrase(value: object) -> str:
    """A p-value with its relation sign: `p = 0.003`, `p < 0.001`; `p not available` without one."""
    text = format_p(value)
    if text == ABSENT:
        return "p not available"
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"


def format_ratio(value: object) -> str:
    """A hazard ratio: 2.97, 0.05, 12.3, 140."""
    number = as_number(value)
    if math.isnan(number):
        return ABSENT
    if math.isinf(number):
        return "∞"
    if number >= 1e5:
        return f"{number:.1e}"
    if number >= 100:
        return f"{number:,.0f}"
    if number >= 10:
        return f"{number:.1f}"
    if number >= 0.1 or number == 0:
        return f"{number:.2f}"
    return f"{number:.2g}"


def format_ratio_unit(value: object, low: object = math.nan, high: object = math.nan) -> str:
    """A ratio and its interval: 2.97 (1.84–4.79); three decimals when all three lie close to 1."""
    numbers = [as_number(v) for v in (value, low, high)]
    if math.isnan(numbers[0]):
        return ABSENT
    close = all(0.9 < n < 1.1 for n in numbers if not math.isnan(n))
    texts = [f"{n:.3f}" if close and not math.isnan(n) else format_ratio(n) for n in numbers]
    if texts[1] == ABSENT and texts[2] == ABSENT:
        return texts[0]
    return f"{texts[0]} ({texts[1]}–{texts[2]})"


def format_percent(value: object, low: object = math.nan, high: object = math.nan, decimals: int = 0) -> str:
    """A share as a percentage with its interval: 58% (53–64)."""
    numbers = [as_number(v) for v in (value, low, high)]
    if math.isnan(numbers[0]):
        return ABSENT
    texts = [ABSENT if math.isnan(n) else f"{100 * n:.{decimals}f}" for n in numbers]
    if texts[1] == ABSENT and texts[2] == ABSENT:
        return f"{texts[0]}%"
    return f"{texts[0]}% ({texts[1]}–{texts[2]})"


def format_months(value: object, low: object = math.nan, high: object = math.nan, decimals: int = 1) -> str:
    """A time with its interval: 62.4 (50.1–71); `not reached`, or NR for a limit, when it is not there."""
    numbers = [as_number(v) for v in (value, low, high)]
    if math.isnan(numbers[0]):
        return "not reached"
    if math.isnan(numbers[1]) and math.isnan(numbers[2]):
        return f"{numbers[0]:.{decimals}f}".removesuffix(".0")
    texts = ["NR" if math.isnan(n) else f"{n:.{decimals}f}".removesuffix(".0") for n in numbers]
    return f"{texts[0]} ({texts[1]}–{texts[2]})"


def endpoint_name(endpoint: object) -> str:
    """The words for an endpoint: `os` is overall survival, an unknown code `Survival (code)`."""
    text = clean_text(endpoint)
    if re.fullmatch(r"[A-Za-z0-9_.-]*", text):
        return ENDPOINT_NAMES.get(text.casefold(), f"Survival ({text})" if text else "Survival")
    return text


def sentence_case(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def within_sentence(text: str) -> str:
    """The text as it stands inside a sentence: a capital word becomes small, an abbreviation stays."""
    return text[:1].lower() + text[1:] if re.match(r"[A-Z][a-z]|A ", text) else text


def join_words(words: Iterable[object], last: str = "and") -> str:
    """Words in a row: `a`, `a and b`, `a, b and c`."""
    texts = [str(word) for word in words]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}"


def plural(count: object, one: str, many: str = "") -> str:
    """A count with its noun: `1 event`, `12 events`."""
    number = as_number(count)
    noun = one if number == 1 else (many or one + "s")
    return f"{format_count(count)} {noun}"
