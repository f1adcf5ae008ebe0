"""Room on a disk, and when there is too little of it."""

import shutil
from pathlib import Path
from typing import Final

LEAST_FREE_MB: Final = 100
"""Less may not last for the day."""
LOW_FREE_MB: Final = 1_000
_MEGABYTE: Final = 1_000_000


def free_mb(folder: Path) -> int:
    """Megabytes that are free for a folder, which may not have been made yet."""
    there = next(each for each in (folder, *folder.parents) if each.is_dir())
    return shutil.disk_usage(there).free // _MEGABYTE
