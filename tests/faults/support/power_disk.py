"""
A disk that loses what was not synced when the power is cut: a file system of its own in user space.

Programs see one tree of files. Beside it stands another with what they have synced, and a cut puts the second in the
place of the first. Names are kept at once, which a real disk need not do, and no page is torn.
"""

import errno
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from devtools.local.process import POLL_SECONDS, LocalProcess

FILE_SYSTEM: Final = "selvhjelp-power-disk"
BUSY_SECONDS: Final = 20
SYNCED_BY_WRITING: Final = os.O_SYNC | os.O_DSYNC


def is_possible() -> bool:
    """Return whether this machine can have such a disk: root, FUSE in the kernel, and its library."""
    if os.geteuid() != 0 or not os.access("/dev/fuse", os.W_OK):
        return False
    try:
        import mfusepy  # noqa: F401 - it looks for the library when it is imported
    except (ImportError, OSError):
        return False
    return True


class PowerDisk(LocalProcess):
    """
    The mounted disk.

    Args:
        directory: For both trees and the log; programs use :attr:`mount`.
    """

    def __init__(self, directory: Path) -> None:
        self.seen, self.kept, self.mount = (directory / name for name in ("seen", "kept", "mount"))
        for tree in (self.seen, self.kept, self.mount):
            tree.mkdir(mode=0o755)
        command = [sys.executable, "-m", __spec__.name, str(self.seen), str(self.kept), str(self.mount)]
        super().__init__("the disk", command, log=directory / "disk.log")

    def ready(self) -> bool:
        return self.mount.is_mount()

    def sync(self) -> None:
        """Keep everything that there is."""
        command = ["find", str(self.mount), "-type", "f", "-exec", "sync", "{}", "+"]
        subprocess.run(command, check=True)

    def cut_power(self) -> None:
        """Lose what was not synced; every program that uses the disk must have been killed."""
        self.unmount()
        self.start()

    def unmount(self) -> None:
        """Take the disk away, with the loss of what was not synced, when no killed program holds it any more."""
        deadline = time.monotonic() + BUSY_SECONDS
        while subprocess.run(["umount", str(self.mount)], check=False, capture_output=True).returncode:
            assert time.monotonic() < deadline, f"{self.mount} is in use"
            time.sleep(POLL_SECONDS)
        assert self._popen is not None
        assert self._popen.wait(60) == 0, self.log.read_text()


def serve(seen: Path, kept: Path, mount: Path) -> None:
    """Serve the disk until it is unmounted."""
    import mfusepy

    class Files(mfusepy.Operations):  # type: ignore[misc]
        """
        Passes everything on to the tree that is seen, and syncs to the one that is kept.

        Attributes:
            unsynced: By path: start and length of what was written since the last sync.
            ended: True when what was not synced is lost.
        """

        use_ns = True

        def __init__(self) -> None:
            self._mutex = threading.RLock()
            self.unsynced: dict[str, list[tuple[int, int]]] = defaultdict(list)
            self.synced_by_writing: dict[int, bool] = {}
            self.ended = False

        # What is only seen.

        def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
            try:
                status = _at(seen, path).lstat()
            except FileNotFoundError:
                raise mfusepy.FuseOSError(errno.ENOENT) from None
            names = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_blocks", "st_ino")
            times = {f"st_{each}time": getattr(status, f"st_{each}time_ns") for each in "amc"}
            return {**{name: getattr(status, name) for name in names}, **times}

        def readdir(self, path: str, fh: int) -> list[str]:
            return [".", "..", *(each.name for each in _at(seen, path).iterdir())]

        def statfs(self, path: str) -> dict[str, int]:
            status = os.statvfs(seen)
            return {name: getattr(status, name) for name in dir(status) if name.startswith("f_")}

        def chmod(self, path: str, mode: int) -> int:
            _at(seen, path).chmod(mode)
            return 0

        def chown(self, path: str, uid: int, gid: int) -> int:
            os.chown(_at(seen, path), uid, gid)
            return 0

        def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
            os.utime(_at(seen, path), ns=times or (time.time_ns(),) * 2)
            return 0

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            return os.pread(fh, size, offset)

        # Names, which are kept at once.

        def mkdir(self, path: str, mode: int) -> int:
            for tree in (seen, kept):
                _at(tree, path).mkdir(mode)
            self._own(path)
            return 0

        def rmdir(self, path: str) -> int:
            for tree in (seen, kept):
                _at(tree, path).rmdir()
            return 0

        def unlink(self, path: str) -> int:
            with self._mutex:
                for tree in (seen, kept):
                    _at(tree, path).unlink()
                self.unsynced.pop(path, None)
            return 0

        def rename(self, old: str, new: str, flags: int = 0) -> int:
            with self._mutex:
                for tree in (seen, kept):
                    _at(tree, old).rename(_at(tree, new))
                self.unsynced.pop(new, None)
                for path in [path for path in self.unsynced if path == old or path.startswith(f"{old}/")]:
                    self.unsynced[new + path.removeprefix(old)] = self.unsynced.pop(path)
            return 0

        # Contents.

        def create(self, path: str, mode: int, flags: int) -> int:
            with self._mutex:
                for tree in (kept, seen):
                    handle = os.open(_at(tree, path), os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)
                    if tree is kept:
                        os.close(handle)
                self.unsynced.pop(path, None)
            self._own(path)
            self.synced_by_writing[handle] = bool(flags & SYNCED_BY_WRITING)
            return handle

        def open(self, path: str, flags: int) -> int:
            access = os.O_RDWR if flags & os.O_ACCMODE else os.O_RDONLY
            handle = os.open(_at(seen, path), access | (flags & os.O_TRUNC))
            if flags & os.O_TRUNC:
                with self._mutex:
                    self.unsynced[path].append((0, 0))
            self.synced_by_writing[handle] = bool(flags & SYNCED_BY_WRITING)
            return handle

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            with self._mutex:
                size = os.pwrite(fh, data, offset)
                self.unsynced[path].append((offset, size))
                if self.synced_by_writing[fh]:
                    self._sync(path)
            return size

        def truncate(self, path: str, length: int, fh: int | None = None) -> int:
            with self._mutex:
                os.truncate(_at(seen, path), length)
                self.unsynced[path].append((0, 0))
            return 0

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            with self._mutex:
                self._sync(path)
            return 0

        def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
            return 0

        def flush(self, path: str, fh: int) -> int:
            return 0

        def release(self, path: str, fh: int) -> int:
            self.synced_by_writing.pop(fh, None)
            os.close(fh)
            return 0

        def destroy(self, path: str) -> None:
            """Put what is kept in the place of what was seen."""
            for changed in self.unsynced:
                shutil.copyfile(_at(kept, changed), _at(seen, changed))
            self.ended = True

        def _own(self, path: str) -> None:
            """Give what was made to the user who asked for it."""
            uid, gid, _ = mfusepy.fuse_get_context()
            os.chown(_at(seen, path), uid, gid)

        def _sync(self, path: str) -> None:
            ranges = self.unsynced.pop(path, [])
            if not ranges:
                return
            with _at(seen, path).open("rb") as source, _at(kept, path).open("r+b") as target:
                for offset, size in ranges:
                    source.seek(offset)
                    target.seek(offset)
                    target.write(source.read(size))
                target.truncate(os.fstat(source.fileno()).st_size)

    files = Files()
    try:
        mfusepy.FUSE(files, str(mount), foreground=True, allow_other=True, default_permissions=True, fsname=FILE_SYSTEM)
    except RuntimeError:  # the library sometimes takes the end for a fault
        if not files.ended:
            raise


def _at(tree: Path, path: str) -> Path:
    return tree / path.removeprefix("/")


if __name__ == "__main__":
    serve(*map(Path, sys.argv[1:4]))
