"""The twenty items of REMARK, and the sections of the page that answer them.

The numbering is that of the guideline (doi 10.1038/sj.bjc.6602678) and of its explanation
(doi 10.1371/journal.pmed.1001216); the wording of the items is this project's own.
"""

from __future__ import annotations

from prognomics.report.results.joined import Joined

PLACES = {  # sections of the whole study; those of tools are named in their specs
    "summary": "Key findings", "doubts": "Caveats and warnings", "cohorts": "Cohorts", "analyses": "All analyses",
    "sensitivity": "Sensitivity analyses", "methods": "Methods", "provenance": "Provenance",
    "profile": "REMARK profile", "signatures": "Signatures", "other": "Other results",
}  # fmt: skip

ITEMS = (
    ("1", "Introduction", "the marker, the aims, and any hypothesis fixed beforehand"),
    ("2", "Materials", "who the patients are, where they come from, and who was included and excluded"),
    ("3", "Materials", "how the patients were treated, and how the treatment was chosen"),
    ("4", "Materials", "the specimens: kind of tissue, controls, how they were kept"),
    ("5", "Materials", "the assay: protocol, quality control, how it was read, whether blind to the outcome"),
    ("6", "Materials", "the design: how cases were chosen, period, end and median of follow-up"),
    ("7", "Materials", "the endpoints, each defined"),
    ("8", "Materials", "all variables that were looked at or considered for a model"),
    ("9", "Materials", "why this sample size; with a target effect, its power"),
    ("10", "Methods", "the statistical methods: choice of variables, model building, assumptions, missing data"),
    ("11", "Methods", "how marker values were used: cutpoints and how they were found"),
    ("12", "Results", "the flow of patients, with numbers and events at each stage and reasons for leaving"),
    ("13", "Results", "how age, sex, standard variables and the marker are distributed, with missing values"),
    ("14", "Results", "how the marker relates to the standard variables"),
    ("15", "Results", "the marker alone and the outcome: an effect with its interval, and survival curves"),
    ("16", "Results", "the multivariable models: effects with intervals of the marker and all other variables"),
    ("17", "Results", "the marker adjusted for the standard variables, whether or not they are significant"),
    ("18", "Results", "further checks: assumptions, sensitivity, internal validation"),
    ("19", "Discussion", "what it means, against hypotheses and other studies, and its limits"),
    ("20", "Discussion", "what follows for research and for the clinic"),
)


def name_of_place(section: str, joined: Joined) -> str:
    """What links call a section."""
    named = (s.in_report.link for s in joined.steps if s.in_report.section == section)
    return PLACES.get(section) or next(named, section)
