"""`python -m tools.livetree.standin` is what `tools/livetree/standin/bin/terragrunt` runs."""

import sys

from tools.livetree.standin.main import main

sys.exit(main())
