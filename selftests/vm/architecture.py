# SPDX-License-Identifier: GPL-2.0
"""What an architecture of the guest means: selftests/build/arch/ names its parts, and
its programs and their libraries come from this machine or from a folder like it."""

import platform
import re
import shlex
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
DESCRIPTIONS = TOP / "selftests/build/arch"
NAMES = sorted(path.name for path in DESCRIPTIONS.iterdir())


class Architecture:
    """One of NAMES, with the words of its description as attributes."""

    def __init__(self, name):
        self.name = name
        for word in shlex.split((DESCRIPTIONS / name).read_text(encoding="utf-8"), comments=True):
            setattr(self, *word.split("=", 1))
        self.native = self.triplet.startswith(platform.machine() + "-")
        self.root = Path("/")
        # Where the builds put what they make for it
        self.build = TOP / "build" if self.native else TOP / "build" / name

    def find_root(self):
        """Fetch what programs and libraries are taken from. OSError tells that it failed."""
        if not self.native:
            found = subprocess.run([TOP / "selftests/build/sysroot", self.name], check=False,
                                   stdout=subprocess.PIPE, text=True)
            if found.returncode:
                raise OSError(f"no programs and libraries for {self.name}, see above")
            self.root = Path(found.stdout.strip())

    def path(self, name):
        """The file that the guest will know as NAME."""
        return self.root / name.lstrip("/")

    def libraries_of(self, program):
        """The shared libraries and the loader that a program needs, as the guest names
        them; none for a script. OSError tells which is missing."""
        # A library finds without a path what another path has loaded.
        names, waiting, folders = set(), [program], []
        while waiting:
            current = waiting.pop()
            with open(current, "rb") as start:
                if start.read(4) != b"\x7fELF":
                    continue
            told = subprocess.run(["readelf", "--wide", "--dynamic", "--program-headers", current],
                                  check=True, capture_output=True, text=True).stdout
            found = re.findall(r"program interpreter: (/[^\]]+)", told)
            folders += [folder for paths in re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", told)
                        for folder in paths.split(":")]
            found += [self.find(name, current, folders)
                      for name in re.findall(r"\(NEEDED\).*\[(.*)\]", told)]
            waiting += [self.path(name) for name in found if name not in names]
            names.update(found)
        return names

    def find(self, library, wanted_by, folders):
        for folder in (*folders, f"/lib/{self.triplet}", f"/usr/lib/{self.triplet}",
                       "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"):
            if self.path(f"{folder}/{library}").exists():
                return f"{folder}/{library}"
        raise OSError(f"{library} is missing, which {wanted_by} needs")
