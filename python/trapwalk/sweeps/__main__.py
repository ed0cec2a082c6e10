"""`trapwalk sweep`: a study file from the shell. The command starts this."""

from __future__ import annotations

import sys

try:
    from trapwalk.sweeps.shell import main
except ImportError as error:
    print(f"trapwalk sweep: {error} (the packages that it needs: scripts/install-dependencies.sh)", file=sys.stderr)
    sys.exit(5)

sys.exit(main(sys.argv[1:]))
