"""The README as package indexes show it: there, links to other files of the repository lead nowhere."""

import re

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def long_description(readme: str, url: str, version: str) -> str:
    """The README with absolute links where the repository's address is known, and without the links where it is not."""

    def replaced(match: re.Match) -> str:
        picture, text, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        if not url:
            return "" if picture else text
        return f"{picture}[{text}]({url}/{'raw' if picture else 'blob'}/v{version}/{target})"

    return _LINK.sub(replaced, readme)
