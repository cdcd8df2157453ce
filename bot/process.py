"""How this process shares its time: among its threads, and with the collector of what Python no longer needs.

Python's defaults are made for programs that compute. Ours keeps very much in memory for long (the catalog, libraries, runs)
and has a thread that writes, which others wait for.
"""

import gc
import sys

HAND_OVER = 0.0005
"""Seconds for which one thread may go on while another one waits; Python's own five milliseconds are ten steps' time."""
YOUNG = 50_000
"""Objects that are made before the young ones are looked through; Python's own 700 are made by a few changes of runs."""


def share_time() -> None:
    """Set it up, once everything that stays for ever has been loaded."""
    sys.setswitchinterval(HAND_OVER)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
