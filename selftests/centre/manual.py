#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every command of Documentation/centre.rst, in order and as it is typed there. Only
what a reader has to put in their own values for differs: addresses, /etc/smpair, what a
module shows, the mark of a trail. Prints TAP, a line for each command.

  postgres manual.py BIN     BIN is the folder with smpair-centre and smpair-provision
"""

import base64
import http.client
import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from serve import BIN, PATIENCE, SERVER, Module, free_port
from tap import run_all

PAGE = Path(__file__).resolve().parents[2] / "Documentation/centre.rst"
# What is asked for at the terminal, and what is typed.
ANSWERS = ((r"PIN.*: $", "4711-0815\n"), (r"(Password|Again): $", "correct horse battery\n"))
MODULE, HOST = "513-22136-41", "257-4660-20"


def blocks(page):
    """Literal blocks, with their indentation."""
    return re.findall(r"::\n\n((?: +.*\n|\n)+)", page.read_text(encoding="utf-8"))


def commands():
    """Those of the literal blocks; lines that a backslash continues are one."""
    for block in blocks(PAGE):
        text = re.sub(r"\\\n\s*", "", block)
        if text.lstrip().startswith("["):
            continue  # a file, not commands
        yield from (line.strip() for line in text.splitlines() if line.strip())


class Reader:
    def __init__(self, folder):
        self.folder, self.server = folder, None
        self.ports = {"8443": free_port(), "8444": free_port()}
        self.health = free_port()
        (folder / "etc").mkdir()
        (folder / "tokens").mkdir()
        (folder / "softhsm.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
        (folder / "services").write_text(
            "[centre]\n" + SERVER.replace("dbname=postgres", "dbname=centre")
            .replace("user=test", "user=smpair-centre").replace(" ", "\n") + "\n")
        settings = dict(item.split("=") for item in SERVER.split())
        self.env = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}", LC_ALL="C.UTF-8",
                        SOFTHSM2_CONF=str(folder / "softhsm.conf"),
                        PGSERVICEFILE=str(folder / "services"), PGHOST=settings["host"],
                        PGUSER=settings["user"])
        self.written = []

    def module(self):
        """What the module is that the page speaks of, by its newest keys."""
        newest = {}
        for kind in ("MPIN", "MMGT"):
            keys = json.loads((self.folder / "d/domain.json").read_text())[kind]
            newest[kind] = bytes.fromhex(keys if isinstance(keys, str) else keys[-1][kind])
        about = json.loads((self.folder / f"d/module-{MODULE}.json").read_text())
        return Module(newest["MPIN"], newest["MMGT"], MODULE, bytes.fromhex(about["FT0"]))

    def shell(self, command, typed=""):
        """At a terminal, where questions are answered; what it printed, if it succeeded."""
        pid, terminal = pty.fork()
        if not pid:
            os.chdir(self.folder)
            os.execvpe("bash", ["bash", "-c", command], self.env)
        os.write(terminal, typed.encode())
        shown, until = "", time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                part = os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                break
            shown += part
            for question, answer in ANSWERS:
                if re.search(question, shown.splitlines()[-1] if shown else ""):
                    os.write(terminal, answer.encode())
                    shown += "\n"
        else:
            os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert status == 0, f"exit {status}: {shown}"
        return shown

    def serve(self, command):
        self.stop()
        self.server = subprocess.Popen(
            ["bash", "-c", f"exec {command} --health 127.0.0.1:{self.health}"], cwd=self.folder,
            env=self.env, stderr=open(self.folder / "log", "ab"))
        self.written = command
        until = time.monotonic() + PATIENCE
        while True:
            try:
                watch = http.client.HTTPConnection("127.0.0.1", self.health, timeout=PATIENCE)
                watch.request("GET", "/healthz/readyz")
                if watch.getresponse().status == 200:
                    return
            except OSError:
                pass
            assert self.server.poll() is None and time.monotonic() < until, \
                (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self):
        if self.server:
            self.server.terminate()
            assert self.server.wait(PATIENCE) == 0
        self.server = None

    def number(self):
        """Of the last command to the module."""
        listed = self.shell(f"smpair-centre --db centre.db commands --module {MODULE}")
        return int(listed.split("\n")[-2].split()[0])

    def prepare(self, command):
        """What the page says in words happens before a command."""
        if "receipt --module" in command:
            op = 9 if "set-kpin" in command else 1
            name = command.split()[-1]
            receipt = self.module().receipt(self.number(), op=op)["receipt"]
            (self.folder / name).write_bytes(base64.b64decode(receipt))
        if "--cert sam.pem" in command and "client-add" in command:
            for line in commands():
                if "gateway-1" in line and "smpair-centre" not in line:
                    self.shell(line.replace("gateway-1", "sam"))

    def fill_in(self, command):
        for port, own in self.ports.items():
            command = command.replace(f"192.0.2.1:{port}", f"127.0.0.1:{own}")
        command = command.replace("192.0.2.1", "127.0.0.1")
        command = command.replace("/etc/smpair", f"{self.folder}/etc")
        if "--index N" in command:
            module = self.module()
            command = command.replace("--index N", f"--index {module.n}").replace(
                "--request-code RQ", f"--request-code {module.code(HOST)}")
        if "SEQ:MAC" in command:
            mark = self.shell("smpair-centre --db postgresql:service=centre audit head")
            command = command.replace("SEQ:MAC", re.search(r"\d+:[0-9a-f]+", mark)[0])
        return command

    def type(self, command):
        self.prepare(command)
        command = self.fill_in(command)
        if "restart the service" in command:
            self.serve(self.written)
        elif re.match(r"\w+='", command):
            name, value = command.split("=", 1)
            self.env[name] = shlex.split(value)[0]
        elif " serve " in command:
            self.serve(command)
        elif "cat >" in command:
            self.shell(command, "4711-0815\n\x04")
        elif not command.startswith("#"):
            self.shell(command)


def main():
    os.umask(0o077)
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder))
        status = run_all([(re.sub(r"\W+", "_", line.replace("#", " "))[:90].strip("_"),
                           partial(reader.type, line)) for line in commands()])
        reader.stop()
    return status


if __name__ == "__main__":
    sys.exit(main())
