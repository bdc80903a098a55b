"""The packages and the compiled loops; everything else of the package is declared in setup.cfg.

Without a C compiler the package installs all the same: NumPy computes what the loops would, more slowly, and a wheel
that was built so is tagged for any platform. PROGNOMICS_LOOPS=required makes that an error.
"""

import os
import sys
import sysconfig
from configparser import ConfigParser
from glob import glob
from pathlib import Path

from setuptools import Extension, find_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel

sys.path.insert(0, str(Path(__file__).parent / "packaging"))
from long_description import long_description

STABLE = not sysconfig.get_config_var("Py_GIL_DISABLED")  # a Python without its lock has no stable interface yet
FLAGS = ["-std=gnu11", "-O3", "-fopenmp-simd", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]
OWN_FOLDERS = ["prognomics.tools", "prognomics.tool_specs", "prognomics.studies", "prognomics.test_data"]


class Wheel(bdist_wheel):
    """A wheel that is tagged for this platform only if it has the compiled loops."""

    def run(self) -> None:
        self.run_command("build_ext")
        built = self.get_finalized_command("build_ext").get_outputs()
        if not any(Path(path).is_file() for path in built):
            self.distribution.ext_modules = []
            self.root_is_pure, self.py_limited_api = True, False
        super().run()


def readme() -> str:
    declared = ConfigParser()
    declared.read("setup.cfg")
    version = next(line for line in open("shared/prognomics/__init__.py") if line.startswith("__version__"))
    text = Path("README.md").read_text(encoding="utf-8")
    return long_description(text, declared["metadata"].get("url", ""), version.split('"')[1])


setup(
    packages=[*find_packages("shared"), *OWN_FOLDERS],
    long_description=readme(),
    cmdclass={"bdist_wheel": Wheel},
    ext_modules=[
        Extension(
            "prognomics._loops",
            sorted(glob("shared/native/*.c")),
            depends=sorted(glob("shared/native/*.h")),
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if STABLE else [],
            extra_compile_args=FLAGS,
            py_limited_api=STABLE,
            optional=os.environ.get("PROGNOMICS_LOOPS") != "required",
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if STABLE else {},
)
