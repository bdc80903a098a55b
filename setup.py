"""The compiled loops; everything else of the package is declared in setup.cfg.

Without a C compiler the package installs all the same: NumPy computes what the loops would, more slowly.
"""

from glob import glob

from setuptools import Extension, setup

FLAGS = ["-std=gnu11", "-O3", "-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]

setup(
    ext_modules=[
        Extension(
            "prognomics._loops",
            sorted(glob("shared/native/*.c")),
            depends=sorted(glob("shared/native/*.h")),
            extra_compile_args=FLAGS,
            py_limited_api=True,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
