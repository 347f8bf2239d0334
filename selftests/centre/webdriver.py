# SPDX-License-Identifier: GPL-2.0
"""Chromium by the WebDriver protocol, with a keyboard and no mouse."""

import base64
import http.client
import json
import re
import subprocess
import time

PATIENCE = 120
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "Space": " "}
ARGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--ignore-certificate-errors", "--window-size=1200,900")


class Browser:
    def __init__(self, profile, log):
        profile.mkdir()
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=open(log, "ab"), text=True)
        for line in self.driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                break
        self.wire = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=PATIENCE)
        self.session = ""
        answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": [*ARGS, f"--user-data-dir={profile}"]},
            "pageLoadStrategy": "normal"}}})
        self.session = "/session/" + answer["sessionId"]

    def ask(self, method, path, body=None):
        self.wire.request(method, self.session + path,
                          None if body is None else json.dumps(body),
                          {"Content-Type": "application/json"})
        answer = json.loads(self.wire.getresponse().read())["value"]
        if isinstance(answer, dict) and "error" in answer:
            raise RuntimeError(f"{method} {path}: {answer['error']}: {answer['message'][:200]}")
        return answer

    def close(self):
        self.ask("DELETE", "")
        self.driver.terminate()
        self.driver.wait()

    def go(self, url):
        self.ask("POST", "/url", {"url": url})

    @property
    def url(self):
        return self.ask("GET", "/url")

    def run(self, script, *args):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(args)})

    def command(self, name, **params):
        """Of the browser's own protocol."""
        return self.ask("POST", "/goog/cdp/execute", {"cmd": name, "params": params})

    def type(self, *keys):
        actions = []
        for key in keys:
            for char in KEYS.get(key, key):
                actions += [{"type": "keyDown", "value": char}, {"type": "keyUp", "value": char}]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard",
                                                   "actions": actions}]})

    def focused(self):
        """Name, or else the text, of what has the focus."""
        return self.run("const e = document.activeElement;"
                        "return e.name || e.textContent.trim();")

    def wait_for_focus(self, name):
        self.wait("return document.activeElement.name === arguments[0];", name)

    def tab_to(self, what):
        seen = []
        for _ in range(60):
            if self.focused() == what:
                return
            self.type("Tab")
            seen.append(self.focused())
        raise AssertionError(f"the Tab key does not lead to {what!r}, but to {seen}")

    def enter(self):
        """Press Enter, and wait for the page that comes of it."""
        self.run("document.documentElement.dataset.old = 1;")
        self.type("Enter")
        self.wait("return !document.documentElement.dataset.old &&"
                  " document.readyState === 'complete';")

    def wait(self, script, *args):
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if self.run(script, *args):
                    return
            except RuntimeError:  # between two pages
                pass
            assert time.monotonic() < until, script
            time.sleep(0.05)

    def text(self, selector="body"):
        return self.run("const e = document.querySelector(arguments[0]);"
                        "return e ? e.innerText : '';", selector)

    def cookies(self):
        return self.ask("GET", "/cookie")

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.ask("GET", "/screenshot")))
