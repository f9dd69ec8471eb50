"""`python -m chaos` is `chaos-sts`."""

import sys

from chaos.cli import main

sys.exit(main())
