"""Read the file of a model."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from prognomics.data.model import (
    FORMAT,
    FORMAT_VERSION,
    Baseline,
    Coefficient,
    Derivation,
    EditedModel,
    LockedModel,
    checksum,
)
from prognomics.data.model_checks import check_model
from prognomics.errors import BadInput
from prognomics.io.json_text import parse_json
from prognomics.spec.schema import validator

MAX_BYTES = 64 << 20


def parse_model(text: str, where: str) -> LockedModel:
    """Read a model; an `EditedModel` where the content does not match its checksum.

    Parameters
    ----------
    text : str
    where : str
        Its file, for messages.

    Raises
    ------
    BadInput
        Not a model, a newer format, or a part that is missing or of the wrong type.
    """
    hint = "give a file made by --out-fitted"
    if len(text) > MAX_BYTES:
        raise BadInput(f"the model is larger than {MAX_BYTES >> 20} MB", where=where, hint=hint)
    try:
        raw = parse_json(text)
    except ValueError as error:
        raise BadInput(f"not a model: {error}", where=where, hint=hint) from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise BadInput("not a model", where=where, hint=hint)
    if raw.get("format_version") != FORMAT_VERSION:
        raise BadInput(f"the model has format version {raw.get('format_version')!r}; this version of the suite "
                       f"reads {FORMAT_VERSION}", where=where, hint="use the version that wrote it")  # fmt: skip
    problem = next(iter(validator("model").iter_errors(raw)), None)
    if problem is not None:
        place = ".".join(map(str, problem.absolute_path)) or "the file"
        raise BadInput(f"not a valid model: {place}: {problem.message[:200]}", where=where, hint=hint)
    content = {key: value for key, value in raw.items() if key != "sha256"}
    kind = LockedModel if raw.get("sha256") == checksum(content) else EditedModel
    model = kind(**{f.name: _revive(f.name, content[f.name]) for f in fields(LockedModel) if f.name in content})
    check_model(model, where)
    return model


def _revive(name: str, value: Any) -> Any:
    if name == "coefficients":
        return tuple(Coefficient(**{k: _tuples(v) for k, v in item.items()}) for item in value)
    if name == "baseline":
        return tuple(Baseline(**{k: _tuples(v) for k, v in item.items()}) for item in value)
    if name == "derivation":
        return Derivation(**{k: _tuples(v) for k, v in value.items()})
    return _tuples(value)


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
