"""The lines on which the fields of a YAML file are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


class Lines:
    """Lines of a YAML text by field; the text was parsed before, so it is well-formed and of a decent size."""

    def __init__(self, text: str):
        import yaml

        self._root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def of(self, field: Sequence[Any]) -> int:
        """The line of a field, counted from 1; of a field that is not there, the line of what should contain it."""
        import yaml

        node, line = self._root, 0
        if node is not None:
            line = node.start_mark.line
        for key in field:
            if isinstance(node, yaml.MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
                node = node.value[key]
                line = node.start_mark.line
            else:
                break
        return line + 1

    def repeated_keys(self) -> Iterator[tuple[list[Any], int]]:
        """Keys that a mapping has twice, of which YAML keeps the last without a word: field and line."""
        yield from _repeated(self._root, [], set())


def _repeated(node: Any, field: list[Any], seen: set[int]) -> Iterator[tuple[list[Any], int]]:
    import yaml

    if id(node) in seen:  # an alias
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if isinstance(key, yaml.ScalarNode) and name in keys and key.tag != "tag:yaml.org,2002:merge":
                yield [*field, name], key.start_mark.line + 1
            keys.add(name)
            yield from _repeated(value, [*field, name], seen)
    elif isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            yield from _repeated(child, [*field, number], seen)
