"""Whether jobs ran apart from Galaxy: their commands name files below Pulsar's staging folder, and none of Galaxy's.

remote.py SERVER.json FOLDER       FOLDER is Galaxy's
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from server import request

OWN = ("data/", "config/", "dependencies/")
SUITE = "prognomics_"


def shared_paths(command: str, folder: str) -> list[str]:
    """Folders of Galaxy that a command names."""
    return [f"{folder}/{name}" for name in OWN if f"{folder}/{name}" in command]


def main(server_file: str, folder: str) -> None:
    server = json.loads(Path(server_file).read_text())
    jobs = request(f"{server['url']}/api/jobs?user_details=true&limit=1000", server["admin_key"])
    commands = {}
    for job in jobs:
        if job["tool_id"].startswith(SUITE):
            full = request(f"{server['url']}/api/jobs/{job['id']}?full=true", server["admin_key"])
            commands[job["id"]] = f"{full['command_line'] or ''}"
    wrong = [command for command in commands.values() if shared_paths(command, folder)]
    remote = sum(f"{folder}/remote/staging/" in command for command in commands.values())
    print(f"{len(commands)} jobs, {remote} name files of the remote working tree, {len(wrong)} name files of Galaxy's")
    if wrong or not remote:
        sys.exit("\n".join(wrong[:5]) or "no job ran in the remote working tree")


if __name__ == "__main__":
    main(*sys.argv[1:])
