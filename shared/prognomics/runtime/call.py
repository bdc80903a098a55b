"""Call a tool: options in, outputs written and recorded; or Python objects in and out."""

from __future__ import annotations

import contextlib
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

from prognomics.data.registry import artifact
from prognomics.errors import AnalysisWarning, NotInstalled, UsageError, note, warn
from prognomics.runtime.choices import NameOfFile, resolve_options
from prognomics.runtime.plots import with_look
from prognomics.spec.model import Tool

RECORD = "record"


def load_function(tool: Tool) -> Callable[..., dict[str, Any]]:
    """The function of a tool's script, which has the tool's name."""
    name = f"prognomics_tool_{tool.id}"
    loader = SourceFileLoader(name, str(tool.script_path))
    module = module_from_spec(spec_from_loader(name, loader))
    loader.exec_module(module)
    result: Callable[..., dict[str, Any]] = getattr(module, tool.id)
    return result


@dataclass
class Run:
    """What a call made: outputs by name (made when first requested), warnings, and for the record its inputs."""

    tool: Tool
    resolved: dict[str, Any]
    bound: Any
    made: dict[str, Any]
    warned: list[AnalysisWarning] = field(default_factory=list)

    def output(self, name: str) -> Any:
        if callable(self.made[name]):
            self.made[name] = self.made[name]()
            if artifact(self.tool.output(name).artifact).kind == "plot":
                self.made[name] = with_look(self.tool, self.resolved, self.made[name])
        return self.made[name]


@contextmanager
def _collected(into: list[AnalysisWarning]) -> Iterator[None]:
    """Collect warnings; an error takes those that came before it along, as `warned`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except Exception as error:
            _collect(caught, into)
            error.warned = into
            raise
    _collect(caught, into)


def _collect(caught: list[warnings.WarningMessage], into: list[AnalysisWarning]) -> None:
    seen = {(w.code, w.text) for w in into}
    for message in caught:
        warning = message.message
        if isinstance(warning, AnalysisWarning) and (warning.code, warning.text) not in seen:
            seen.add((warning.code, warning.text))
            into.append(warning)


def call(tool: Tool, given: dict[str, Any], wanted: list[str] | None = None) -> Run:
    """Run a tool's function on given options (files or objects); `wanted` outputs are made at once."""
    from prognomics.runtime.spool import spooled

    resolved = resolve_options(tool, given)
    with contextlib.ExitStack() as stack:
        run = _run(tool, stack.enter_context(spooled(tool, resolved)), wanted)
        # outputs may be made later: what they are made from stays as long as the run
        weakref.finalize(run, stack.pop_all().close)
    return run


def _run(tool: Tool, resolved: dict[str, Any], wanted: list[str] | None, *, hashed: bool = False) -> Run:
    from prognomics.runtime.binding import bind

    warned: list[AnalysisWarning] = []
    with _collected(warned):
        bound = bind(tool, resolved, hashed=hashed)
        for item in tool.inputs:
            if isinstance(name := resolved.get(item.name), NameOfFile):
                note("named-after-file", f"{item.flag} is not given: {str(name)!r} is taken from the name of the file")
        made = load_function(tool)(**bound.arguments)
        run = Run(tool, resolved, bound, made, warned)
        for name in wanted if wanted is not None else list(made):
            if name not in made or made[name] is None:
                raise UsageError(f"{tool.output(name).flag} is not made with these options")
            try:
                run.output(name)
            except NotInstalled as error:
                if wanted is None or len(wanted) < 2:
                    raise
                del run.made[name]  # the others are written all the same
                warn("output-not-made", f"{tool.output(name).flag} is not written: {error.what}; {error.hint}")
    return run


def run_to_files(tool: Tool, given: dict[str, Any], outputs: dict[str, Path]) -> Run:
    """Run a tool and write the outputs requested, whole or not at all.

    Parameters
    ----------
    given : dict
        Values of inputs by name; files as paths.
    outputs : dict
        Paths by output name; `record` is the run record.
    """
    if not outputs:
        flags = ", ".join(o.flag for o in tool.outputs)
        raise UsageError("no output is asked for", hint=f"name at least one of {flags}")
    from prognomics.data import store
    from prognomics.runtime.inputs import Inputs
    from prognomics.runtime.spool import spooled
    from prognomics.runtime.staging import Staging

    given = tool.with_current_names(given)
    staged = Staging(list(outputs.values()), Inputs.of_call(tool, given))
    with staged as staging, spooled(tool, resolve_options(tool, given)) as resolved:
        wanted = [name for name in outputs if name != RECORD]
        # a model names what it was derived from, as the record does
        hashed = RECORD in outputs or any(artifact(tool.output(name).artifact).kind == "model" for name in wanted)
        run = _run(tool, resolved, wanted, hashed=hashed)
        written = []
        with _collected(run.warned):
            for name, path in outputs.items():
                if name == RECORD or name not in run.made:
                    continue
                kind = artifact(tool.output(name).artifact)
                chosen = kind.format_of(path, _format_asked(kind.kind, run.resolved))
                content = run.output(name)
                if kind.kind == "model":
                    content = content.with_inputs(run.bound.checksums())
                compress = path.suffix == ".gz"
                part = staging.write(
                    path, lambda p, k=kind, c=content, f=chosen, z=compress: store.write(k, c, p, f, compress=z)
                )
                written.append((name, kind.id, part))
        if RECORD in outputs:
            from prognomics.runtime.checksums import require_unchanged
            from prognomics.runtime.record import make_record

            require_unchanged(run.bound.files, run.bound.arguments)
            record = make_record(tool, run.resolved, run.bound, written, run.warned)
            kind = artifact("run_record")
            staging.write(outputs[RECORD], lambda p: store.write(kind, record, p, kind.formats[0]))
    return run


def _format_asked(kind: str, resolved: dict[str, Any]) -> str | None:
    return resolved.get({"plot": "plot_format", "matrix": "matrix_format"}.get(kind, ""))
