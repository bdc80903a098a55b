"""H5AD files from outside: what reaches out of the file, does not fit it, or is damaged is refused by name."""

import os
import signal

import h5py
import numpy as np
import pytest

from prognomics.data.matrix import read_matrix
from prognomics.data.streamed import open_matrix
from prognomics.errors import BadInput, UsageError
from prognomics.io import hdf5
from prognomics.io.h5ad import read_h5ad

TEXT = h5py.string_dtype()


def names(group, index, values, **how):
    group.attrs["_index"] = index
    if values is not None:
        group.create_dataset(index, data=np.array(values, dtype=object), dtype=TEXT, **how)


def made(path, x=True, genes=("A", "B", "C"), samples=("s1", "s2")):
    """A file of 2 samples × 3 genes, left open for more; `x=False` leaves X out, None leaves names out."""
    handle = h5py.File(path, "w")
    names(handle.create_group("obs"), "sample_id", samples)
    names(handle.create_group("var"), "gene_id", genes)
    if x:
        handle["X"] = np.arange(6.0).reshape(2, 3)
    return handle


def sparse(path, data, indices, indptr, shape=(2, 3), kind="csr_matrix"):
    with made(path, x=False) as handle:
        group = handle.create_group("X")
        group.attrs["encoding-type"], group.attrs["shape"] = kind, shape
        for name, values in (("data", data), ("indices", indices), ("indptr", indptr)):
            group[name] = np.array(values)


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_bytes(b"not to be read;" * 4)
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["X"], other["n"] = np.ones((2, 3)), np.array([b"x", b"y"])
    return path


def external_names(handle, secret):
    del handle["obs/sample_id"]
    handle["obs"].create_dataset("sample_id", (2,), "S20", external=[(str(secret), 0, 40)])


def external_values(handle, secret):
    del handle["X"]
    handle.create_dataset("X", (2, 3), "u1", external=[(str(secret), 0, 6)])


def linked_values(handle, secret):
    del handle["X"]
    handle["X"] = h5py.ExternalLink(str(secret.with_name("other.h5")), "/X")


def linked_names(handle, secret):
    del handle["obs/sample_id"]
    handle["obs/sample_id"] = h5py.ExternalLink("other.h5", "/n")


def linked_group(handle, secret):
    del handle["var"]
    handle["var"] = h5py.ExternalLink(str(secret.with_name("other.h5")), "/")


def soft_through_external(handle, secret):
    del handle["X"]
    handle["away"] = h5py.ExternalLink(str(secret.with_name("other.h5")), "/")
    handle["X"] = h5py.SoftLink("/away/X")


def virtual_values(handle, secret):
    del handle["X"]
    layout = h5py.VirtualLayout((2, 3), "f8")
    layout[:] = h5py.VirtualSource(str(secret.with_name("other.h5")), "X", (2, 3))
    handle.create_virtual_dataset("X", layout)


def virtual_names(handle, secret):
    del handle["obs/sample_id"]
    layout = h5py.VirtualLayout((2,), "S1")
    layout[:] = h5py.VirtualSource(str(secret.with_name("other.h5")), "n", (2,))
    handle["obs"].create_virtual_dataset("sample_id", layout)


def index_with_path(handle, secret):
    handle["obs"].attrs["_index"] = "/away/n"
    handle["away"] = h5py.ExternalLink(str(secret.with_name("other.h5")), "/")


REACHING = [external_names, external_values, linked_values, linked_names, linked_group, soft_through_external,
            virtual_values, virtual_names, index_with_path]  # fmt: skip


@pytest.mark.parametrize("change", REACHING, ids=lambda f: f.__name__)
@pytest.mark.parametrize("read", [read_matrix, open_matrix], ids=["whole", "streamed"])
def test_nothing_outside_of_the_file_is_read(tmp_path, secret, change, read):
    path = tmp_path / "m.h5ad"
    with made(path) as handle:
        change(handle, secret)
    with pytest.raises(BadInput) as refused:
        read(path)
    assert str(path) in refused.value.where or "plain name" in refused.value.what
    assert "not to be" not in str(refused.value)


def test_soft_links_within_the_file_are_followed(tmp_path):
    path = tmp_path / "m.h5ad"
    with made(path) as handle:
        handle["layers/raw"] = handle["X"][...] + 1
        del handle["X"]
        handle["X"] = h5py.SoftLink("/layers/raw")
    np.testing.assert_array_equal(read_matrix(path).values.T, np.arange(6.0).reshape(2, 3) + 1)
    assert open_matrix(path).shape == (3, 2)


def huge_x(handle):
    handle.create_dataset("X", (10**6, 10**6), "f8", chunks=(1000, 1000), compression="gzip")


def huge_names(handle):
    del handle["obs/sample_id"]
    handle["obs"].create_dataset("sample_id", (1 << 36,), "S8", chunks=(1000,))


def long_names(handle):
    del handle["obs/sample_id"]
    handle["obs"].create_dataset("sample_id", (2,), f"S{1 << 24}", chunks=(1,), compression="gzip")


def one_long_name(handle):
    del handle["obs/sample_id"]
    handle["obs"].create_dataset("sample_id", data=["s1", "s" * 20_000], dtype=TEXT)


def huge_chunk(handle):
    handle.create_dataset("X", (2, 3), "f8", maxshape=(None, None), chunks=(1 << 14, 1 << 14), compression="gzip")


def loop(handle):
    handle["X"] = h5py.SoftLink("/X")


def longer_loop(handle):
    handle["a"], handle["X"] = h5py.SoftLink("/X"), h5py.SoftLink("a")


def dangling(handle):
    handle["X"] = h5py.SoftLink("/nowhere/X")


def no_space(handle):
    handle["X"] = h5py.Empty("f8")


def one_dimension(handle):
    handle["X"] = np.ones(6)


def text_values(handle):
    handle.create_dataset("X", data=np.full((2, 3), "a", dtype=object), dtype=TEXT)


def complex_values(handle):
    handle["X"] = np.ones((2, 3), dtype=complex)


def compound_values(handle):
    handle["X"] = np.ones((2, 3), dtype=[("a", "f8"), ("b", "i4")])


def index_of_numbers(handle):
    handle["obs"].attrs["_index"] = [1, 2]


def index_is_a_group(handle):
    handle["obs"].attrs["_index"] = "g"
    handle["obs"].create_group("g")


def index_is_nowhere(handle):
    handle["obs"].attrs["_index"] = "absent"


def index_is_huge(handle):
    handle["obs"].attrs["_index"] = "x" * 60_000


def names_of_floats(handle):
    del handle["obs/sample_id"]
    handle["obs/sample_id"] = np.array([1.5, 2.5])


def names_in_two_dimensions(handle):
    del handle["obs/sample_id"]
    handle["obs/sample_id"] = np.array([[1], [2]])


def names_not_utf8(handle):
    del handle["obs/sample_id"]
    handle["obs/sample_id"] = np.array([b"\xff\xfe", b"s2"])


def names_are_references(handle):
    del handle["obs/sample_id"]
    handle["obs"].create_dataset("sample_id", data=[handle.ref, handle.ref], dtype=h5py.ref_dtype)


def names_are_lists(handle):
    del handle["obs/sample_id"]
    handle["obs"].create_dataset("sample_id", (2,), dtype=h5py.vlen_dtype(np.int32))


def obs_is_an_array(handle):
    del handle["obs"]
    handle["obs"] = np.zeros(2)


def other_encoding(handle):
    handle.create_group("X").attrs["encoding-type"] = [1, 2]


WRONG = [
    huge_x,
    huge_names,
    long_names,
    one_long_name,
    huge_chunk,
    loop,
    longer_loop,
    dangling,
    no_space,
    one_dimension,
    text_values,
    complex_values,
    compound_values,
    index_of_numbers,
    index_is_a_group,
    index_is_nowhere,
    index_is_huge,
    names_of_floats,
    names_in_two_dimensions,
    names_not_utf8,
    names_are_references,
    names_are_lists,
    obs_is_an_array,
    other_encoding,
]


@pytest.mark.parametrize("change", WRONG, ids=lambda f: f.__name__)
@pytest.mark.parametrize("read", [read_matrix, open_matrix], ids=["whole", "streamed"])
def test_a_wrong_file_is_refused_by_name(tmp_path, change, read):
    path = tmp_path / "m.h5ad"
    with made(path, x=False) as handle:
        change(handle)
        if "X" not in handle.keys():
            handle["X"] = np.arange(6.0).reshape(2, 3)
    with pytest.raises(BadInput) as refused:
        read(path)
    assert str(path) in refused.value.where


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (([1.0, 2, 3], [0, 1, 3], [0, 2, 3]), "outside"),
        (([1.0, 2, 3], [0, 1, -1], [0, 2, 3]), "outside"),
        (([1.0, 2, 3], [0, 1, 2**40], [0, 2, 3]), "outside"),
        (([1.0, 2, 3], [0, 1, 2], [0, 3, 1]), "runs from"),
        (([1.0, 2, 3], [0, 1, 2], [0, 4, 3]), "descends"),
        (([1.0, 2, 3], [0, 1, 2], [1, 2, 3]), "runs from"),
        (([1.0, 2, 3], [0, 1, 2], [0, 2, 2]), "runs from"),
        (([1.0, 2, 3], [0, 1, 2], [0, 3]), "starts"),
        (([1.0, 2], [0, 1, 2], [0, 2, 3]), "2 values"),
        (([1.0, 2, 3], [0, 0, 2], [0, 2, 3]), "two values"),
        (([1.0, 2, 3], [1, 2, 1], [0, 3, 3]), "two values"),
        (([1.0, 2, 3], [0.0, 1, 2], [0, 2, 3]), "integers"),
        (([1.0, 2, 3], [[0], [1], [2]], [0, 2, 3]), "dimensions"),
        (([b"a", b"b", b"c"], [0, 1, 2], [0, 2, 3]), "numbers"),
        (([1.0, 2, 3], np.array([0, 1, 2**63], dtype="u8"), [0, 2, 3]), "outside"),
    ],
)
def test_a_damaged_sparse_matrix_is_refused(tmp_path, parts, words):
    sparse(tmp_path / "m.h5ad", *parts)
    with pytest.raises(BadInput, match=words):
        read_h5ad(tmp_path / "m.h5ad")


@pytest.mark.parametrize("shape", ["x", [3], [2, 3, 1], [2.0, 3.0], [3, 1 << 40], [-2, -3], [3, 2]])
def test_a_sparse_shape_must_be_that_of_the_names(tmp_path, shape):
    sparse(tmp_path / "m.h5ad", [1.0], [0], [0, 1, 1], shape=shape)
    with pytest.raises(BadInput):
        read_h5ad(tmp_path / "m.h5ad")


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_matrix"])
def test_sparse_values_in_any_order(tmp_path, kind):
    starts = [0, 2, 3] if kind == "csr_matrix" else [0, 1, 2, 3]
    indices = [2, 0, 1] if kind == "csr_matrix" else [1, 0, 1]
    sparse(tmp_path / "m.h5ad", [1.0, 2, 3], indices, starts, kind=kind)
    expected = [[2, 0, 1], [0, 3, 0]] if kind == "csr_matrix" else [[0, 2, 0], [1, 0, 3]]
    np.testing.assert_array_equal(read_h5ad(tmp_path / "m.h5ad")[0].T, expected)


def crash(path):
    os.kill(os.getpid(), signal.SIGSEGV)


def turn_for_ever(path):
    while True:
        pass


@pytest.mark.parametrize("look", [crash, turn_for_ever])
def test_what_crashes_or_does_not_end_in_the_library_is_refused(tmp_path, monkeypatch, look):
    monkeypatch.setattr(hdf5, "MOST_SECONDS", 1)
    with pytest.raises(BadInput, match="damaged"):
        hdf5.require_sound(tmp_path / "m.h5ad", look)


def test_a_look_that_raises_leaves_the_words_to_the_reader(tmp_path):
    assert hdf5.require_sound(tmp_path / "m.h5ad", lambda path: path.read_bytes()) is None


def test_cuts_and_changed_bytes_are_read_or_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(hdf5, "MOST_SECONDS", 1)
    whole = tmp_path / "m.h5ad"
    with made(whole):
        pass
    content = whole.read_bytes()
    for place in range(0, len(content), 83):
        for number, changed in enumerate((content[:place], content[:place] + b"\xff" + content[place + 1 :])):
            path = tmp_path / f"changed-{place}-{number}"
            path.write_bytes(changed)
            try:
                values, genes, samples = read_h5ad(path)
                assert values.shape == (len(genes), len(samples))
            except BadInput as refused:
                assert str(path) in refused.where
            path.unlink()


def test_a_missing_file_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError):
        read_h5ad(tmp_path / "none.h5ad")
