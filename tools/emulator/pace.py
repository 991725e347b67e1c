"""How much asynchronous work the emulator does at once.

AWS has a machine for each of a burst's invocations. Here each is a process on the same few cores: a hundred at once
take so long that their callers time out and repeat, and the repeats take longer still. So what is asynchronous waits
its turn, and no more is received from a queue than can be worked on.
"""

from __future__ import annotations

import os
import threading
from typing import Final

_CORES: Final = os.cpu_count() or 1

# One for each kind, so that no kind waits for the other: an execution invokes its functions in its own turn.
INVOCATIONS: Final = threading.BoundedSemaphore(max(2, _CORES))
EXECUTIONS: Final = threading.BoundedSemaphore(max(4, 2 * _CORES))
# The batches of one event source mapping. A number, not a turn: the visibility timeout of a message that waited for its
# turn would run meanwhile.
BATCHES: Final = max(2, _CORES)
