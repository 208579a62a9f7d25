"""What an installed agent begins with: this file is the `__main__.py` of its folder, so that the folder can be run."""

import sys

from rounds_agent.__main__ import main

sys.exit(main())
