"""Jobs by name: each returns some of its numbers; the time is the processor's."""

import json
import math
import sys
import time


def answer(jobs):
    print("@" + " ".join(jobs), flush=True)
    for line in sys.stdin:
        began = time.process_time()
        values = jobs[line.strip()]()
        spent = time.process_time() - began
        shown = [float(v) if math.isfinite(v) else None for v in values]
        print("@" + json.dumps({"seconds": spent, "values": shown}), flush=True)
