# SPDX-License-Identifier: GPL-2.0
"""QEMU's monitor, as a program that vm/run starts as --peer has it."""

import json
import socket


class Monitor:
    """Commands to QEMU and events from it."""

    def __init__(self, fd):
        self.stream = socket.socket(fileno=fd).makefile("rw", encoding="utf-8")
        self.events = []
        self.receive()
        self.command("qmp_capabilities")

    def receive(self):
        line = self.stream.readline()
        if not line:
            raise SystemExit(0)  # the machine ended
        return json.loads(line)

    def command(self, name, **arguments):
        json.dump({"execute": name, "arguments": arguments}, self.stream)
        self.stream.write("\n")
        self.stream.flush()
        while True:
            answer = self.receive()
            if "event" in answer:
                self.events.append(answer["event"])
            elif "error" in answer:
                raise SystemExit(f"peer: {name}: {answer['error']['desc']}")
            else:
                return answer["return"]

    def await_event(self, name):
        while name not in self.events:
            answer = self.receive()
            if "event" in answer:
                self.events.append(answer["event"])
        self.events.remove(name)
