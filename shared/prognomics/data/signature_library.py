"""Published signatures that come with the package, each a file with a head of `# key: value` lines.

Genes, identifiers, weights and DOIs are those of the publications as other packages list them (see `source`). A row is
a gene: weights of several probes of a gene are averaged; what has no gene, and reference genes, are in the head.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from prognomics.errors import unknown_name

PREFIX = "library:"
KEYS = ("title", "also", "kind", "derived for", "derived in", "platform", "score", "doi", "source", "notice", "note",
        "reference genes", "probes without a gene")  # fmt: skip


@dataclass(frozen=True)
class LibrarySignature:
    """One signature of the library.

    Attributes
    ----------
    name : str
    path : pathlib.Path
        Readable as a signature, or with `kind` centroids as centroids.
    about : mapping of str to str
        What its head states, by `KEYS`.
    n_genes : int
    """

    name: str
    path: Path
    about: Mapping[str, str]
    n_genes: int

    @property
    def kind(self) -> str:
        return self.about.get("kind", "signature")

    def text(self) -> str:
        """The whole file."""
        return self.path.read_text("utf-8")


@cache
def signature_library() -> dict[str, LibrarySignature]:
    """All signatures by name, in alphabetical order."""
    folder = Path(str(resources.files("prognomics.data").joinpath("library")))
    found = {}
    for path in sorted(folder.glob("*.tsv")):
        lines = path.read_text("utf-8").splitlines()
        head = [line[2:].partition(": ") for line in lines if line.startswith("# ")]
        about = {key: value for key, _, value in head if key in KEYS}
        found[path.stem] = LibrarySignature(path.stem, path, about, len(lines) - len(head) - 1)
    return found


def library_signature(name: str) -> LibrarySignature:
    """The signature of that name, or of another name that it has.

    Raises
    ------
    BadInput
        An unknown name; near ones are named.
    """
    library = signature_library()
    other = {one.about["also"]: one for one in library.values() if "also" in one.about}
    found = library.get(name) or other.get(name)
    if found is None:
        raise unknown_name("signature of the library", name, [*library, *other])
    return found


def listed() -> str:
    """A table of the library: name, kind, genes, what it was derived for, DOI; tab-separated."""
    rows = [("name", "kind", "genes", "title", "derived_for", "doi", "notice")]
    for one in signature_library().values():
        notice = one.about.get("notice", "").partition(":")[0]
        title, derived_for, doi = (one.about.get(key, "") for key in ("title", "derived for", "doi"))
        rows.append((one.name, one.kind, str(one.n_genes), title, derived_for, doi, notice))
    return "\n".join("\t".join(row) for row in rows)


def shown(name: str) -> str:
    """The facts of one signature as lines, and its genes."""
    one = library_signature(name)
    lines = [f"{key}: {one.about[key]}" for key in KEYS if key in one.about]
    table = [line for line in one.path.read_text("utf-8").splitlines() if not line.startswith("#")]
    return "\n".join([f"name: {one.name}", *lines, f"genes: {one.n_genes}", "", *table])
