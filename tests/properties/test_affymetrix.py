"""CEL and CDF readers under random damage: arrays or a message, never a traceback nor memory without bound."""

import gzip
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prognomics.errors import BadInput
from prognomics.expression.affymetrix.cdf import read_cdf
from prognomics.expression.affymetrix.cel import read_cel

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
KINDS = {"cel_text": read_cel, "cel_xda": read_cel, "cel_console": read_cel, "cdf_text": read_cdf, "cdf_xda": read_cdf}
MEMORY = 60_000_000  # bytes, for files of some thousand


@pytest.fixture(scope="module")
def sound(affymetrix_files):
    chip = affymetrix_files.made_up_chip("Tiny", 12, [4, 3, 1], np.random.default_rng(1))
    values = affymetrix_files.made_up_intensities(chip, 1, np.random.default_rng(2))[0]
    return {kind: getattr(affymetrix_files, kind)(*([chip, values] if kind.startswith("cel") else [chip]))
            for kind in KINDS}  # fmt: skip


def survives(reader, content):
    """The reader takes the content or says that it is bad, with little memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.dat"
        path.write_bytes(content)
        tracemalloc.start()
        try:
            return reader(path)
        except BadInput as fault:
            assert "any.dat" in str(fault)
            return None
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < MEMORY


@quick
@given(kind=st.sampled_from(sorted(KINDS)), content=st.binary(max_size=300))
def test_random_bytes_after_a_sound_beginning(sound, kind, content):
    for begin in (0, 8, 24, 80):
        survives(KINDS[kind], sound[kind][:begin] + content)


@quick
@given(kind=st.sampled_from(sorted(KINDS)), place=st.floats(0, 1), replaced=st.binary(min_size=1, max_size=8))
def test_overwritten_bytes(sound, kind, place, replaced):
    content = bytearray(sound[kind])
    at = int(place * (len(content) - len(replaced)))
    content[at : at + len(replaced)] = replaced
    found = survives(KINDS[kind], bytes(content))
    if found is not None and kind.startswith("cel"):
        assert np.isfinite(found.intensity).all() and found.intensity.size == found.header.columns * found.header.rows


@quick
@given(kind=st.sampled_from(sorted(KINDS)), place=st.floats(0, 1), packed=st.booleans())
def test_truncation(sound, kind, place, packed):
    content = gzip.compress(sound[kind]) if packed else sound[kind]
    survives(KINDS[kind], content[: int(place * len(content))])


@settings(quick, max_examples=20)
@given(kind=st.sampled_from(sorted(KINDS)), place=st.floats(0, 1), fill=st.sampled_from([b"\0", b"0", b"9\t", b"["]))
def test_a_flood_in_a_compressed_file(sound, kind, place, fill):
    at = int(place * len(sound[kind]))
    survives(KINDS[kind], gzip.compress(sound[kind][:at] + fill * 3_000_000 + sound[kind][at:], 1))
