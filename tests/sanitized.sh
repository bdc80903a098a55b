#!/usr/bin/env bash
# The tests of the compiled loops under the address and undefined-behaviour sanitizers (gcc or clang with their libraries).
# usage: tests/sanitized.sh PYTHON [pytest's arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
shift
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
"${CC:-cc}" -shared -fPIC -g -O1 -std=gnu11 -fopenmp-simd -Wno-psabi -fsanitize=address,undefined \
    -fno-sanitize-recover=undefined -I"$include" shared/native/*.c -lm -o "$build/_loops.abi3.so"
cat > "$build/sitecustomize.py" <<END
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.ExtensionFileLoader("prognomics._loops", "$build/_loops.abi3.so")
class Finder:
    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, loader) if name == "prognomics._loops" else None
sys.meta_path.insert(0, Finder())
END
tests=(tests/unit/test_number_table.py tests/unit/test_compiled.py tests/unit/test_screen.py tests/unit/test_decimals.py
    tests/unit/test_rank_tests_by_gene.py tests/reference/test_screen_R.py
    tests/unit/test_concordance_compiled.py tests/unit/test_permutation.py
    tests/reference/test_maxstat_R.py tests/unit/test_association.py tests/unit/test_elastic_net.py
    tests/fuzz/test_fuzz.py::test_loops_keep_to_their_arrays tests/fuzz/test_fuzz.py::test_seeds_of_arguments_reach_every_loop)
# Python itself frees not everything at its end
LD_PRELOAD=$("${CC:-cc}" -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=$build \
    "$python" -m pytest -p no:cacheprovider "${tests[@]}" "$@"
