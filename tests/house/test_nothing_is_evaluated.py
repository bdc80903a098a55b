"""No code of the suite evaluates text, unpickles, or hands a string to a shell."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ALLOWED = {
    "shared/prognomics/sources/survset.py": {"pickle.loads", "pickle.Unpickler"},  # bytes whose SHA-256 is in the code
    "shared/prognomics/spec/shipped_yaml.py": {"yaml.load"},  # with the C form of the safe loader, if there is one
}
FORBIDDEN = {
    "eval",
    "exec",
    "compile",
    "os.system",
    "os.popen",
    "pickle.load",
    "pickle.loads",
    "pickle.Unpickler",
    "marshal.loads",
    "shelve.open",
    "joblib.load",
    "yaml.load",
    "yaml.unsafe_load",
    "yaml.full_load",
    "pd.read_pickle",
    "numpy.load",
}
FILES = sorted(p.relative_to(REPOSITORY) for folder in ("shared", "tools") for p in (REPOSITORY / folder).rglob("*.py"))


def dotted(node):
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def forbidden_calls(text):
    """Names and lines of calls that evaluate, unpickle or use a shell."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            shell = any(k.arg == "shell" and getattr(k.value, "value", None) is True for k in node.keywords)
            safe = name == "yaml.load" and any(
                k.arg == "Loader" and "Safe" in ast.unparse(k.value) for k in node.keywords
            )
            if (name in FORBIDDEN and not safe) or shell:
                yield name, node.lineno


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_forbidden_call(path):
    found = {name for name, _ in forbidden_calls((REPOSITORY / path).read_text(encoding="utf-8"))}
    assert found <= ALLOWED.get(str(path), set())


@pytest.mark.parametrize("text", ["eval(x)", "import pickle\npickle.loads(x)", "run('ls', shell=True)", "yaml.load(x)"])
def test_the_search_finds_them(text):
    assert len(list(forbidden_calls(text))) == 1
