"""Large buffers go back to the system."""

import ctypes
import subprocess
import sys

import pytest

FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
LOOK = f"""
import ctypes, sys
from callpulse.stream import buffers

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in {FIELDS!r}]

info = ctypes.CDLL(None).mallinfo2
info.restype = Info
if sys.argv[1] == "given back":
    buffers.give_back()
for _ in range(3):  # each as large as a few fetches, and freed
    bytearray(8 << 20)
before = info().hblks
fetch = bytearray(1 << 20)
print(info().hblks - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="only glibc 2.33 and later tells of its blocks")
@pytest.mark.parametrize(("how", "blocks_of_its_own"), [("given back", 1), ("as it comes", 0)])
def test_a_fetch_has_pages_of_its_own_however_large_those_before_it_were(how, blocks_of_its_own):
    told = subprocess.run([sys.executable, "-c", LOOK, how], capture_output=True, text=True, timeout=30, check=True)
    assert int(told.stdout) == blocks_of_its_own
