"""`python -m lib`: the same powers without a browser."""

import sys

from lib.cli import main

if __name__ == "__main__":
    sys.exit(main())
