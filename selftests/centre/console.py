#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The operator console in a real browser, by keyboard alone, and what a browser would
not send by other means. Prints TAP.

  console.py BIN [FOLDER]   BIN is the folder with smpair-centre and smpair-provision;
                            screenshots go to FOLDER
"""

import html
import http.client
import http.server
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from functools import partial
from pathlib import Path

from serve import BIN, PATIENCE, Centre, Pki, free_port, full_id
from tap import run_all
from webdriver import Browser

SHOTS = Path(sys.argv[2]) if len(sys.argv) > 2 else None
PASSWORDS = {"olga": "correct horse battery", "sam": "supervisor's secret", "ada": "reads all of it"}
ROLES = {"olga": "operator", "sam": "supervisor", "ada": "auditor"}
DAMM = ("0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
        "3674209581", "5869720134", "8945362017", "9438617205", "2581436790")

tests = []


def test(function):
    tests.append(function)
    return function


def check_digit(pin):
    interim = 0
    for digit in pin:
        interim = int(DAMM[interim][int(digit)])
    return str(interim)


class Client:
    """A browser without scripts, as far as a server can tell."""

    def __init__(self, port, context):
        self.port, self.context, self.cookies = port, context, {}

    def ask(self, method, path, fields=None, **headers):
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=PATIENCE,
                                                 context=self.context)
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        if self.cookies:
            headers.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        body = None
        if fields is not None:
            body = fields if isinstance(fields, (str, bytes)) else urllib.parse.urlencode(fields)
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer

    def csrf(self, path="/search"):
        return re.search('name="csrf" value="([0-9a-f]{64})"', self.ask("GET", path).text)[1]

    def sign_in(self, name, password=None):
        return self.ask("POST", "/sign-in", {"csrf": self.csrf("/sign-in"), "name": name,
                                             "password": password or PASSWORDS[name]})


class Rig(Centre):
    def __init__(self, folder):
        super().__init__(folder, Pki(folder), folder / "centre.db")
        self.console = free_port()
        self.base = f"https://localhost:{self.console}"
        for name, role in ROLES.items():
            self.add(name, role)
        self.browser = None

    def add(self, name, role):
        subprocess.run([BIN / "smpair-centre", "--db", self.db, "operator-add", "--name", name,
                        "--role", role, "--password-fd", "0"], check=True, text=True,
                       input=PASSWORDS[name] + "\n")

    def start(self, *options):
        super().start("--console", f"127.0.0.1:{self.console}", *options)

    def client(self, name=None):
        client = Client(self.console, self.tls(None))
        if name:
            assert client.sign_in(name).status == 303
        return client

    def shot(self, name):
        if SHOTS:
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.browser.screenshot(SHOTS / f"{name}.png")

    def sign_in(self, name, password=None):
        b = self.browser
        b.go(self.base + "/sign-in")
        # Given by the browser with its first frame, which may come after the page.
        b.wait_for_focus("name")
        b.type(name, "Tab", password or PASSWORDS[name])
        b.enter()

    def fill_pin_form(self, module, host, code):
        b = self.browser
        b.go(self.base + "/")
        b.tab_to("Issue a PIN")
        b.enter()
        b.tab_to("module")
        b.type(module, "Tab", host, "Tab", "0", "Tab", code)
        b.enter()


# ---- the tests ----

@test
def stranger_is_led_to_signing_in(c):
    c.browser.go(c.base + "/log")
    assert c.browser.url == c.base + "/sign-in", c.browser.url
    c.browser.wait_for_focus("name")
    c.shot("sign-in")


@test
def wrong_password_is_refused_with_a_next_step(c):
    c.sign_in("olga", "not the password")
    assert "do not belong together" in c.browser.text(".refusal")
    assert "Next: type both again" in c.browser.text(".refusal")
    c.shot("wrong-password")


@test
def operator_signs_in_by_keyboard(c):
    c.sign_in("olga")
    assert c.browser.url == c.base + "/" and c.browser.text(".who").split()[:2] == \
        ["olga", "operator"], c.browser.text()
    assert re.search(r"operator olga +sign-in +done", c.cli("log"))


@test
def session_is_in_a_cookie_that_no_script_and_no_other_site_gets(c):
    cookie = next(k for k in c.browser.cookies() if k["name"] == "__Host-session")
    assert cookie["httpOnly"] and cookie["secure"] and cookie["sameSite"] == "Strict"
    assert cookie["path"] == "/" and len(cookie["value"]) == 64 and "expiry" not in cookie
    assert c.browser.run("return document.cookie + localStorage.length + sessionStorage.length;") \
        == "00"


@test
def pin_is_issued_by_keyboard_and_its_reveal_is_recorded(c):
    module, host, b = c.modules[0], c.hosts[0], c.browser
    c.fill_pin_form(module.name, host, module.code(host))
    pin = module.pin(host)
    assert b.text("#pin").split() == [pin[:4], pin[4:], check_digit(pin)], b.text()
    assert b.url == c.base + "/pin"
    c.shot("pin")
    for verb, result in (("pin", "issued"), ("reveal", "done")):
        assert re.search(rf"operator olga +{verb} +{result} +module {module.name} "
                         rf" host {host}  N 0", c.cli("log")), c.cli("log")
    assert pin not in c.cli("log") and pin not in (c.folder / "log").read_text()


@test
def pin_is_hidden_on_escape(c):
    c.browser.type("Escape")
    assert c.browser.text("#pin") == "hidden"
    pin = c.modules[0].pin(c.hosts[0])
    assert pin[:4] not in c.browser.run("return document.documentElement.outerHTML;")
    c.shot("pin-hidden")


@test
def pin_hides_itself(c):
    module, host, b = c.modules[0], c.hosts[1], c.browser
    # The page's seconds pass a hundred times as fast, after what it takes to look.
    faster = b.command("Page.addScriptToEvaluateOnNewDocument", source=
                       "const real = setInterval; window.setInterval ="
                       " (f, ms) => real(() => { if (window.go) f(); }, ms / 100);")
    c.fill_pin_form(module.name, host, module.code(host))
    assert b.text("#left") == "60" and b.text("#pin").split()[0] == module.pin(host)[:4]
    b.run("window.go = true;")
    b.wait("return document.getElementById('pin').innerText === 'hidden';")
    b.command("Page.removeScriptToEvaluateOnNewDocument", **faster)


@test
def refusal_shows_its_cause_and_the_next_step(c):
    module, host, b = c.modules[1], c.hosts[0], c.browser
    code = "%06d" % ((int(module.code(host)) + 1) % 10 ** 6)
    c.fill_pin_form(module.name, host, code)
    text = b.text(".refusal")
    assert "request-code" in text and "attempts left: 2" in text, text
    assert "Next: let the host pair again" in text, text
    c.shot("refusal")
    c.fill_pin_form(full_id(513, 999), host, code)
    assert "unknown-module" in b.text(".refusal") and "Next: " in b.text(".refusal")
    c.fill_pin_form(module.name[:-2] + "00", host, code)
    assert "check-digits" in b.text(".refusal") and "Next: " in b.text(".refusal")


@test
def search_finds_by_module_host_and_serial_tail(c):
    b = c.browser
    module = c.modules[36].name  # serial number 37
    for typed, found in ((module, [module]), ("513-37", [module]), ("7", None),
                         ("37", [module]), (c.hosts[1], [c.hosts[1]]), ("99999", [])):
        b.go(c.base + "/search")
        b.tab_to("q")
        b.type(typed)
        b.enter()
        hits = b.run("return [...document.querySelectorAll('.hits a')].map(a => a.textContent);")
        if found is None:
            assert sorted(hits) == sorted(m.name for m in c.modules
                                          if m.name.split("-")[1].endswith("7")), hits
        else:
            assert hits == found, (typed, hits)
    b.go(c.base + "/search?q=7")
    c.shot("search")


@test
def markup_that_somebody_types_is_text(c):
    b = c.browser
    for place in ("/search?q=", "/pin?module="):
        b.go(c.base + place + urllib.parse.quote("\"><img id=evil src=x onerror=alert(1)>"))
        assert b.run("return document.getElementById('evil') === null;"), place
    c.fill_pin_form("<b id=evil>", "<b id=evil>", "123456")
    assert b.run("return document.getElementById('evil') === null;")
    assert b.run("return document.getElementById('module').value;") == "<b id=evil>"


@test
def inline_script_is_not_run(c):
    c.browser.go(c.base + "/")
    assert c.browser.run("const s = document.createElement('script');"
                         "s.textContent = 'window.ran = 1'; document.body.append(s);"
                         "return window.ran === undefined;")


@test
def operator_holds_a_module_and_may_not_release_it(c):
    module, b = c.modules[2], c.browser
    b.go(f"{c.base}/module/{module.name}")
    b.tab_to("Hold")
    b.enter()
    assert b.url == f"{c.base}/module/{module.name}"
    assert "on hold" in b.text(".notice") and "On hold\noperator" in b.text("dl")
    assert "Release" not in b.text(".actions") and "Deny" not in b.text(".actions")
    client = c.client("olga")
    for path in ("/release", "/deny", "/allow"):
        answer = client.ask("POST", path, {"csrf": client.csrf(), "module": module.name})
        assert answer.status == 403 and "ask a supervisor" in answer.text, path
    assert re.search("operator olga +console +refused .* role: /release", c.cli("log"))


@test
def form_of_another_session_is_refused(c):
    module, b = c.modules[3], c.browser
    b.go(f"{c.base}/module/{module.name}")
    b.run("document.querySelectorAll('[name=csrf]').forEach(i => { i.value ="
          " i.value.replace(/./g, c => c === '0' ? '1' : '0'); });")
    b.tab_to("Hold")
    b.enter()
    assert "not one of this session" in b.text(".refusal") and "Next: " in b.text(".refusal")
    c.shot("csrf")
    assert not re.search(f" hold .* module {module.name} ", c.cli("log"))
    assert re.search("operator olga +console +refused .* csrf: /hold", c.cli("log"))
    client = c.client("olga")
    for fields in ({}, {"csrf": ""}, {"csrf": c.client("sam").csrf()}):
        assert client.ask("POST", "/hold", dict(fields, module=module.name)).status == 403
    answer = client.ask("POST", "/hold", {"csrf": client.csrf(), "module": module.name},
                        Sec_Fetch_Site="cross-site")
    assert answer.status == 403 and not re.search(f" hold .* module {module.name} ",
                                                  c.cli("log"))


@test
def form_on_another_site_comes_without_the_session(c):
    module, b = c.modules[3], c.browser
    page = (f"<form method=post action='{c.base}/hold'><input name=module "
            f"value='{module.name}'><button name=win>Win</button></form>").encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        b.go(f"http://127.0.0.1:{site.server_port}/")
        b.tab_to("win")
        b.enter()
        site.shutdown()
    assert "nobody is signed in" in b.text(".refusal"), b.text()
    assert not re.search(f" hold .* module {module.name} ", c.cli("log"))


@test
def supervisor_releases_denies_and_allows(c):
    module, host, b = c.modules[2], c.hosts[0], c.browser
    b.go(c.base + "/")
    b.tab_to("Sign out")
    b.enter()
    assert b.url == c.base + "/sign-in"
    c.sign_in("sam")
    b.go(f"{c.base}/module/{module.name}")
    b.tab_to("Release")
    b.enter()
    assert "Released" in b.text(".notice") and "On hold\nno" in b.text("dl")
    b.tab_to("Deny")
    b.enter()
    assert "Denied\nyes" in b.text("dl")
    c.shot("module")
    c.fill_pin_form(module.name, host, module.code(host))
    assert "module-denied" in b.text(".refusal")
    b.go(f"{c.base}/module/{module.name}")
    b.tab_to("Allow")
    b.enter()
    c.fill_pin_form(module.name, host, module.code(host))
    assert b.text("#pin").split()[0] == module.pin(host)[:4]


@test
def supervisor_unblocks_a_module_and_sees_what_becomes_of_it(c):
    module, b = c.modules[20], c.browser

    def rows():
        return b.run("return [...document.querySelectorAll('.commands tbody tr')].map("
                     "r => [...r.cells].map(d => d.textContent));")

    b.go(f"{c.base}/module/{module.name}")
    assert rows() == [] and "PIN tries left\nnever told" in b.text("dl")
    b.tab_to("Unblock PIN")
    b.enter()
    assert b.url == f"{c.base}/module/{module.name}" and "is queued" in b.text(".notice")
    assert [r[:4] for r in rows()] == [["1", "unblock-pin", "operator sam", "queued"]], rows()
    c.shot("unblock")
    path = f"/v1/modules/{module.name}/commands"
    seq, = (i["seq"] for i in c.ask("GET", path).json["items"])
    b.go(f"{c.base}/module/{module.name}")
    assert rows()[0][3] == "handed-out" and "attempts: 1, last to agent" in rows()[0][4], rows()
    assert c.ask("PUT", f"{path}/{seq}/receipt", module.receipt(seq, tries=5)).status == 200
    b.go(f"{c.base}/module/{module.name}")
    assert rows()[0][3:] == ["done", "done"] and "PIN tries left\n5" in b.text("dl"), rows()
    assert re.search(f"operator sam +manage +done +module {module.name} .*unblock-pin", c.cli("log"))
    b.tab_to("Unblock PIN")
    b.enter()
    assert c.ask("PUT", f"{path}/2/receipt", module.receipt(2, sw=0x6A80, tries=0)).status == 200
    b.go(f"{c.base}/module/{module.name}")
    assert rows()[0][3] == "refused" and "look at the value" in rows()[0][4], rows()
    assert "none: blocked" in b.text("dl")
    c.shot("blocked")


@test
def unblocking_is_for_supervisors_alone(c):
    module = c.modules[21]
    for name in ("olga", "ada"):
        client = c.client(name)
        assert "Unblock" not in client.ask("GET", f"/module/{module.name}").text
        answer = client.ask("POST", "/unblock", {"csrf": client.csrf(), "module": module.name})
        assert answer.status == 403 and "ask a supervisor" in answer.text, name
    client = c.client("sam")
    assert client.ask("POST", "/unblock", {"module": module.name}).status == 403
    for name in (full_id(513, 999), "513-21-00", ""):
        fields = {"csrf": client.csrf(), "module": name}
        assert client.ask("POST", "/unblock", fields).status == 404, name
    assert c.ask("GET", f"/v1/modules/{module.name}/commands").json["items"] == []


@test
def host_that_is_held_for_a_module_is_released_on_their_page(c):
    module, host, b = c.modules[4], c.hosts[0], c.browser
    code = "%06d" % ((int(module.code(host)) + 1) % 10 ** 6)
    for _ in range(3):
        c.fill_pin_form(module.name, host, code)
    assert "request-code-last" in b.text(".refusal")
    b.go(f"{c.base}/pairing/{module.name}/{host}")
    assert "3 of 3" in b.text("dl")
    b.tab_to("Release host")
    b.enter()
    assert "0 of 3" in b.text("dl")
    c.fill_pin_form(module.name, host, module.code(host))
    assert b.text("#pin").split()[0] == module.pin(host)[:4]


@test
def history_of_a_pairing_shows_both_indices(c):
    module, host, b = c.modules[0], c.hosts[0], c.browser
    module.pair(host)
    client = c.client("olga")
    answer = client.ask("POST", "/pin", {
        "csrf": client.csrf(), "module": module.name, "host": host, "index": "1",
        "request_code": module.code(host), "policy": "indexed"})
    assert module.pin(host)[:4] in answer.text
    b.go(f"{c.base}/pairing/{module.name}/{host}")
    assert "N shown by the host last\n1\nN known here\n1" in b.text("dl"), b.text("dl")
    rows = b.run("return [...document.querySelectorAll('tbody tr')].map("
                 "r => [...r.cells].map(c => c.innerText)).filter(r => r[2] === 'pin')"
                 ".map(r => [r[5], r[6], r[7]]);")
    assert rows == [["1", "0", "issued"], ["0", "0", "issued"]], rows
    c.shot("pairing")


@test
def auditor_reads_and_changes_nothing(c):
    b = c.browser
    b.go(c.base + "/")
    b.tab_to("Sign out")
    b.enter()
    c.sign_in("ada")
    module = c.modules[5].name
    for path in ("/", "/log", "/search", f"/module/{module}", f"/host/{c.hosts[0]}",
                 f"/pairing/{module}/{c.hosts[0]}"):
        b.go(c.base + path)
        actions = b.run("return [...document.querySelectorAll('form[method=post]')].map("
                        "f => f.getAttribute('action'));")
        assert actions == ["/sign-out"], (path, actions)
        assert "Issue a PIN" not in b.text()
    c.shot("auditor")
    client = c.client("ada")
    assert client.ask("GET", "/pin").status == 403
    for path in ("/pin", "/hold", "/release", "/deny", "/allow"):
        assert client.ask("POST", path, {"csrf": client.csrf(), "module": module}).status == 403
    b.go(c.base + "/log")
    c.shot("log")


@test
def request_that_waits_is_listed(c):
    c.stop()
    c.start("--hotline")
    module, host, b = c.modules[6], c.hosts[2], c.browser
    assert c.ask("POST", "/v1/pin-requests", module.request(host)).status == 202
    c.sign_in("olga")
    assert module.name in b.text("tbody") and module.code(host)[:3] in b.text("tbody")
    c.shot("waiting")
    c.stop()
    c.start()
    b.go(c.base + "/")
    assert b.url == c.base + "/sign-in"  # a restart signs everybody out


@test
def everything_works_without_scripts(c):
    module, host, client = c.modules[7], c.hosts[0], c.client("olga")
    answer = client.ask("POST", "/pin", {
        "csrf": client.csrf("/pin"), "module": module.name, "host": host, "index": "0",
        "request_code": module.code(host)[:3] + " " + module.code(host)[3:]})
    pin = module.pin(host)
    assert [html.unescape(part) for part in re.findall(
        'class="(?:group|check)">([0-9]+)<', answer.text)] == [pin[:4], pin[4:], check_digit(pin)]
    assert answer.getheader("Refresh") == "60; url=/"
    answer = client.ask("POST", "/hold", {"csrf": client.csrf(), "module": module.name})
    assert answer.status == 303 and answer.getheader("Location") == f"/module/{module.name}"


@test
def each_answer_forbids_what_is_not_foreseen(c):
    client = c.client("olga")
    for path in ("/", "/sign-in", "/console.css", "/console.js", "/pin", "/nothing"):
        answer = client.ask("GET", path)
        policy = answer.getheader("Content-Security-Policy")
        for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'",
                     "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy.split("; "), (path, part)
        assert "unsafe" not in policy
        assert answer.getheader("X-Content-Type-Options") == "nosniff"
        assert answer.getheader("Referrer-Policy") == "no-referrer"
        assert answer.getheader("Cache-Control") == "no-store"
        assert "max-age=" in answer.getheader("Strict-Transport-Security")
        if answer.text.startswith("<!DOCTYPE"):
            assert not re.search(r"<script(?! src=)|style=| on[a-z]+=|//", answer.text), path
    assert answer.status == 404


@test
def what_no_browser_sends_is_refused(c):
    client = c.client("olga")
    token = client.csrf()
    rows = (
        ("POST", "/hold", "csrf=" + token + "&csrf=" + token, {}, 400),
        ("POST", "/hold", "csrf=%0", {}, 400),
        ("POST", "/hold", "csrf=a%00b", {}, 400),
        ("POST", "/hold", "&".join(f"a{i}=1" for i in range(40)), {}, 400),
        ("POST", "/hold", "a=" + "x" * 9000, {}, 413),
        ("POST", "/hold", "{}", {"Content_Type": "application/json"}, 415),
        ("PUT", "/hold", "a=b", {}, 405),
        ("GET", "/module/513-1-00", None, {}, 404),
        ("GET", "/module/" + "9" * 3000, None, {}, 404),
        ("GET", "/pairing/513-1-41", None, {}, 404),
        ("GET", "/pairing/x/" + "y" * 200, None, {}, 404),
        ("GET", "/../etc/passwd", None, {}, 404),
    )
    for method, path, body, headers, status in rows:
        answer = client.ask(method, path, body, **headers)
        assert answer.status == status, (method, path, body and body[:60], answer.status)
    for name in ("module", "host", "index", "request_code", "policy"):
        fields = {"csrf": token, "module": c.modules[8].name, "host": c.hosts[0], "index": "0",
                  "request_code": "123456", "policy": "indexed", name: "' OR 1=1 --"}
        answer = client.ask("POST", "/pin", fields)
        assert answer.status == 400 and "Next:" in answer.text, (name, answer.status)


@test
def ended_sessions_stay_ended(c):
    client = c.client("olga")
    old = dict(client.cookies)
    assert client.ask("POST", "/sign-out", {"csrf": client.csrf()}).status == 303
    client.cookies = dict(old)
    assert client.ask("GET", "/").status == 303
    client.cookies["__Host-session"] = "0" * 64
    assert client.ask("GET", "/").status == 303
    # Nobody chooses the session of somebody who signs in later.
    assert client.sign_in("olga").status == 303
    assert client.cookies["__Host-session"] not in ("0" * 64, old["__Host-session"])


@test
def removed_operator_is_out_at_once(c):
    client, other = c.client("ada"), c.client("ada")
    assert client.ask("GET", "/").status == other.ask("GET", "/").status == 200
    c.cli("operator-remove", "--name", "ada")
    assert client.ask("GET", "/").status == 303
    # One that is made anew is another one.
    c.add("ada", "auditor")
    assert client.ask("GET", "/").status == other.ask("GET", "/").status == 303
    assert c.cli("operators").split() == ["ada", "auditor", "olga", "operator", "sam",
                                          "supervisor"]


@test
def passwords_are_kept_by_yescrypt_alone(c):
    data = b"".join(path.read_bytes() for path in c.folder.glob("centre.db*"))
    assert len(set(re.findall(rb"\$y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]+\$", data))) >= 3
    for password in PASSWORDS.values():
        assert password.encode() not in data
    result = subprocess.run([BIN / "smpair-centre", "--db", c.db, "operator-add", "--name", "x",
                             "--role", "operator", "--password-fd", "0"], input="short\n",
                            stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 1 and "12 to 256" in result.stderr, result


@test
def five_wrong_passwords_lock_out_also_after_a_restart(c):
    client = Client(c.console, c.tls(None))
    # One was wrong already, in an earlier test.
    answers = [client.sign_in("nobody", "wrong password %d" % i) for i in range(4)]
    assert [a.status for a in answers] == [403, 403, 403, 429], [a.status for a in answers]
    assert 0 < int(answers[-1].getheader("Retry-After")) <= 60
    assert "wait 1 minutes" in answers[-1].text
    c.stop()
    c.start()
    assert client.sign_in("olga").status == 429
    assert re.search("operator unknown +sign-in +refused .* locked-out: 127.0.0.1", c.cli("log"))
    assert "nobody" not in c.cli("log")


def main():
    os.environ["LC_ALL"] = "C.UTF-8"
    with tempfile.TemporaryDirectory() as name:
        os.umask(0o077)
        folder = Path(name)
        rig = Rig(folder)
        rig.start()
        try:
            rig.browser = Browser(folder / "profile", folder / "driver-log")
            return run_all([(test.__name__, partial(test, rig)) for test in tests],
                           rig.aftermath)
        finally:
            if rig.browser:
                rig.browser.close()
            rig.stop(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
