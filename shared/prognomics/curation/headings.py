"""What the heading of a clinical column speaks of: an endpoint, a time, a status, a date (English, German, French)."""

from __future__ import annotations

import re
import unicodedata

ACRONYMS = (
    "os", "dss", "css", "dfs", "dfi", "pfs", "pfi", "rfs", "mfs", "dmfs", "efs", "ttp", "bcr", "bfs", "ffs", "lrfs",
)  # fmt: skip
DEATHS = ("os", "dss", "css")
# what ends at the latest with death: these times cannot exceed the time of overall survival
WITHIN_LIFE = tuple(name for name in ACRONYMS if name != "os")
DEFINITIONS = {
    "os": "death from any cause", "dss": "death from the disease", "css": "death from the disease",
    "mfs": "metastasis", "dmfs": "distant metastasis", "rfs": "relapse", "lrfs": "local relapse", "ttp": "progression",
    "dfs": "relapse or death (disease-free survival)", "dfi": "relapse after complete response (disease-free interval)",
    "pfs": "progression or death (progression-free survival)", "bcr": "biochemical recurrence",
    "pfi": "progression, relapse, new tumor or death with tumor (progression-free interval)",
    "efs": "progression, relapse or death (event-free survival)", "bfs": "biochemical recurrence",
    "ffs": "treatment failure (failure-free survival)",
}  # fmt: skip
# patterns meet headings without accents, in lower case, as `plain` gives them
_PHRASES = (
    ("dmfs", r"distant (metastas[ie]s|relapse|recurrence) free|fernmetastasenfrei"),
    ("mfs", r"metastas[ie]s ?free|metastasenfrei|sans metastase"),
    ("dfi", r"disease ?free interval"),
    ("pfi", r"progression ?free interval"),
    ("dfs", r"disease ?free|krankheitsfrei|erkrankungsfrei|sans maladie"),
    ("rfs", r"(relapse|recurrence) ?free|rezidivfrei|sans (recidive|rechute)"),
    ("pfs", r"progression ?free|progressionsfrei|sans progression"),
    ("efs", r"event ?free|ereignisfrei|sans evenement"),
    ("dss", r"(disease|cancer|tumou?r|cause) specific|spezifisches ue?berleben|died? of disease|survie specifique"),
    ("ttp", r"time to progression"),
    ("os", r"overall survival|gesamtue?berleben|survie globale"),
)
_EVENTS = (
    ("mfs", r"metasta|\bmet\b"),
    ("rfs", r"relapse|recurr|rezidiv|recidive|rechute|new tumou?r event"),
    ("pfs", r"progress"),
    ("os", r"death|dead|\bdied\b|vital|deceased|surviv|\bsurv\b|alive|"
        r"\bexitus\b|\btod\b|todes|\btot\b|verstorben|gestorben|"
           r"ue?berleb|lebend|\bliving\b|\ben vie\b|\bdeces|decede|\bmort\b|survie|vivant"),
)  # fmt: skip
FOLLOW_UP = re.compile(
    r"follow|\bfu\b|\blfu\b|last|contact|known alive|censor|observ|letzte|kontakt|"
    r"nachbeobachtung|nachsorge|suivi|dernier"
)
TIME = re.compile(
    r"\btime\b|months?\b|\bdays?\b|\byears?\b|\bweeks?\b|\bt\b|surviv|follow|duration|\bfu\b|\binterval\b|"
    r"zeit\b|dauer|monate?\b|tage\b|\bjahre\b|ue?berleben|nachbeobachtung|"
    r"temps|delai|duree|mois\b|jours?\b|survie|suivi"
)
STATUS = re.compile(
    r"status|event|death|dead|\bdied\b|vital|relapse|recurr|progress|censor|deceased|metasta|\bmet\b|\be\b|alive|exitus|"
    r"\bindicator\b|ereignis|tod\b|verstorben|gestorben|rezidiv|zensier|zustand|lebt|"
    r"\bsurvi(ved|vor)\b|\bliving\b|\b(ue?ber)?lebend\b|ue?berlebt\b|survecu|\ben vie\b|"
    r"statut|evenement|deces|decede|recidive|rechute|\betat\b|vivant"
)
DATE = re.compile(r"\bdate\b|datum|\bdat\b|\bdt\b|(diagnose|todes|geburts)tag\b")
START = re.compile(
    r"diagnos|\bdx\b|surgery|surgical|operation|\bop\b|resection|initial|baseline|inclusion|enrol|random|biops|"
    r"aufnahme|einschluss|\bchirurgie\b|start"
)
CALENDAR = re.compile(r"\byear of\b|^year\b|\bjahr\b|\bannee\b|birth|geburt|naissance|\bdob\b")
_ABOUT_TIME_OR_STATUS = re.compile(
    r"\b(time|months?|mo|days?|years?|yrs?|weeks?|status|event|ind|indicator|censor(ed|ing|ship)?|cens|t|e|to|in|of|the|"
    r"at|last|follow ?up|fu|zeit|monate?n?|tage?n?|jahre?n?|ereignis|statut|temps|mois|jours?|evenement|delai)\b"
)


def plain(heading: str) -> str:
    """A heading in lower case without accents, its words apart: `daysToDeath` is `days to death`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z][a-z]+)", " ", _without_accents(heading))
    return " ".join(re.sub(r"[^A-Za-z0-9:%]+", " ", words).lower().split())


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(c for c in parts if not unicodedata.combining(c))


def endpoint_of(heading: str) -> str:
    """The endpoint that a heading names by acronym or phrase, or by the event that it speaks of; else `""`."""
    return named_endpoint(heading) or event_of(heading)


def named_endpoint(heading: str) -> str:
    """The endpoint that a heading names by acronym or phrase, or `""`."""
    text = plain(heading)
    parts = re.split(r"[^a-z]+", text)
    found = next((part for part in parts if part in ACRONYMS), "")
    if not found:  # OSmonths, osEvent: an acronym before a word
        glued = re.match(rf"({'|'.join(ACRONYMS)})(time|months?|days?|years?|status|event|cens)", parts[0])
        found = glued[1] if glued else ""
    return found or next((name for name, pattern in _PHRASES if re.search(pattern, text)), "")


def event_of(heading: str) -> str:
    """The endpoint of the event that a heading speaks of (death is `os`), or `""`."""
    text = plain(heading)
    return next((name for name, pattern in _EVENTS if re.search(pattern, text)), "")


def stem(heading: str) -> str:
    """A heading without its words for time, unit and status: equal for a time and a status that belong together."""
    return " ".join(_ABOUT_TIME_OR_STATUS.sub(" ", plain(heading)).split())
