"""The package as a whole."""

import trapwalk


def test_errors_have_one_base() -> None:
    for error in (trapwalk.ConfigError, trapwalk.TraceError, trapwalk.RunError):
        assert issubclass(error, trapwalk.Error)


def test_all_names_exist() -> None:
    for name in trapwalk.__all__:
        assert hasattr(trapwalk, name)
