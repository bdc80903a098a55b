"""The packages and the compiled loops; everything else of the package is declared in setup.cfg.

Without a C compiler the package installs all the same: NumPy computes what the loops would, more slowly.
"""

import sysconfig
from glob import glob

from setuptools import Extension, find_packages, setup

STABLE = not sysconfig.get_config_var("Py_GIL_DISABLED")  # a Python without its lock has no stable interface yet
FLAGS = ["-std=gnu11", "-O3", "-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]

setup(
    packages=[*find_packages("shared"), "prognomics.tools", "prognomics.tool_specs", "prognomics.studies"],
    ext_modules=[
        Extension(
            "prognomics._loops",
            sorted(glob("shared/native/*.c")),
            depends=sorted(glob("shared/native/*.h")),
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if STABLE else [],
            extra_compile_args=FLAGS,
            py_limited_api=STABLE,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if STABLE else {},
)
