"""`python -m integration.sandbox billecta|lime [options]`."""

import sys

from integration.sandbox.server import main

if __name__ == "__main__":
    sys.exit(main())
