"""The package as a whole."""

import subprocess
import sys

import trapwalk


def test_errors_have_one_base() -> None:
    for error in (trapwalk.ConfigError, trapwalk.TraceError, trapwalk.RunError):
        assert issubclass(error, trapwalk.Error)


def test_all_names_exist() -> None:
    for name in trapwalk.__all__:
        assert hasattr(trapwalk, name)


def test_completion_shows_the_interface_alone() -> None:
    program = "import trapwalk; print(*dir(trapwalk)); print(*dir(trapwalk.plots)); trapwalk.analysis.pareto"
    shown = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    assert set(shown[0].split()) == {*trapwalk.__all__, "analysis", "plots"}
    assert set(shown[1].split()) == set(trapwalk.plots.__all__)
