#!/usr/bin/env bash
# Test the wrappers and the workflows in a real Galaxy, made from PyPI alone; needs no container and no Conda.
#   tests/galaxy/run.sh [SUITE_VENV]     the environment that holds the suite, .venv by default
# Galaxy's environment is kept in ${PROGNOMICS_GALAXY:-~/.cache/prognomics-galaxy} and reused; nothing else is.
# PROGNOMICS_PICTURES=FOLDER takes pictures of forms, results and the workflow there (needs Debian's chromium).
# PROGNOMICS_RUNNER=pulsar runs some of the tools and workflows in a working tree that shares no file with Galaxy.
# Reports and logs land in build/galaxy. Exits with 1 if anything is wrong, and leaves no process behind.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
cd "$repository"
suite=$(realpath -s "${1:-.venv}")
cache=${PROGNOMICS_GALAXY:-${XDG_CACHE_HOME:-$HOME/.cache}/prognomics-galaxy}
reports=$repository/build/galaxy
pins=$here/constraints-galaxy.txt
python=${PYTHON:-python3}

[ -x "$suite/bin/prognomics" ] || { echo "there is no prognomics in $suite: run make test-galaxy" >&2; exit 2; }
rm -rf "$reports"
mkdir -p "$cache" "$reports"
work=$(mktemp -d "$cache/run.XXXXXX")
galaxy=$cache/venv
failed=0

finish() {
    local code=$?
    trap - EXIT INT TERM
    "$python" "$here/server.py" stop "$work" || code=1
    cp "$work"/*.log "$reports" 2>/dev/null || true
    rm -rf "$work"
    exit $code
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

part() {
    local start=$SECONDS name=$1 said=ok
    shift
    "$@" || { said=FAILED; failed=1; }
    echo "== $name: $said, $((SECONDS - start)) s"
}

# What the extra `galaxy` of setup.cfg names; not the suite itself, which has an environment of its own.
extra_galaxy() {
    "$python" -c 'from configparser import ConfigParser as C; c = C(); c.read("setup.cfg"); print(c["options.extras_require"]["galaxy"])'
}

# Parts run where `set -e` is off (part catches their failure), so their steps are joined by `&&`.
environment() {
    local wanted
    wanted=$(cat "$pins"; "$python" --version)
    [ "$(cat "$cache/pins" 2>/dev/null)" = "$wanted" ] && [ -x "$galaxy/bin/planemo" ] && return
    rm -rf "$galaxy" "$cache/pins" "$cache/tools" &&
        "$python" -m venv "$cache/tools" &&
        "$cache/tools/bin/pip" install --quiet --disable-pip-version-check uv &&
        "$python" -m venv "$galaxy" &&
        "$cache/tools/bin/uv" pip install --quiet --compile-bytecode --python "$galaxy/bin/python" \
            --constraint "$pins" $(extra_galaxy) &&
        printf '%s' "$wanted" > "$cache/pins"
}

lint() {
    "$galaxy/bin/planemo" lint --fail_level warn --skip BioToolsValid "${wrappers[@]}" > "$reports/lint.txt" 2>&1 ||
        { grep -E 'WARNING|ERROR|Linting' "$reports/lint.txt" || cat "$reports/lint.txt"; return 1; }
}

shed_lint() {
    "$galaxy/bin/python" "$here/shed_lint.py" tools > "$reports/shed_lint.txt" 2>&1 || { cat "$reports/shed_lint.txt"; return 1; }
}

tours_lint() {
    local file wrong=0
    for file in "$repository"/docs/training/*/tours/*.yaml; do
        "$galaxy/bin/gx-validate-tours" "$file" >> "$reports/tours.txt" 2>&1 || { echo "tour: $file"; wrong=1; }
    done
    return $wrong
}

workflow_lint() {
    local file wrong=0
    for file in "${workflows[@]}"; do
        "$galaxy/bin/planemo" workflow_lint --fail_level warn "$file" \
            >> "$reports/workflow_lint.txt" 2>&1 || { echo "workflow_lint: $file"; wrong=1; }
    done
    for file in "$repository"/workflows/galaxy/*/; do
        "$galaxy/bin/planemo" workflow_lint --iwc --fail_level warn "$file" \
            >> "$reports/workflow_lint.txt" 2>&1 || { echo "workflow_lint --iwc: $file"; wrong=1; }
    done
    return $wrong
}

server() {
    local version
    version=$("$suite/bin/python" -c 'import prognomics; print(prognomics.__version__)') &&
        "$python" "$here/server.py" start "$work" "$galaxy" "$suite" "$version" "$repository/test-data" \
            "${wrappers[@]}" "$work/wrong/wrong_assertion.xml" > "$reports/server.txt"
}

value() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/server.json" "$1"; }

planemo_test() {
    local name=$1
    shift
    timeout 1500 "$galaxy/bin/planemo" test --engine external_galaxy --galaxy_url "$(value url)" \
        --galaxy_admin_key "$(value admin_key)" --galaxy_user_key "$(value user_key)" --no_shed_install \
        --test_timeout 300 --test_output "$reports/$name.html" --test_output_json "$reports/$name.json" "$@" \
        > "$reports/$name.log" 2>&1
}

summary() { "$python" "$here/summary.py" "$@"; }

tool_tests() {
    local code=0
    planemo_test tools "${wrappers[@]}" || code=1
    summary "$reports/tools.json" "${wrappers[@]}" && return $code
}

workflow_tests() {
    local file name wrong=0
    for file in "${run_workflows[@]}"; do
        name=workflow-$(basename "$file")
        planemo_test "$name" "$file" || wrong=1
        summary "$reports/$name.json" || wrong=1
    done
    return $wrong
}

# The harness itself: a wrapper whose one assertion does not hold must turn the run red, by that assertion.
wrong_assertion() {
    ! planemo_test wrong "$work/wrong/wrong_assertion.xml" &&
        "$python" "$here/summary.py" --expect-failure "$reports/wrong.json"
}

make_wrong_wrapper() {
    mkdir -p "$work/wrong" && cp tools/macros.xml "$work/wrong" &&
        "$suite/bin/python" "$here/wrong_assertion.py" > "$work/wrong/wrong_assertion.xml"
}

# Pictures of the user interface, to be looked at; only where a folder for them is asked for.
pictures() {
    "$python" -m venv "$cache/pictures" &&
        "$cache/pictures/bin/pip" install --quiet --disable-pip-version-check playwright &&
        "$cache/pictures/bin/python" "$here/pictures.py" "$work/server.json" "$PROGNOMICS_PICTURES"
}

mapfile -t wrappers < <(find "$repository/tools" -maxdepth 1 -name '*.xml' ! -name 'macros*.xml' | sort)
mapfile -t workflows < <(find "$repository/workflows" \( -name '*.gxwf.yml' -o -name '*.ga' \) 2>/dev/null | sort)
# Each workflow runs as users import it; the shortest also as gxformat2. That both wire the same is tested without Galaxy.
mapfile -t -O ${#workflows[@]} workflows < <(find "$repository/docs/training" -name '*.ga' -type f | sort)
mapfile -t run_workflows < <(printf '%s\n' "${workflows[@]}" | grep -E '\.ga$|/one-cohort\.gxwf\.yml$')
# Remote: inputs of one file, several and of types, collections as outputs, binary files, and failures.
if [ "${PROGNOMICS_RUNNER:-}" = pulsar ]; then
    mapfile -t wrappers < <(printf '%s\n' "${wrappers[@]}" |
        grep -E '/(normalize|simulate_cohorts|merge_cohorts|rma|kaplan_meier|cox|report|apply_model|score_signature|screen)\.xml$')
    mapfile -t run_workflows < <(printf '%s\n' "${run_workflows[@]}" | grep '/one-cohort\.ga$')
fi
[ ${#wrappers[@]} -gt 0 ] || { echo "there is no wrapper in tools/: run prognomics spec build" >&2; exit 2; }

part "environment of Galaxy" environment
[ $failed = 0 ] || exit 1
part "lint" lint
part "Tool Shed lint" shed_lint
[ ${#workflows[@]} = 0 ] || part "workflow lint" workflow_lint
part "tours" tours_lint
part "self-test's wrapper" make_wrong_wrapper
part "start of Galaxy" server
[ -f "$work/server.json" ] || exit 1
part "tool tests" tool_tests
part "same bytes" "$suite/bin/python" "$here/same_bytes.py" "$work/server.json" "$reports/tools.json" test-data
part "red data sets" "$python" "$here/red.py" "$work/server.json" "$reports/tools.json"
[ -z "${PROGNOMICS_RUNNER:-}" ] || part "nothing shared" "$python" "$here/remote.py" "$work/server.json" "$work"
part "hostile inputs" "$python" "$here/hostile.py" "$work/server.json" "$work"
part "a wrong assertion fails" wrong_assertion
[ ${#workflows[@]} = 0 ] || part "workflow tests" workflow_tests
[ -z "${PROGNOMICS_PICTURES:-}" ] || part "pictures" pictures
part "stop of Galaxy" "$python" "$here/server.py" stop "$work"
echo "== all: $SECONDS s"
exit $failed
