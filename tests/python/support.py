"""What several test files share."""

import os
import pathlib

import pytest

needs_command = pytest.mark.skipif(
    not pathlib.Path(os.environ["TRAPWALK"]).exists(), reason="there is no command: it is built without SystemC"
)
