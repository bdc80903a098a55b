"""Run a console script of this environment (galaxy-web, celery) with a broker whose message files appear whole.

kombu's file broker writes a message in place: a worker that polls often can take
a file that is still empty, dies of it, and the message is lost. Here a message is
written under another name and renamed.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from importlib.metadata import entry_points
from typing import Any


def put_whole(channel: Any, queue: str, payload: Any, **_: Any) -> None:
    """In place of `kombu.transport.filesystem.Channel._put`."""
    from kombu.utils.encoding import str_to_bytes
    from kombu.utils.json import dumps

    name = f"{round(time.monotonic() * 1000):015d}_{uuid.uuid4()}.{queue}.msg"
    part = os.path.join(channel.data_folder_out, f"{name}.part")
    with open(part, "wb") as handle:
        handle.write(str_to_bytes(dumps(payload)))
    os.replace(part, os.path.join(channel.data_folder_out, name))


if __name__ == "__main__":
    from kombu.transport import filesystem

    filesystem.Channel._put = put_whole
    sys.argv = sys.argv[1:]
    sys.exit(entry_points(group="console_scripts")[sys.argv[0]].load()())
