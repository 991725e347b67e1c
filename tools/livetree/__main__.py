"""`python -m tools.livetree` is what `tools/livetree/bin/terragrunt` runs."""

import sys

from tools.livetree.terragrunt import main

sys.exit(main())
