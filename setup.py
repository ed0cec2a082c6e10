"""The wheel: CMake builds the module and the command, and installs its component `wheel` into it.

$TRAPWALK_BUILD names the build folder, build/release without it; one that is there is brought up to date and used.
"""

import os
import pathlib
import re
import subprocess
import sys
import sysconfig

from setuptools import Distribution, find_packages, setup
from setuptools.command.build_py import build_py

ROOT = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("TRAPWALK_BUILD", ROOT / "build" / "release")).resolve()


class Build(build_py):
    def run(self) -> None:
        if self.editable_mode:
            sys.exit("no editable install: PYTHONPATH=build/release/python has links to the sources")
        super().run()
        if not (BUILD / "CMakeCache.txt").exists():
            cmake("-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", f"-DTW_PYTHON={sys.executable}")
        cmake("--build", BUILD, "--target", "python_package")
        cmake("--install", BUILD, "--component", "wheel", "--strip", "--prefix", pathlib.Path(self.build_lib).resolve())
        module = pathlib.Path(self.build_lib, "trapwalk", "_trapwalk" + sysconfig.get_config_var("EXT_SUFFIX"))
        if not module.exists():
            sys.exit(f"{BUILD} builds for another Python: name another folder by TRAPWALK_BUILD")


class WithModule(Distribution):
    """The wheel is of one Python and one machine."""

    def has_ext_modules(self) -> bool:
        return True


def cmake(*words: object) -> None:
    subprocess.run(["cmake", *map(str, words)], check=True)


setup(
    version=re.search(r"project\(trapwalk VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1],
    packages=find_packages("python"),
    package_dir={"": "python"},
    cmdclass={"build_py": Build},
    distclass=WithModule,
    options={"build": {"build_base": str(BUILD / "wheel")}, "egg_info": {"egg_base": str(BUILD)}},
)
