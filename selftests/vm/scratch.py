# SPDX-License-Identifier: GPL-2.0
"""Copies of the tree, for tests that break it."""

import os
import queue
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def copy_tree(work):
    """Copy what git knows to the folder work, as it is now."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, check=True,
                           stdout=subprocess.PIPE).stdout.split(b"\0")
    for name in filter(None, map(os.fsdecode, files)):
        if (TOP / name).exists():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, work / name)


def on_copies(items, prepare, perform):
    """Yield perform(what prepare(copy) returned, item) for each item, in their order.

    There are as many copies of the tree as processors, but two: each compiles a little
    and then waits for a machine that has two itself.
    """
    with tempfile.TemporaryDirectory(prefix="smpair-scratch-") as folder:
        free = queue.SimpleQueue()

        def start(number):
            work = Path(folder) / str(number)
            copy_tree(work)
            return prepare(work)

        def on_one(item):
            copy = free.get()
            try:
                return perform(copy, item)
            finally:
                free.put(copy)

        count = min(len(os.sched_getaffinity(0)), 2, len(items))
        with ThreadPoolExecutor(count) as pool:
            for copy in pool.map(start, range(count)):
                free.put(copy)
            yield from pool.map(on_one, items)


class Bug:
    """Something wrong in one file of a copy; "with" has it there and takes it out."""

    def __init__(self, work, name, right, wrong):
        self.path = work / name
        self.source = self.path.read_text(encoding="utf-8")
        self.wrong = self.source.replace(right, wrong)
        # What stands there no longer, or twice, is not what was meant.
        self.fits = self.source.count(right) == 1
        if not self.fits:
            print(f"# {name} does not have once: {right}")

    def __enter__(self):
        self.path.write_text(self.wrong, encoding="utf-8")

    def __exit__(self, *_):
        self.path.write_text(self.source, encoding="utf-8")
