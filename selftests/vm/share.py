# SPDX-License-Identifier: GPL-2.0
"""A folder of this machine as the guest's /share.

It is live where the guest's kernel has virtio-fs: what either side writes is there for
the other at once, and stays whatever becomes of the guest. The compiled kernels have no
virtio-fs, as with it a machine cannot be suspended, which tests do: for them the folder
is copied in, and back when the command has ended."""

import getpass
import os
import socket
import stat
import subprocess
import tarfile
import tempfile
from pathlib import Path

DAEMON = "/usr/lib/qemu/virtiofsd"

ORDINARY_USER = ("an ordinary user needs newuidmap and numbers of his own for what others own in the guest; "
                 "as root: apt-get install uidmap && usermod --add-subuids 100000-165535 "
                 "--add-subgids 100000-165535 {user}")


def can_be_live(modules):
    """Whether the kernel with this module folder has virtio-fs, built in."""
    builtin = modules / "modules.builtin"
    return builtin.exists() and "/virtiofs.ko" in builtin.read_text(encoding="utf-8")


class LiveShare:
    """A folder that QEMU's daemon serves."""

    def __init__(self, folder, mem):
        # No name in any folder that would have to be removed, or be reached by this user
        listening = socket.socket(socket.AF_UNIX)
        listening.bind("")
        listening.listen(1)
        self.port = socket.socket(socket.AF_UNIX)
        self.port.connect(listening.getsockname())
        command = [DAEMON, f"--fd={listening.fileno()}", "--rlimit-nofile=0",
                   # What this machine changes is seen at once; files can be mapped.
                   "-o", "sandbox=chroot,cache=auto,timeout=0,log_level=err",
                   "-o", f"source={folder.resolve()}"]
        if os.geteuid():
            command = ["unshare", "--user", "--map-root-user", "--map-auto", *command]
        # It complains when the guest ends, too.
        self.complaints = tempfile.TemporaryFile("w+")
        self.daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.complaints,
                                       stderr=self.complaints, process_group=0,
                                       pass_fds=[listening.fileno()])
        listening.close()
        self.options = ["-object", f"memory-backend-memfd,id=memory,size={mem},share=on",
                        "-machine", "memory-backend=memory",
                        "-chardev", f"socket,id=share,fd={self.port.fileno()}",
                        "-device", "vhost-user-fs-pci,chardev=share,tag=share"]

        self.failure = None

    def stop(self):
        """End the daemon. If it had failed by itself, failure says what to do."""
        if self.daemon.poll() is None:
            self.daemon.kill()
        elif self.daemon.returncode:
            self.complaints.seek(0)
            self.failure = f"{self.daemon.args[0]}: {self.complaints.read().strip()}"
            if os.geteuid():
                self.failure += "; " + ORDINARY_USER.format(user=getpass.getuser())
        self.daemon.wait()


class CopiedShare:
    """A folder that comes back as an archive, behind the digits of its length."""

    DIGITS = 16

    def __init__(self, folder):
        self.folder = folder
        self.before = [Path(where, name).relative_to(folder)
                       for where, dirs, files in os.walk(folder, topdown=False)
                       for name in files + dirs]
        self.archive = tempfile.TemporaryFile()

    def received(self, data):
        """Take what the guest sent; true once that is all, and the guest may go."""
        self.archive.write(data)
        have = self.archive.tell()
        if have < self.DIGITS:
            return False
        self.archive.seek(0)
        length = int(self.archive.read(self.DIGITS))
        self.archive.seek(have)
        return have == self.DIGITS + length

    def take_back(self):
        """Make the folder what the guest left in it. ValueError tells of an archive that
        would touch something else."""
        self.archive.seek(self.DIGITS)
        names = set()
        with tarfile.open(fileobj=self.archive) as tar:
            for member in tar:
                name = Path(os.path.normpath(member.name))
                if name.is_absolute() or ".." in name.parts:
                    raise ValueError(f"the guest sent an unsafe name for the shared folder: {name}")
                if name.parts:
                    names.add(name)
                    tar.extract(member, self.folder)
        for name in self.before:
            path = self.folder / name
            if name not in names and (path.is_symlink() or path.exists()):
                mode = path.lstat().st_mode
                if stat.S_ISDIR(mode):
                    path.rmdir()
                elif stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                    path.unlink()
