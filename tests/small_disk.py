"""A real file system that is small, and can be filled."""

import subprocess
import tempfile
from pathlib import Path
from typing import Self

SIZE = 16 << 20


class SmallDisk:
    """One of 16 MB, in memory."""

    def __enter__(self) -> Self:
        self._place = tempfile.TemporaryDirectory()
        self.folder = Path(self._place.name)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(self.folder)]
        done = subprocess.run(mount, check=False, capture_output=True, text=True)
        # nothing else is really full; without root, a namespace will do
        assert done.returncode == 0, f"{done.stderr}: unshare --map-root-user --mount make test"
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
        self._place.cleanup()

    def fill(self) -> Path:
        """Somebody else's file takes all the room that is left."""
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        return filler
