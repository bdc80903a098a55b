"""`python -m prognomics`."""

import os
import sys

from prognomics.study.warm import COMMAND, VARIABLE, ask, run, serve

line = serve(*sys.argv[2:4]) if sys.argv[1:2] == [COMMAND] else None
code = ask(sys.argv[1:]) if sys.argv[1:2] == ["job"] and os.environ.get(VARIABLE) else None
if code is None:
    from prognomics.cli import main

    if line is not None:
        run(line, main)
    main()
sys.exit(code)
