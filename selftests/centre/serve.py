#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The centre as a service: a real server, real TLS, an independent computation of
request codes and PINs, and whatever a client should not send. Prints TAP.

  serve.py BIN     BIN is the folder with smpair-centre and smpair-provision

The database is a file, or one on the server that the script postgres beside this one
started: postgres serve.py BIN
"""

import base64
import concurrent.futures
import contextlib
import copy
import hashlib
import hmac
import http.client
import json
import os
import re
import select
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest.mock
import urllib.parse
from functools import partial
from pathlib import Path

import jsonschema
import yaml

from tap import run_all

BIN = Path(sys.argv[1] if len(sys.argv) > 1 else "build/bin").resolve()
API = yaml.safe_load((Path(__file__).resolve().parents[2] / "Documentation/centre-api.yaml")
                     .read_text(encoding="utf-8"))
PATIENCE = 60
SERVER = os.environ.get("SMPAIR_TEST_POSTGRES")

tests = []


def test(function):
    tests.append(function)
    return function


def test_of_postgres(function):
    return test(function) if SERVER else function


def test_of_files(function):
    return function if SERVER else test(function)


def run(*command, **kwargs):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, **kwargs).stdout


# ---- what the protocol prescribes, with other code than the centre's ----

def prf(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def kdf(key, label, context, length=32):
    info = (b"PDT1" + bytes([len(label)]) + label + struct.pack(">H", len(context)) + context +
            struct.pack(">H", length))
    return prf(key, info, b"\x01")[:length]


def truncate(digest, modulus):
    at = digest[-1] & 15
    return (int.from_bytes(digest[at:at + 4], "big") & 0x7FFFFFFF) % modulus


def raw_id(text):
    issuer, serial, _ = text.split("-")
    return struct.pack(">H", int(issuer)) + int(serial).to_bytes(6, "big")


def full_id(issuer, serial):
    return f"{issuer}-{serial}-{98 - int(f'{issuer:05}{serial:015}') * 100 % 97:02}"


def b64(data):
    return base64.b64encode(data).decode()


class Module:
    def __init__(self, mpin, mmgt, name, ft):
        self.name, self.mid, self.ft = name, raw_id(name), ft
        self.kmg = kdf(mmgt, b"mgmt-mod", self.mid)
        self.kpin = kdf(mpin, b"pin-mod", self.mid)
        self.n = 0

    def code(self, host):
        return "%06d" % truncate(prf(self.kpin, b"PDT1 REQ", b"\x03", self.mid, raw_id(host),
                                     struct.pack(">I", self.n), self.ft), 10 ** 6)

    def pin(self, host):
        key = kdf(self.kpin, b"pin-indexed", raw_id(host))
        return "%08d" % truncate(prf(key, struct.pack(">Q", self.n)), 10 ** 8)

    def pair(self, host):
        self.ft = prf(self.kpin, b"PDT1 FT", self.ft, raw_id(host),
                      struct.pack(">I", self.n + 1))[:8]
        self.n += 1

    def receipt(self, seq, op=1, sw=0x9000, tries=3):
        text = struct.pack(">BBH8sIIB3x", 1, op, sw, self.mid, seq, self.n, tries)
        return {"receipt": b64(text + prf(kdf(self.kmg, b"mr", b""), text)[:16])}

    def report(self, nonce, mseq=0, tries=3, n=None):
        text = struct.pack(">8sIII8sBBBBHBx", self.mid, self.n if n is None else n, mseq, 0,
                           self.ft, tries, 0, 4, 0, 1, 1)
        key = kdf(self.kmg, b"rp", b"")
        return {"nonce": nonce,
                "report": b64(text + prf(key, base64.b64decode(nonce), text)[:16])}

    def request(self, host):
        return {"module": self.name, "host": host, "index": self.n,
                "request_code": self.code(host), "policy": "indexed"}


# ---- the server and its surroundings ----

# Clients that nothing else is counted against.
LOADS = [f"load-{i}" for i in range(4)]

class Pki:
    """Certificates by openssl: an authority, and another one that is not ours."""

    def __init__(self, folder):
        self.folder = folder
        self.authority("ca")
        self.authority("other-ca")
        self.make("server", "ca", "serverAuth")
        for name in ("agent", "agent2", "auditor", "operator", "supervisor", "stranger",
                     *LOADS):
            self.make(name, "ca", "clientAuth")
        self.make("foreign", "other-ca", "clientAuth")
        self.make("wrong-purpose", "ca", "serverAuth")
        self.make("expired", "ca", "clientAuth", days=-1)

    def path(self, name, kind="pem"):
        return self.folder / f"{name}.{kind}"

    def authority(self, name):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", self.path(name, "key"), "-out", self.path(name), "-subj",
            f"/CN={name}", "-days", "30")

    def make(self, name, authority, purpose, days=30, uris=()):
        extensions = self.path(name, "ext")
        names = ",".join(["DNS:localhost", "IP:127.0.0.1", *(f"URI:{u}" for u in uris)])
        extensions.write_text(f"extendedKeyUsage={purpose}\nbasicConstraints=CA:FALSE\n"
                              f"subjectAltName={names}\n", encoding="ascii")
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", self.path(name, "key"), "-out", self.path(name, "csr"), "-subj",
            f"/CN={name}")
        run("openssl", "x509", "-req", "-in", self.path(name, "csr"), "-CA",
            self.path(authority), "-CAkey", self.path(authority, "key"), "-CAcreateserial",
            "-out", self.path(name), "-days", days, "-extfile", extensions)
        self.path(name, "key").chmod(0o600)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def sql(text, name="postgres"):
    return run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
               re.sub(r"dbname=\S+", f"dbname={name}", SERVER), "-c", text)


def database():
    """A new one on the server, as a connection string."""
    sql("CREATE DATABASE serve")
    return "postgresql:" + SERVER.replace("dbname=postgres", "dbname=serve")


class Centre:
    def __init__(self, folder, pki, db):
        self.folder, self.pki, self.db = folder, pki, db
        d = folder / "d"
        run(BIN / "smpair-provision", "domain", "--out", d)
        domain = d / "domain.json"
        self.hosts = [run(BIN / "smpair-provision", "host", "--domain", domain, "--out", d,
                          "--issuer", 257, "--serial", i, "--print-id").strip()
                      for i in (1, 2, 3, *range(1000, 1560, 10))]
        names = [run(BIN / "smpair-provision", "module", "--domain", domain, "--out", d,
                     "--issuer", 513, "--serial", i, "--print-id").strip()
                 for i in range(1, 71)]
        self.cli("init", "--domain", domain)
        self.cli("import", *d.glob("host-*.json"), *d.glob("module-*.json"))
        mpin = bytes.fromhex(json.loads(domain.read_text())["MPIN"])
        mmgt = bytes.fromhex(json.loads(domain.read_text())["MMGT"])
        self.modules = [Module(mpin, mmgt, name, bytes.fromhex(
            json.loads((d / f"module-{name}.json").read_text())["FT0"])) for name in names]
        for name, role in (("agent", "agent"), ("agent2", "agent"), ("auditor", "auditor"),
                           ("operator", "operator"), ("supervisor", "supervisor"),
                           ("expired", "agent"), ("foreign", "agent"),
                           ("wrong-purpose", "agent"), *((name, "agent") for name in LOADS)):
            self.cli("client-add", "--name", name, "--role", role, "--cert",
                     self.pki.path(name))
        self.port, self.health = free_port(), free_port()
        self.process, self.twins = None, []

    def cli(self, *args):
        return run(BIN / "smpair-centre", "--db", self.db, *args)

    def spawn(self, *options):
        self.process = subprocess.Popen(
            [BIN / "smpair-centre", "--db", self.db, "serve", "--listen",
             f"127.0.0.1:{self.port}", "--health", f"127.0.0.1:{self.health}", "--cert",
             self.pki.path("server"), "--key", self.pki.path("server", "key"), "--ca",
             self.pki.path("ca"),
             # All clients of these tests are one address.
             "--handshakes", "1000000", *options], stderr=open(self.folder / "log", "ab"))
        return self.process

    def start(self, *options):
        self.spawn(*options)
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            try:
                if self.watch("/healthz/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server does not get ready: " +
                             (self.folder / "log").read_text())

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def last_words(self):
        return (self.folder / "log").read_text().splitlines()[-5:]

    def aftermath(self):
        said = self.last_words()
        if self.process.poll() is not None:
            self.start()
        return said

    def watch(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.health, timeout=PATIENCE)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def tls(self, who, version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.pki.path("ca"))
        if who:
            context.load_cert_chain(self.pki.path(who), self.pki.path(who, "key"))
        if version:
            context.maximum_version = version
        return context

    def connect(self, who="agent", version=None):
        return http.client.HTTPSConnection("localhost", self.port, timeout=PATIENCE,
                                           context=self.tls(who, version))

    def ask(self, method, path, body=None, who="agent", connection=None, **headers):
        connection = connection or self.connect(who)
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            if not isinstance(body, (bytes, str)):
                body = json.dumps(body)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        answer.json = json.loads(text)
        conform(method, path, answer.status, answer.json, body)
        return answer

    def pages(self, path, who, limit=2):
        """All items of a listing, a few at a time."""
        items, query = [], f"?limit={limit}"
        while True:
            page = self.ask("GET", path + query, who=who)
            assert page.status == 200 and len(page.json["items"]) <= limit, page.json
            items += page.json["items"]
            if "cursor" not in page.json:
                return items
            query = f"?limit={limit}&cursor=" + urllib.parse.quote(page.json["cursor"])

    def raw(self, data, who="agent"):
        """Bytes as they are; what comes back until the end."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as plain:
            with self.tls(who).wrap_socket(plain, server_hostname="localhost") as tls:
                tls.sendall(data)
                answer = b""
                while chunk := tls.recv(65536):
                    answer += chunk
                    if b"\r\n\r\n" in answer and b"}" in answer:
                        break
                return answer

    def count(self, rows, blob):
        """How many rows there are, behind the centre's back."""
        if SERVER:
            return int(sql(f"SELECT count(*) FROM smpair_centre.{rows} '\\x{blob.hex()}'",
                           "serve"))
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            return db.execute(f"SELECT count(*) FROM {rows} ?", (blob,)).fetchone()[0]

    def decisions(self):
        return self.cli("log").splitlines()

    def twin(self):
        """Another centre on the same database."""
        other = copy.copy(self)
        other.port, other.health = free_port(), free_port()
        other.process = None
        self.twins.append(other)
        return other

    def end_twins(self):
        """Those that a test which failed left running."""
        while self.twins:
            twin = self.twins.pop()
            if twin.process and twin.process.poll() is None:
                twin.stop(signal.SIGKILL)


succeeded = set()


def conform(method, path, status, body, sent):
    """Are question and answer as Documentation/centre-api.yaml says?"""
    if status >= 400:
        jsonschema.validate(body, schema({"$ref": "#/components/schemas/Problem"}))
    path = path.partition("?")[0]
    for pattern, item in API["paths"].items():
        if not re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", pattern), path):
            continue
        if method.lower() not in item:
            return
        operation = item[method.lower()]
        answers = operation["responses"]
        # Refusals of every path are in the description of the interface as a whole.
        if str(status) not in answers:
            assert status in (400, 403, 404, 405, 411, 413, 415, 429, 503), (path, status)
            return
        answer = answers[str(status)]
        if "$ref" in answer:
            answer = API["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
        for content in answer["content"].values():
            jsonschema.validate(body, schema(content["schema"]))
        if status < 300:
            succeeded.add(operation["operationId"])
            if sent is not None:
                content = operation["requestBody"]["content"]["application/json"]
                jsonschema.validate(json.loads(sent), schema(content["schema"]))


def schema(part):
    return {"components": API["components"], **part}


# ---- the tests ----

@test
def pin_is_issued_as_the_protocol_computes_it(c):
    module, host = c.modules[0], c.hosts[0]
    answer = c.ask("POST", "/v1/pin-requests", module.request(host))
    assert answer.status == 201, answer.json
    assert answer.json["pin"] == module.pin(host)
    assert answer.getheader("Cache-Control") == "no-store"


@test
def pairing_moves_the_index_on_and_the_next_pin_differs(c):
    module, host = c.modules[0], c.hosts[0]
    first = module.pin(host)
    module.pair(host)
    done = {"module": module.name, "host": host, "index": 0, "result": "paired"}
    assert c.ask("POST", "/v1/confirmations", done).status == 200
    answer = c.ask("POST", "/v1/pin-requests", module.request(host))
    assert answer.status == 201 and answer.json["pin"] == module.pin(host) != first
    assert c.ask("GET", f"/v1/modules/{module.name}").json["index"] == 1


@test
def refusals_have_a_code_and_a_next_step(c):
    module, host = c.modules[1], c.hosts[0]
    good = module.request(host)
    wrong = "%06d" % ((int(good["request_code"]) + 1) % 10 ** 6)
    rows = (
        (dict(good, module=full_id(513, 999)), 404, "unknown-module"),
        (dict(good, host=full_id(257, 999)), 404, "unknown-host"),
        (dict(good, policy="module"), 409, "policy-differs"),
        (dict(good, request_code=wrong), 422, "request-code"),
    )
    for body, status, code in rows:
        answer = c.ask("POST", "/v1/pin-requests", body)
        assert (answer.status, answer.json["code"]) == (status, code), answer.json
        assert answer.json["next"]
    assert answer.json["attempts_left"] == 2


@test
def third_wrong_request_code_holds_the_host(c):
    module, host = c.modules[2], c.hosts[0]
    good = module.request(host)
    wrong = "%06d" % ((int(good["request_code"]) + 1) % 10 ** 6)
    codes = [c.ask("POST", "/v1/pin-requests", dict(good, request_code=wrong)).json["code"]
             for _ in range(3)]
    assert codes == ["request-code", "request-code", "request-code-last"], codes
    assert c.ask("POST", "/v1/pin-requests", good).json["code"] == "requester-held"


@test
def rolled_back_module_is_held(c):
    module, host = c.modules[3], c.hosts[0]
    old = module.request(host)
    assert c.ask("POST", "/v1/pin-requests", old).status == 201
    module.pair(host)
    assert c.ask("POST", "/v1/pin-requests", module.request(host)).status == 201
    answer = c.ask("POST", "/v1/pin-requests", old)
    assert (answer.status, answer.json["code"]) == (403, "rollback"), answer.json
    assert c.ask("GET", f"/v1/modules/{module.name}").json["hold"] == "rollback"


@test
def wrong_check_digits_are_refused_before_anything_is_decided(c):
    before = len(c.decisions())
    body = dict(c.modules[1].request(c.hosts[0]), module="513-22136-42")
    answer = c.ask("POST", "/v1/pin-requests", body)
    assert answer.status == 400 and "check digits" in answer.json["detail"], answer.json
    assert len(c.decisions()) == before


@test
def clients_without_a_good_certificate_are_refused_before_routing(c):
    before = len(c.decisions())
    # TLS 1.3 lets a client talk before the server judged its certificate.
    for who in (None, "foreign", "expired", "wrong-purpose"):
        try:
            answer = c.ask("POST", "/v1/pin-requests", c.modules[1].request(c.hosts[0]), who)
        except (OSError, http.client.HTTPException):
            continue
        assert (answer.status, answer.json["code"]) == (403, "no-certificate"), (who, answer.json)
    assert len(c.decisions()) == before


@test
def unregistered_and_removed_clients_are_refused_at_once(c):
    answer = c.ask("GET", "/v1/modules/" + c.modules[0].name, who="stranger")
    assert (answer.status, answer.json["code"]) == (403, "unknown-client")
    connection = c.connect("agent2")
    assert c.ask("GET", "/v1/modules/" + c.modules[0].name, connection=connection).status == 200
    c.cli("client-remove", "--name", "agent2")
    connection = c.connect("agent2")
    assert c.ask("GET", "/v1/modules/" + c.modules[0].name, connection=connection).status == 403
    c.cli("client-add", "--name", "agent2", "--role", "agent", "--cert", c.pki.path("agent2"))


@test
def role_decides_what_a_client_may_do(c):
    body = c.modules[1].request(c.hosts[0])
    assert c.ask("POST", "/v1/pin-requests", body, "auditor").json["code"] == "role"
    assert c.ask("GET", "/v1/modules/" + c.modules[0].name, who="auditor").status == 200


@test
def older_tls_is_refused(c):
    try:
        c.ask("GET", "/v1/modules/" + c.modules[0].name,
              connection=c.connect("agent", ssl.TLSVersion.TLSv1_2))
    except ssl.SSLError:
        return
    raise AssertionError("TLS 1.2 was accepted")


@test
def malformed_bodies_are_refused_and_nothing_is_written(c):
    before = len(c.decisions())
    good = json.dumps(c.modules[1].request(c.hosts[0]))
    bad = (
        b"", b"{", b"[]", b"null", b"7", b'"text"', good[:-1].encode(),
        good.encode() + b"x", good.replace('"index"', '"index": 0, "index"').encode(),
        good.replace('"index": 0', '"index": 1e999').encode(),
        good.replace('"index": 0', '"index": 4294967296').encode(),
        good.replace('"index": 0', '"index": -1').encode(),
        good.replace('"index": 0', '"index": 0.5').encode(),
        good.replace('"index": 0', '"index": 99999999999999999999999').encode(),
        good.replace('"index": 0', '"index": "0"').encode(),
        good.replace("513", "\\u0000").encode(), good.replace("indexed", "\xff").encode("latin1"),
        b'{"a":' * 2000 + b"1" + b"}" * 2000, b"[" * 16000,
        good.replace('"policy"', '"polici"').encode(),
        good.replace('"policy": "indexed"', '"policy": "\' OR 1=1 --"').encode(),
        re.sub('"request_code": "[0-9]*"', '"request_code": "12345"', good).encode(),
        re.sub('"request_code": "[0-9]*"', '"request_code": "1234567"', good).encode(),
        re.sub('"request_code": "[0-9]*"', '"request_code": 123456', good).encode(),
        re.sub('"module": "[^"]*"', '"module": "0513-22136-41"', good).encode(),
    )
    for body in bad:
        answer = c.ask("POST", "/v1/pin-requests", body)
        assert answer.status == 400, (body[:80], answer.json)
    assert len(c.decisions()) == before


@test
def bodies_that_are_too_long_or_of_another_kind_are_refused(c):
    good = json.dumps(c.modules[1].request(c.hosts[0]))
    assert c.ask("POST", "/v1/pin-requests", good + " " * 20000).status == 413
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json; a=b"):
        assert c.ask("POST", "/v1/pin-requests", good, Content_Type=kind).status == 415


@test
def requests_that_two_readers_may_cut_differently_are_refused(c):
    before = len(c.decisions())
    body = json.dumps(c.modules[1].request(c.hosts[0])).encode()
    head = b"POST /v1/pin-requests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    length = b"Content-Length: %d\r\n" % len(body)
    tries = (
        head + length + b"Transfer-Encoding: chunked\r\n\r\n" + body,
        head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
        head + b"Transfer-Encoding: xchunked\r\n" + length + b"\r\n" + body,
        head + b"Content-Length: +%d\r\n\r\n" % len(body) + body,
        head + b"Content-Length: 0x10\r\n\r\n" + body,
        head + b"\r\n" + body,
    )
    for data in tries:
        answer = c.raw(data)
        assert not answer or answer.split()[1][:1] == b"4", (data[:160], answer[:80])
    assert len(c.decisions()) == before


def sends_on_after_the_answer(sock, first, rest):
    """The status of the answer to @first, where the client goes on with @rest before it
    looks: one that was sent a reset may lose the answer."""
    sock.settimeout(PATIENCE)
    sock.sendall(first)
    select.select([sock], [], [], PATIENCE)
    # Whatever the server does to the connection after its answer, it has done.
    time.sleep(0.3)
    sock.sendall(rest)
    answer = b""
    while chunk := sock.recv(65536):
        answer += chunk
    return answer.split()[1]


@test
def headers_beyond_all_measure_are_refused(c):
    with socket.create_connection(("127.0.0.1", c.port), PATIENCE) as plain:
        with c.tls("agent").wrap_socket(plain, server_hostname="localhost") as tls:
            assert sends_on_after_the_answer(
                tls, b"GET /v1/modules/1 HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40000,
                b"a" * 200000 + b"\r\n\r\n") == b"431"
    assert c.watch("/healthz/livez")[0] == 200


@test
def body_that_is_refused_unread_does_not_cost_the_client_the_answer(c):
    with socket.create_connection(("127.0.0.1", c.port), PATIENCE) as plain:
        with c.tls("agent").wrap_socket(plain, server_hostname="localhost") as tls:
            assert sends_on_after_the_answer(
                tls, b"POST /v1/pin-requests HTTP/1.1\r\nHost: x\r\nContent-Type: "
                b"application/json\r\nContent-Length: 300000\r\n\r\n" + b" " * 60000,
                b" " * 240000) == b"413"


@test
def who_never_ends_sending_after_a_refusal_is_ended(c):
    with socket.create_connection(("127.0.0.1", c.port), PATIENCE) as plain:
        with c.tls("agent").wrap_socket(plain, server_hostname="localhost") as tls:
            tls.sendall(b"GET /v1/modules/1 HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40000)
            until = time.monotonic() + PATIENCE
            try:
                while time.monotonic() < until:
                    tls.sendall(b"a" * 65536)
            except OSError:
                return
            raise AssertionError("it may go on for ever")


@test
def slow_clients_keep_nobody_else_waiting(c):
    slow = []
    for _ in range(20):
        plain = socket.create_connection(("127.0.0.1", c.port), PATIENCE)
        slow.append(plain)
    tls = c.tls("agent").wrap_socket(slow.pop(), server_hostname="localhost")
    tls.sendall(b"POST /v1/pin-requests HTTP/1.1\r\nHost: x\r\nContent-Le")
    assert c.ask("GET", "/v1/modules/" + c.modules[0].name).status == 200
    for plain in slow:
        plain.close()
    tls.close()


def drips_until_it_is_ended(sock):
    """A byte now and then, of what would be a good request once it were whole."""
    whole = b"POST /v1/pin-requests HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 4000
    until = time.monotonic() + PATIENCE
    for i in range(len(whole)):
        assert time.monotonic() < until, "it may go on for ever"
        try:
            sock.sendall(whole[i:i + 1])
            sock.settimeout(0.3)
            if not sock.recv(1):
                return
        except TimeoutError:
            continue
        except OSError:
            return


@test
def who_sends_a_byte_now_and_then_is_not_waited_for(c):
    console = free_port()
    c.stop()
    # Many times as long as the honest one takes, also where others take the processor.
    c.start("--deadline", "8", "--console", f"127.0.0.1:{console}")
    kept = c.connect()
    stop = threading.Event()
    answers = []

    def go_on():
        while not stop.wait(0.5):
            try:
                answers.append(c.ask("GET", "/v1/modules/" + c.modules[0].name,
                                     connection=kept).status)
            except (OSError, http.client.HTTPException) as error:
                answers.append(repr(error))
                return

    def drip(port, handshake):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as plain:
            if handshake:
                with c.tls("agent").wrap_socket(plain, server_hostname="localhost") as tls:
                    drips_until_it_is_ended(tls)
            else:
                # The beginning of a record that never ends.
                plain.sendall(b"\x16\x03\x01\x40\x00")
                drips_until_it_is_ended(plain)

    honest = threading.Thread(target=go_on)
    honest.start()
    try:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(drip, (c.port, c.port, console, console), (True, False) * 2))
    finally:
        stop.set()
        honest.join()
    assert answers and set(answers) == {200}, answers[-1:]
    c.stop()
    c.start()


@test
def repeated_request_is_answered_as_before_and_decided_once(c):
    module, host = c.modules[4], c.hosts[1]
    body = module.request(host)
    first = c.ask("POST", "/v1/pin-requests", body, Idempotency_Key="key-0001")
    before = len(c.decisions())
    again = c.ask("POST", "/v1/pin-requests", body, Idempotency_Key="key-0001")
    assert first.status == again.status == 201 and first.json["pin"] == again.json["pin"]
    assert len(c.decisions()) == before
    other = c.ask("POST", "/v1/pin-requests", dict(body, index=7), Idempotency_Key="key-0001")
    assert (other.status, other.json["code"]) == (409, "idempotency-key-used")
    mine = c.ask("POST", "/v1/pin-requests", body, "agent2", Idempotency_Key="key-0001")
    assert mine.status == 201
    assert c.ask("POST", "/v1/pin-requests", body, Idempotency_Key="no").status == 400


@test
def unknown_paths_and_methods_are_refused(c):
    assert c.ask("GET", "/").status == 404
    assert c.ask("GET", "/v1/modules/../../etc/passwd").status in (400, 404)
    assert c.ask("GET", "/v1/modules/'%20OR%201=1").status in (400, 404)
    assert c.ask("DELETE", "/v1/pin-requests").status == 405
    assert c.ask("GET", "/v1/modules/513-1-00").json["code"] == "check-digits"


@test
def listings_are_paged_and_every_row_is_on_one_page(c):
    names = {module.name for module in c.modules}
    items = c.pages("/v1/modules", "auditor", 7)
    assert len(items) == len(names) and {i["module"] for i in items} == names
    assert {i["host"] for i in c.pages("/v1/hosts", "operator", 1)} == set(c.hosts)
    found = c.ask("GET", "/v1/modules?q=" + c.modules[3].name, who="operator").json["items"]
    assert [i["module"] for i in found] == [c.modules[3].name]
    tail = c.modules[3].name.split("-")[1]
    found = c.ask("GET", "/v1/modules?q=" + tail, who="operator").json["items"]
    assert found and all(i["module"].split("-")[1].endswith(tail) for i in found)


@test
def reading_the_trail_that_is_refused_is_no_reading(c):
    def readings():
        return sum("audit-read" in line for line in c.decisions())

    before = readings()
    for query in ("cursor=AAAA", "limit=0", "limit=x", "module=513-1-00"):
        assert c.ask("GET", "/v1/audit?" + query, who="auditor").status == 400, query
    assert readings() == before
    assert c.ask("GET", "/v1/audit?limit=1", who="auditor").status == 200
    assert readings() == before + 1


@test
def forged_cursors_are_refused(c):
    cursor = c.ask("GET", "/v1/modules?limit=2", who="operator").json["cursor"]
    good = "/v1/modules?limit=2&cursor="
    quote = urllib.parse.quote
    assert c.ask("GET", good + quote(cursor), who="operator").status == 200
    swapped = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    bad = [swapped, cursor[:-4], cursor[4:], cursor + "AAAA", "A" * 32, "A" * 300, "%", "' OR 1=1"]
    tries = [(good + quote(text), "operator") for text in bad]
    # Another listing, the same one narrowed, another person's.
    tries += [("/v1/hosts?cursor=" + quote(cursor), "operator"),
              (good + quote(cursor) + "&q=1", "operator"), (good + quote(cursor), "auditor")]
    for path, who in tries:
        answer = c.ask("GET", path, who=who)
        assert (answer.status, answer.json["code"]) == (400, "bad-cursor"), (path, answer.json)


@test
def queries_take_what_is_described_and_nothing_else(c):
    for query in ("limit=0", "limit=201", "limit=x", "limit=1&limit=1", "offset=3", "q='%20OR%201=1",
                  "q=513-1-00", "q=%00", "q=", "q=1234567890123456", "module=513-1-98", "cursor"):
        answer = c.ask("GET", "/v1/modules?" + query, who="operator")
        assert answer.status == 400 and answer.json["code"] in ("bad-query", "bad-cursor"), query


INJECTIONS = ("' OR 1=1 --", "'; DROP TABLE module; --", '"', "$1", "%s%n%x", "../../etc/passwd",
              "<script>alert(1)</script>", "a\x00b", "a\r\nX-Injected: 1", "\x1b[2J", "a\u202eb", "a\u2028b",
              "a\x85b", "a\u2066b", "pass\u00e9 \u2014 \u20ac", "A" * 5000)


def content(c):
    """All that is in the database, but for what changes by itself."""
    moving = ("limit_state", "domain", "audit", "audit_head")
    if SERVER:
        names = sql("SELECT tablename FROM pg_tables WHERE schemaname = 'smpair_centre'",
                    "serve").split()
        assert len(names) > 10
        return {name: sql(f"SELECT t::text FROM smpair_centre.{name} t ORDER BY 1", "serve")
                for name in names if name not in moving}
    with contextlib.closing(sqlite3.connect(c.db)) as db:
        names = [row[0] for row in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
        assert len(names) > 10
        return {name: db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
                for name in names if name not in moving}


@test
def whatever_stands_in_a_text_field_is_a_text(c):
    c.stop()
    c.start("--requests", "100000")
    module, host = c.modules[16], c.hosts[3]
    path = "/v1/modules/" + module.name
    good = module.request(host)
    done = {"module": module.name, "host": host, "index": 0, "result": "paired"}
    operator = {"name": "new-1", "role": "agent", "fingerprint": "ab" * 32}
    bodies = (
        ("POST", "/v1/pin-requests", good, "agent"), ("POST", "/v1/confirmations", done, "agent"),
        ("POST", "/v1/deny-entries", {"module": module.name, "host": host}, "supervisor"),
        ("POST", path + "/commands", {"op": "set-ft", "fork_tag": b64(b"12345678")}, "supervisor"),
        ("POST", path + "/reports", module.report(b64(bytes(16))), "agent"),
        ("PUT", path + "/commands/1/receipt", module.receipt(1), "agent"),
        ("POST", "/v1/pin-requests/" + "0" * 32 + "/release", {"decision": "release"}, "operator"),
        ("POST", "/v1/operators", operator, "supervisor"),
    )
    before = content(c)
    for text in INJECTIONS:
        for method, where, body, who in bodies:
            for name in body:
                if isinstance(body[name], str):
                    answer = c.ask(method, where, dict(body, **{name: text}), who)
                    assert answer.status == 400, (where, name, text[:40], answer.json)
                    assert not answer.getheader("X-Injected")
        quoted = urllib.parse.quote(text)
        for field in ("q", "cursor", "limit"):
            answer = c.ask("GET", f"/v1/modules?{field}={quoted}", who="operator")
            assert answer.status in (400, 414, 431), (field, text[:40], answer.status)
        for field in ("module", "host"):
            answer = c.ask("GET", f"/v1/audit?{field}={quoted}", who="auditor")
            assert answer.status in (400, 414, 431), (field, text[:40], answer.status)
        for where in ("/v1/modules/", "/v1/hosts/", path + "/commands/"):
            answer = c.ask("GET", where + urllib.parse.quote(text, safe=""), who="operator")
            assert answer.status in (400, 404, 414, 431), (where, text[:40], answer.status)
    for key in ("' OR 1=1 --", "key 0001", "key-0001;", "k" * 65, "short"):
        answer = c.ask("POST", "/v1/pin-requests", good, Idempotency_Key=key)
        assert answer.json["code"] == "bad-idempotency-key", key
    assert content(c) == before
    # A reason is for people: kept as it is, and shown as it is, if it can be shown at all.
    hold = path + "/hold"
    for text in INJECTIONS:
        answer = c.ask("PUT", hold, {"reason": text}, "supervisor")
        shown = text.isprintable() and len(text) <= 200
        assert answer.status == (200 if shown else 400), (text[:40], answer.status, answer.json)
        if shown:
            rows = c.ask("GET", "/v1/audit?limit=2&module=" + module.name, who="auditor").json
            assert [r.get("detail") for r in rows["items"]] == [None, text], rows
            assert c.ask("DELETE", hold, who="supervisor").status == 200
    c.stop()
    c.start()


@test
def role_decides_which_path_a_client_may_use(c):
    module = "/v1/modules/" + c.modules[9].name
    rows = (
        ("GET", "/v1/modules", None, "operator supervisor auditor"),
        ("GET", "/v1/hosts", None, "operator supervisor auditor"),
        ("GET", "/v1/hosts/" + c.hosts[0], None, "operator supervisor auditor"),
        ("GET", "/v1/deny-entries", None, "operator supervisor auditor"),
        ("GET", "/v1/pin-requests", None, "operator supervisor auditor"),
        ("GET", "/v1/audit", None, "supervisor auditor"),
        ("GET", "/v1/operators", None, "supervisor"),
        ("GET", module + "/commands", None, "agent operator supervisor auditor"),
        ("PUT", module + "/hold", {"reason": "roles"}, "operator supervisor"),
        ("DELETE", module + "/hold", None, "operator supervisor"),
        ("POST", "/v1/deny-entries", {"module": c.modules[9].name}, "supervisor"),
        ("DELETE", "/v1/deny-entries?module=" + c.modules[9].name, None, "supervisor"),
        ("POST", module + "/commands", {"op": "freeze"}, "supervisor"),
        ("POST", module + "/report-nonces", {}, "agent"),
    )
    for method, path, body, allowed in rows:
        for who in ("agent", "operator", "supervisor", "auditor"):
            answer = c.ask(method, path, body, who)
            if who in allowed.split():
                assert answer.status < 300, (method, path, who, answer.json)
            else:
                assert (answer.status, answer.json["code"]) == (403, "role"), (method, path, who)


@test
def denied_module_gets_no_pin_until_it_is_allowed(c):
    module, host = c.modules[10], c.hosts[0]
    entry = {"module": module.name, "host": host, "reason": "stolen; see <case> \"7\""}
    assert c.ask("POST", "/v1/deny-entries", entry, "supervisor").status == 201
    assert c.ask("POST", "/v1/deny-entries", {"host": c.hosts[2]}, "supervisor").status == 201
    refused = c.ask("POST", "/v1/pin-requests", module.request(host))
    assert refused.status == 403, refused.json
    listed = c.pages("/v1/deny-entries", "auditor", 1)
    mine = [i for i in listed if i.get("module") == module.name]
    assert len(listed) == 2 and mine[0]["reason"] == entry["reason"], listed
    assert mine[0]["actor"] == "supervisor"
    for query in (f"module={module.name}&host={host}", "host=" + c.hosts[2]):
        assert c.ask("DELETE", "/v1/deny-entries?" + query, who="supervisor").status == 200
    assert c.ask("POST", "/v1/pin-requests", module.request(host)).status == 201
    assert c.ask("POST", "/v1/deny-entries", {"reason": "nobody"}, "supervisor").status == 400
    unknown = c.ask("POST", "/v1/deny-entries", {"module": full_id(513, 999)}, "supervisor")
    assert unknown.status == 404, unknown.json
    assert c.ask("DELETE", "/v1/deny-entries", who="supervisor").status == 400


@test
def hold_that_a_module_earned_is_ended_by_a_supervisor_alone(c):
    module = "/v1/modules/" + c.modules[11].name
    assert c.ask("PUT", module + "/hold", {"reason": "lost"}, "operator").status == 200
    assert c.ask("GET", module).json["hold"] == "operator"
    assert c.ask("DELETE", module + "/hold", who="operator").status == 200
    assert "hold" not in c.ask("GET", module).json
    rolled_back = "/v1/modules/" + c.modules[3].name
    assert c.ask("GET", rolled_back).json["hold"] == "rollback"
    answer = c.ask("DELETE", rolled_back + "/hold", who="operator")
    assert (answer.status, answer.json["code"]) == (403, "role"), answer.json
    assert c.ask("DELETE", rolled_back + "/hold", who="supervisor").status == 200
    assert "hold" not in c.ask("GET", rolled_back).json


@test
def command_is_queued_carried_and_confirmed_by_the_modules_receipt(c):
    module = c.modules[12]
    path = f"/v1/modules/{module.name}/commands"
    queued = c.ask("POST", path, {"op": "unblock-pin", "tries": 3}, "supervisor")
    assert (queued.status, queued.json["state"]) == (201, "queued") and "command" not in queued.json
    seq = queued.json["seq"]
    items = c.ask("GET", path).json["items"]
    carried = base64.b64decode(items[0]["command"])
    assert [i["seq"] for i in items] == [seq]
    assert carried[:2] == b"\1\1" and carried[4:16] == module.mid + struct.pack(">I", seq)
    receipt = f"{path}/{seq}/receipt"
    for _ in range(2):
        done = c.ask("PUT", receipt, module.receipt(seq))
        assert (done.status, done.json["state"], done.json["status_word"]) == (200, "done", "9000")
    assert c.ask("GET", path).json["items"] == []
    assert c.ask("GET", f"/v1/modules/{module.name}").json["tries_left"] == 3
    rows = [(i["action"], i["actor"]) for i in c.ask(
        "GET", "/v1/audit?module=" + module.name, who="auditor").json["items"]]
    assert rows[:4] == [("audit-read", "auditor"), ("receipt", "agent"),
                        ("manage-fetch", "agent"), ("manage", "supervisor")], rows


@test
def refused_command_says_what_to_do_and_the_next_one_has_another_number(c):
    module = c.modules[13]
    path = f"/v1/modules/{module.name}/commands"
    order = {"op": "pin-slot", "slot": 2, "pinned": True}
    first = c.ask("POST", path, order, "supervisor").json["seq"]
    refused = c.ask("PUT", f"{path}/{first}/receipt", module.receipt(first, 12, 0x6985)).json
    assert (refused["state"], refused["status_word"]) == ("refused", "6985") and refused["next"]
    second = c.ask("POST", path, order, "supervisor").json["seq"]
    assert second > first
    history = c.pages(path, "operator", 1)
    assert [(i["seq"], i["state"]) for i in history] == [(second, "queued"), (first, "refused")]


@test
def receipts_that_the_module_did_not_make_are_refused_and_recorded(c):
    module, other = c.modules[14], c.modules[15]
    path = f"/v1/modules/{module.name}/commands"
    seq = c.ask("POST", path, {"op": "unblock-pin", "tries": 3}, "supervisor").json["seq"]
    good = module.receipt(seq)["receipt"]
    flipped = bytearray(base64.b64decode(good))
    flipped[3] ^= 1
    receipt = f"{path}/{seq}/receipt"
    for body in (other.receipt(seq), {"receipt": b64(bytes(flipped))}, module.receipt(seq + 1)):
        answer = c.ask("PUT", receipt, body)
        assert (answer.status, answer.json["code"]) == (422, "not-authentic"), answer.json
    for body in ({"receipt": good[:-4]}, {"receipt": good[:-3] + chr(ord(good[-3]) + 1) + "=="},
                 {"receipt": good + "\n"}, {"receipt": 7}, {}, {"receipt": good, "sw": "9000"}):
        assert c.ask("PUT", receipt, body).status == 400, body
    assert c.ask("PUT", f"{path}/{seq + 5}/receipt", module.receipt(seq + 5)).status == 404
    assert c.ask("PUT", f"{path}/x/receipt", module.receipt(seq)).status == 400
    assert c.ask("GET", path).json["items"][0]["state"] == "handed-out"
    rows = c.ask("GET", "/v1/audit?module=" + module.name, who="auditor").json["items"]
    assert sum((r["result"], r["cause"]) == ("refused", "not-authentic") for r in rows) == 3


@test
def every_operation_takes_its_own_members_and_no_others(c):
    path = f"/v1/modules/{c.modules[16].name}/commands"
    policy = {"pin": "indexed", "evict": "never", "tries": 5, "ageing": 4, "count": "each",
              "pin_first": False, "version": 200}
    good = (
        {"op": "unblock-pin", "tries": 1}, {"op": "revoke-host", "host": c.hosts[0]},
        {"op": "unrevoke-host", "host": c.hosts[0]}, {"op": "set-slots", "slots": 8},
        {"op": "set-policy", "policy": policy}, {"op": "put-k", "generation": 1},
        {"op": "del-k", "generation": 1}, {"op": "set-mmin", "generation": 1},
        {"op": "set-kpin", "generation": 1}, {"op": "free-slot", "slot": 31},
        {"op": "pin-slot", "slot": 0, "pinned": False}, {"op": "freeze", "expect_index": 0},
        {"op": "unfreeze"}, {"op": "set-ft"}, {"op": "set-ft", "fork_tag": "00112233aabbccdd"},
        {"op": "set-kmg", "generation": 1},
    )
    bad = (
        {}, {"op": "erase"}, {"op": 1}, {"op": "unblock-pin"}, {"op": "unblock-pin", "tries": 0},
        {"op": "unblock-pin", "tries": 16}, {"op": "unblock-pin", "tries": 3, "slot": 1},
        {"op": "revoke-host", "host": "257-1-00"}, {"op": "set-slots", "slots": 33},
        {"op": "set-policy"}, {"op": "set-policy", "policy": dict(policy, evict="x")},
        {"op": "set-policy", "policy": dict(policy, more=1)}, {"op": "pin-slot", "slot": 1},
        {"op": "set-ft", "fork_tag": "0011"}, {"op": "freeze", "expect_index": 4294967295},
        {"op": "del-k", "generation": 0},
    )
    for body in bad:
        assert c.ask("POST", path, body, "supervisor").status == 400, body
    answer = c.ask("POST", path, {"op": "put-k", "generation": 9}, "supervisor")
    assert (answer.status, answer.json["code"]) == (409, "no-such-generation"), answer.json
    assert c.ask("GET", path, who="supervisor").json["items"] == []
    for body in good:
        answer = c.ask("POST", path, body, "supervisor")
        assert (answer.status, answer.json.get("op")) == (201, body["op"]), answer.json
    assert c.ask("POST", path, {"op": "freeze"}, "supervisor").json["code"] == "between-keys"
    assert len(c.ask("GET", path).json["items"]) == len(good) == 16


@test
def command_repeated_under_its_key_is_queued_once(c):
    path = f"/v1/modules/{c.modules[17].name}/commands"
    order = {"op": "unblock-pin", "tries": 3}
    first, again = (c.ask("POST", path, order, "supervisor", Idempotency_Key="order-0001")
                    for _ in range(2))
    assert first.status == again.status == 201 and first.json == again.json
    other = c.ask("POST", path, {"op": "freeze"}, "supervisor", Idempotency_Key="order-0001")
    assert (other.status, other.json["code"]) == (409, "idempotency-key-used")
    assert len(c.ask("GET", path, who="supervisor").json["items"]) == 1


@test
def report_tells_the_centre_which_commands_are_lost(c):
    module = c.modules[18]
    path = f"/v1/modules/{module.name}"
    seqs = [c.ask("POST", path + "/commands", {"op": "unblock-pin", "tries": 3},
                  "supervisor").json["seq"] for _ in range(2)]
    nonce = c.ask("POST", path + "/report-nonces", {}).json["nonce"]
    report = module.report(nonce, seqs[0])
    for _ in range(2):
        answer = c.ask("POST", path + "/reports", report, Idempotency_Key="report-0001")
        assert (answer.status, answer.json["tries_left"]) == (200, 3), answer.json
    states = [(i["seq"], i["state"]) for i in c.pages(path + "/commands", "operator")]
    assert states == [(seqs[1], "queued"), (seqs[0], "lost")], states
    # A nonce is good once, and the key of a repeated refusal changes nothing.
    for _ in range(2):
        answer = c.ask("POST", path + "/reports", report, Idempotency_Key="report-0002")
        assert (answer.status, answer.json["code"]) == (422, "not-authentic"), answer.json


@test
def report_of_a_module_that_was_rolled_back_holds_it(c):
    module, host = c.modules[19], c.hosts[0]
    assert c.ask("POST", "/v1/pin-requests", module.request(host)).status == 201
    module.pair(host)
    assert c.ask("POST", "/v1/pin-requests", module.request(host)).status == 201
    path = f"/v1/modules/{module.name}"
    nonce = c.ask("POST", path + "/report-nonces", {}).json["nonce"]
    before = c.ask("GET", path).json
    forged = c.modules[20].report(nonce)
    assert c.ask("POST", path + "/reports", forged).status == 422
    assert c.ask("GET", path).json == before
    answer = c.ask("POST", path + "/reports", module.report(nonce, n=0))
    assert answer.status == 200 and answer.json["hold"], answer.json


@test
def audit_trail_is_read_in_pages_and_that_is_recorded(c):
    before = len(c.decisions())
    page = c.ask("GET", "/v1/audit?limit=3", who="auditor").json
    assert [i["seq"] for i in page["items"]] == list(range(before + 1, before - 2, -1)), page
    assert (page["items"][0]["action"], page["items"][0]["actor"]) == ("audit-read", "auditor")
    after = c.ask("GET", "/v1/audit?limit=3&cursor=" + urllib.parse.quote(page["cursor"]),
                  who="auditor").json["items"]
    assert [i["seq"] for i in after] == list(range(before - 2, before - 5, -1))
    host = c.ask("GET", f"/v1/audit?host={c.hosts[1]}&limit=200", who="auditor").json["items"]
    assert host and all(i["host"] == c.hosts[1] for i in host)
    assert c.cli("audit", "verify")


def handed(c, module, who, wait=0):
    """What an agent is given for a module, asked again until there is something."""
    until = time.monotonic() + PATIENCE
    while True:
        answer = c.ask("GET", f"/v1/modules/{module.name}/commands", who=who)
        assert answer.status == 200
        if answer.json["items"] or not wait:
            return answer
        assert 0 < int(answer.getheader("Retry-After")) <= wait, answer.getheader("Retry-After")
        assert time.monotonic() < until
        time.sleep(0.2)


@test
def command_is_one_agents_until_its_time_for_the_receipt_is_over(c):
    module = c.modules[20]
    path = f"/v1/modules/{module.name}/commands"
    first = c.ask("POST", path, {"op": "unblock-pin", "tries": 3}, "supervisor").json["seq"]
    got = handed(c, module, "agent").json["items"]
    assert [i["seq"] for i in got] == [first] and "handed_to" not in got[0]
    second = c.ask("POST", path, {"op": "freeze"}, "supervisor").json["seq"]
    # The module takes commands in the order of their numbers only.
    assert handed(c, module, "agent2").json["items"] == []
    assert 0 < int(handed(c, module, "agent2").getheader("Retry-After")) <= 120
    shown = c.ask("GET", path, who="operator").json["items"]
    assert [(i["state"], i.get("offers"), i.get("handed_to")) for i in shown] == [
        ("queued", None, None), ("handed-out", 1, "agent")], shown
    assert "gets it again" in shown[1]["next"] and shown[1]["handed_at"].endswith("Z")
    # Who has it may ask again: that is not one more time.
    assert [i["seq"] for i in handed(c, module, "agent").json["items"]] == [first, second]
    over = int(time.time()) + 1
    assert "handed-out (attempts: 1, last to agent)" in c.cli("commands", "--module", module.name)
    c.stop()
    c.start("--lease", "1")
    # Who asked between the ends of the two would be given the first a second time, and
    # have to be given it a third time once that was over.
    while time.time() < over:
        time.sleep(0.05)
    assert [i["seq"] for i in handed(c, module, "agent2").json["items"]] == [first, second]
    c.stop()
    c.start()
    shown = c.ask("GET", path, who="operator").json["items"]
    assert [(i["offers"], i["handed_to"]) for i in shown] == [(2, "agent2")] * 2, shown
    # Whose receipt comes first does not matter.
    assert c.ask("PUT", f"{path}/{first}/receipt", module.receipt(first)).json["state"] == "done"
    assert [i["seq"] for i in handed(c, module, "agent2").json["items"]] == [second]
    fetched = [line for line in c.cli("log", "--module", module.name).splitlines()
               if "manage-fetch" in line]
    assert len(fetched) >= 4 and all(
        re.search(r"agent2? .* handed-out: command (1|1, 2|2)$", line) for line in fetched), fetched


@test
def command_without_receipt_is_given_up_in_the_end_and_people_are_told(c):
    c.stop()
    c.start("--lease", "1")
    module = c.modules[21]
    path = f"/v1/modules/{module.name}/commands"
    lost = c.ask("POST", path, {"op": "unblock-pin", "tries": 3}, "supervisor").json["seq"]
    for i in range(5):
        answer = handed(c, module, ("agent", "agent2")[i % 2], 1)
        assert [i["seq"] for i in answer.json["items"]] == [lost]
        assert answer.json["report_wanted"] is False
    answer = c.ask("GET", path, who="agent2")
    while answer.json["items"] == [] and answer.getheader("Retry-After"):
        time.sleep(0.2)
        answer = c.ask("GET", path, who="agent2")
    assert answer.json["items"] == [] and answer.json["report_wanted"] is True
    shown = c.ask("GET", path, who="operator").json["items"][0]
    assert (shown["state"], shown["offers"]) == ("lost", 5) and "take a report" in shown["next"]
    assert re.search(r"agent2 +manage-fetch +done .* no-receipt: command 1, handed out 5 times, "
                     "last to agent", c.cli("log", "--module", module.name))
    # What comes after it is given, and a receipt that is late after all is taken.
    after = c.ask("POST", path, {"op": "freeze"}, "supervisor").json["seq"]
    assert [i["seq"] for i in handed(c, module, "agent2").json["items"]] == [after]
    assert c.ask("PUT", f"{path}/{lost}/receipt", module.receipt(lost)).json["state"] == "done"
    c.stop()
    c.start()


@test
def access_that_is_given_counts_at_once_and_nobody_changes_a_role(c):
    assert c.ask("GET", "/v1/modules/" + c.modules[0].name, who="stranger").status == 403
    der = ssl.PEM_cert_to_DER_cert(c.pki.path("stranger").read_text())
    entry = {"name": "gateway-9", "role": "agent", "fingerprint": hashlib.sha256(der).hexdigest()}
    assert c.ask("POST", "/v1/operators", entry, "supervisor").status == 201
    assert c.ask("GET", "/v1/modules/" + c.modules[0].name, who="stranger").status == 200
    for change in ({"role": "supervisor"}, {"name": "other"}):
        answer = c.ask("POST", "/v1/operators", dict(entry, **change), "supervisor")
        assert (answer.status, answer.json["code"]) == (409, "registered"), answer.json
    for change in ({"name": "a b"}, {"role": "root"}, {"fingerprint": "00"}, {"password": "x"},
                   {"uri": "urn:example:gateway-9"}):
        assert c.ask("POST", "/v1/operators", dict(entry, **change), "supervisor").status == 400
    listed = c.ask("GET", "/v1/operators", who="supervisor").json["items"]
    assert entry in listed and {"name": "auditor", "role": "auditor"}.items() <= [
        i for i in listed if i["name"] == "auditor"][0].items()
    c.cli("client-remove", "--name", "gateway-9")
    del entry["fingerprint"]
    for wrong in ({}, {"uri": "gateway-9"}, {"uri": "urn:example:%39"}, {"uri": 9}):
        assert c.ask("POST", "/v1/operators", dict(entry, **wrong), "supervisor").status == 400
    entry["uri"] = "urn:example:gateway-9"
    assert c.ask("POST", "/v1/operators", entry, "supervisor").status == 201
    assert entry in c.ask("GET", "/v1/operators", who="supervisor").json["items"]
    c.cli("client-remove", "--name", "gateway-9")


@test
def those_who_watch_see_readiness_and_counts(c):
    assert c.watch("/healthz/startupz")[0] == c.watch("/healthz/livez")[0] == 200
    assert c.ask("POST", "/v1/pin-requests", c.modules[0].request(c.hosts[0])).status == 201
    status, text = c.watch("/metrics")
    assert status == 200 and re.search(r"^smpair_centre_pins_issued_total [1-9]", text, re.M)
    assert re.search(r"^smpair_centre_ready 1$", text, re.M)
    assert re.search(r"^smpair_centre_writes_total [1-9]", text, re.M)
    assert re.search(r"^smpair_centre_commits_total [1-9]", text, re.M)
    assert re.search(r"^smpair_centre_writes_waiting \d+$", text, re.M)
    assert c.watch("/v1/modules")[0] == 404


URI = "urn:example:gateway-7"


def greeted(c, who):
    """How a client is received: "yes", or the code of the problem."""
    answer = c.ask("GET", "/v1/modules/" + c.modules[0].name, who=who)
    return "yes" if answer.status == 200 else answer.json["code"]


@test
def renewed_certificate_with_the_same_uri_is_the_same_client(c):
    for name in ("uri-1", "uri-2"):
        c.pki.make(name, "ca", "clientAuth", uris=(URI,))
    assert greeted(c, "uri-1") == "unknown-client"
    c.cli("client-add", "--name", "gateway-7", "--role", "agent", "--uri", URI)
    assert greeted(c, "uri-1") == greeted(c, "uri-2") == "yes"
    # What the one asked for waits for the other too.
    module, host = c.modules[6], c.hosts[2]
    body, key = module.request(host), {"Idempotency_Key": "renewed-0001"}
    first = c.ask("POST", "/v1/pin-requests", body, "uri-1", **key)
    assert first.status == 201 and c.ask("POST", "/v1/pin-requests", body, "uri-2",
                                         **key).json == first.json
    assert re.search(rf"^gateway-7 +agent +{URI}$", c.cli("clients"), re.M)
    listed = c.ask("GET", "/v1/operators", who="supervisor").json["items"]
    assert {"name": "gateway-7", "role": "agent", "uri": URI} in listed


@test
def renewed_certificate_brings_nobody_new_requests(c):
    """Buckets go by the client, not by its certificate."""
    c.stop()
    c.start("--requests", "5")
    for name in ("uri-1", "uri-2"):
        got = [c.ask("GET", "/v1/modules/" + c.modules[0].name, who=name).status
               for _ in range(6)]
        assert got == ([200] * 5 + [429] if name == "uri-1" else [429] * 6), got
    c.stop()
    c.start()
    assert c.ask("GET", "/v1/modules/" + c.modules[0].name, who="uri-2").status == 429
    c.cli("client-remove", "--name", "gateway-7")
    c.cli("client-add", "--name", "gateway-7", "--role", "agent", "--uri", URI)
    assert greeted(c, "uri-2") == "yes"


@test
def uri_counts_only_from_our_authority_alone_and_in_one_form(c):
    rows = (
        ("other-ca", "clientAuth", (URI,), "no-certificate"),
        ("ca", "serverAuth", (URI,), "no-certificate"),
        ("ca", "clientAuth", (URI + "0",), "unknown-client"),
        ("ca", "clientAuth", (URI, "urn:example:else"), "several-uris"),
        ("ca", "clientAuth", (URI, URI), "several-uris"),
        ("ca", "clientAuth", ("urn:example:Gateway-7",), "unknown-client"),
        ("ca", "clientAuth", ("urn:example:gateway%2D7",), "unknown-client"),
        ("ca", "clientAuth", (URI + "?",), "unknown-client"),
        ("ca", "clientAuth", ("URN:EXAMPLE:gateway-7",), "yes"),
    )
    for authority, purpose, uris, expected in rows:
        c.pki.make("uri-x", authority, purpose, uris=uris)
        assert greeted(c, "uri-x") == expected, (uris, expected)
    c.pki.make("uri-x", "ca", "clientAuth", days=-1, uris=(URI,))
    assert greeted(c, "uri-x") == "no-certificate"
    # With one more that is not known it is still the certificate that is.
    c.pki.make("uri-x", "ca", "clientAuth", uris=(URI, "urn:example:else"))
    c.cli("client-add", "--name", "by-file", "--role", "agent", "--cert", c.pki.path("uri-x"))
    assert greeted(c, "uri-x") == "yes"
    c.cli("client-remove", "--name", "by-file")


@test
def certificate_of_one_client_with_the_uri_of_another_is_refused(c):
    c.cli("client-add", "--name", "by-file", "--role", "supervisor", "--cert",
          c.pki.path("uri-1"))
    assert greeted(c, "uri-1") == "two-clients" and greeted(c, "uri-2") == "yes"
    c.cli("client-remove", "--name", "by-file")
    assert greeted(c, "uri-1") == "yes"


@test
def replaced_certificate_is_refused_and_the_log_tells_who_still_has_it(c):
    connection = c.connect("uri-1")
    ask = ("GET", "/v1/modules/" + c.modules[0].name)
    assert c.ask(*ask, connection=connection).status == 200
    # Certificates are as old as the second that they were made in.
    made = c.pki.path("uri-2").stat().st_mtime
    while time.time() < made + 2:
        time.sleep(0.1)
    c.pki.make("uri-3", "ca", "clientAuth", uris=(URI,))
    told = c.cli("client-renew", "--name", "gateway-7", "--cert", c.pki.path("uri-3"))
    assert re.search(rf"{URI}  certificates from 20\S+Z on$", told.strip())
    answer = c.ask(*ask, connection=connection)
    assert (answer.status, answer.json["code"]) == (403, "certificate-replaced"), answer.json
    assert greeted(c, "uri-2") == "certificate-replaced" and greeted(c, "uri-3") == "yes"
    assert "gateway-7 asks by a certificate that was replaced" in (c.folder / "log").read_text()
    assert re.search(rf"{URI}  certificates from 20\S+Z on$", c.cli("clients"), re.M)
    listed = c.ask("GET", "/v1/operators", who="supervisor").json["items"]
    assert [i for i in listed if i["name"] == "gateway-7"][0]["not_before"].endswith("Z")
    for wrong in (("--cert", c.pki.path("uri-2")), ("--cert", c.pki.path("agent")), ()):
        result = subprocess.run([BIN / "smpair-centre", "--db", c.db, "client-renew", "--name",
                                 "gateway-7", *wrong], stderr=subprocess.PIPE, check=False)
        assert result.returncode in (1, 2) and result.stderr, wrong
    assert greeted(c, "uri-3") == "yes"
    assert re.search(r"client-renew +done", c.cli("log"))


@test
def client_known_by_a_certificate_is_renewed_by_another_or_a_uri(c):
    c.pki.make("file-1", "ca", "clientAuth")
    c.pki.make("file-2", "ca", "clientAuth", uris=("urn:example:gateway-8",))
    c.cli("client-add", "--name", "gateway-8", "--role", "agent", "--cert",
          c.pki.path("file-1"))
    c.cli("client-renew", "--name", "gateway-8", "--cert", c.pki.path("file-2"))
    assert greeted(c, "file-1") == "unknown-client" and greeted(c, "file-2") == "yes"
    c.cli("client-renew", "--name", "gateway-8", "--uri", "urn:example:gateway-8")
    assert greeted(c, "file-2") == "yes"
    c.pki.make("file-3", "ca", "clientAuth", uris=("urn:example:gateway-8",))
    assert greeted(c, "file-3") == "yes"
    for taken in ("client-renew", "client-add"):
        result = subprocess.run([BIN / "smpair-centre", "--db", c.db, taken, "--name",
                                 "gateway-7" if taken == "client-renew" else "gateway-9",
                                 *(["--role", "agent"] if taken == "client-add" else []),
                                 "--uri", "urn:example:gateway-8"], stderr=subprocess.PIPE,
                                check=False, text=True)
        assert result.returncode == 1 and "registered" in result.stderr, result
    c.cli("client-remove", "--name", "gateway-8")
    assert greeted(c, "file-3") == "unknown-client"


@test
def metrics_are_not_offered_to_other_machines(c):
    result = subprocess.run([BIN / "smpair-centre", "--db", c.db, "serve", "--listen",
                             "127.0.0.1:0", "--health", "0.0.0.0:0", "--cert",
                             c.pki.path("server"), "--key", c.pki.path("server", "key"),
                             "--ca", c.pki.path("ca")], stderr=subprocess.PIPE, text=True,
                            check=False)
    assert result.returncode == 2 and "of this machine alone" in result.stderr, result


def refused_for_asking_too_often(answer):
    return answer.status == 429 and int(answer.getheader("Retry-After")) > 0


@test
def one_that_asks_too_often_is_told_how_long_to_wait(c):
    module, host = c.modules[5], c.hosts[2]
    body = dict(module.request(host), module=full_id(513, 999))
    for _ in range(40):
        answer = c.ask("POST", "/v1/pin-requests", body, "agent2")
        if answer.status == 429:
            break
    assert refused_for_asking_too_often(answer), answer.json
    # Another module is not concerned, and neither is another client.
    assert c.ask("GET", "/v1/modules/" + module.name, who="agent").status == 200


@test
def restart_gives_nobody_new_requests(c):
    """Not in order, and not by a crash."""
    for serial, how in ((998, signal.SIGTERM), (997, signal.SIGKILL)):
        module = full_id(513, serial)
        body = dict(c.modules[5].request(full_id(257, serial)), module=module)
        for _ in range(40):
            answer = c.ask("POST", "/v1/pin-requests", body, "agent2")
            if answer.status == 429:
                break
        assert refused_for_asking_too_often(answer), answer.json
        until = time.monotonic() + PATIENCE
        while how == signal.SIGKILL:
            if c.count("limit_state WHERE strikes > 0 AND id =", raw_id(module)):
                break
            assert time.monotonic() < until
            time.sleep(0.1)
        c.stop(how)
        c.start()
        answer = c.ask("POST", "/v1/pin-requests", body, "agent2")
        assert refused_for_asking_too_often(answer), answer.json


def knock(c, address):
    """Does the server talk TLS with somebody at an address of this machine?"""
    try:
        with socket.create_connection(("127.0.0.1", c.port), PATIENCE, (address, 0)) as plain:
            with c.tls("agent").wrap_socket(plain, server_hostname="localhost"):
                return True
    except OSError:
        return False


@test
def handshakes_are_limited_before_any_is_computed(c):
    c.stop()
    c.start("--handshakes", "5")
    assert [knock(c, "127.0.0.3") for _ in range(7)] == [True] * 5 + [False] * 2
    assert knock(c, "127.0.0.1")
    assert re.search(r"^smpair_centre_handshakes_limited_total 2$", c.watch("/metrics")[1], re.M)
    with socket.create_connection(("127.0.0.1", c.port), PATIENCE, ("127.0.0.3", 0)) as plain:
        # Closed without a word, whatever the client says or does not say.
        try:
            assert plain.recv(1) == b""
        except ConnectionResetError:
            pass
    c.stop()
    c.start("--handshakes", "5")
    assert not knock(c, "127.0.0.3") and knock(c, "127.0.0.1")
    c.stop()
    c.start()


@test
def one_address_keeps_64_connections_at_most(c):
    kept = [socket.create_connection(("127.0.0.1", c.port), PATIENCE, ("127.0.0.4", 0))
            for _ in range(64)]
    tls = [c.tls("agent").wrap_socket(plain, server_hostname="localhost") for plain in kept]
    assert not knock(c, "127.0.0.4")
    assert knock(c, "127.0.0.1")
    for connection in tls:
        connection.close()
    until = time.monotonic() + PATIENCE
    while not knock(c, "127.0.0.4"):
        assert time.monotonic() < until
        time.sleep(0.1)


@test
def service_manager_is_told_when_it_can_be_asked_and_when_it_ends(c):
    c.stop()
    path = c.folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(path))
        told.settimeout(PATIENCE)
        with unittest.mock.patch.dict(os.environ, NOTIFY_SOCKET=str(path)):
            process = c.spawn()
        assert told.recv(64) == b"READY=1"
        answer = c.ask("GET", "/v1/modules/" + c.modules[0].name)
        assert answer.status == 200, answer.json
        process.send_signal(signal.SIGTERM)
        assert told.recv(64) == b"STOPPING=1"
        assert process.wait(PATIENCE) == 0
    c.start()


@test
def new_certificates_are_taken_on_sighup_and_bad_ones_are_not(c):
    good = c.pki.path("server").read_text()
    c.pki.path("server").write_text("no certificate")
    c.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + PATIENCE
    while "stay as they were" not in (c.folder / "log").read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert c.ask("GET", "/v1/modules/" + c.modules[0].name).status == 200
    c.pki.make("server", "ca", "serverAuth")
    serial = run("openssl", "x509", "-in", c.pki.path("server"), "-noout", "-serial")
    assert c.pki.path("server").read_text() != good
    c.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + PATIENCE
    while True:
        with socket.create_connection(("127.0.0.1", c.port), PATIENCE) as plain:
            with c.tls("agent").wrap_socket(plain, server_hostname="localhost") as tls:
                der = tls.getpeercert(True)
        shown = run("openssl", "x509", "-noout", "-serial",
                    input=ssl.DER_cert_to_PEM_cert(der))
        if shown == serial:
            break
        assert time.monotonic() < until
        time.sleep(0.05)


@test
def sigterm_ends_it_in_order(c):
    assert c.stop() == 0
    c.start()


@test
def on_the_hotline_only_an_operator_sees_the_pin(c):
    c.stop()
    c.start("--hotline")
    module, host = c.modules[6], c.hosts[1]
    answer = c.ask("POST", "/v1/pin-requests", module.request(host), who="agent")
    assert answer.status == 202 and "pin" not in answer.json, answer.json
    again = c.ask("GET", answer.getheader("Location"))
    assert again.status == 202 and int(again.getheader("Retry-After")) > 0
    assert c.ask("GET", answer.getheader("Location"), who="agent2").status == 404
    assert module.name in c.cli("held")
    waiting = c.pages("/v1/pin-requests", "operator", 1)
    assert [i["module"] for i in waiting] == [module.name], waiting
    pin = c.cli("pin", "--module", module.name, "--host", host, "--index", 0,
                "--request-code", module.code(host), "--plain").strip()
    assert pin == module.pin(host)
    c.stop()
    c.start()


def wait_for_readiness(c, status):
    until = time.monotonic() + PATIENCE
    while (answer := c.watch("/healthz/readyz"))[0] != status:
        assert time.monotonic() < until, answer
        time.sleep(0.1)
    return answer[1]


@test
def lost_token_makes_it_unready_until_the_token_is_back(c):
    tokens, away, pin = c.folder / "tokens", c.folder / "away", c.folder / "token-pin"
    tokens.mkdir()
    pin.write_text("4711-0815\n", encoding="ascii")
    (c.folder / "softhsm.conf").write_text(f"directories.tokendir = {tokens}\n", encoding="ascii")
    os.environ["SOFTHSM2_CONF"] = str(c.folder / "softhsm.conf")
    run("softhsm2-util", "--init-token", "--free", "--label", "centre", "--pin", "4711-0815",
        "--so-pin", "12345678")
    mac = f"pkcs11:module=/usr/lib/softhsm/libsofthsm2.so;token=centre;pin-file={pin}"
    run(BIN / "smpair-centre", "import-masters", "--domain", c.folder / "d/domain.json", "--mac",
        mac)
    c.stop()
    c.start("--mac", mac)
    module, host = c.modules[7], c.hosts[0]
    answer = c.ask("POST", "/v1/pin-requests", module.request(host))
    assert answer.status == 201 and answer.json["pin"] == module.pin(host), answer.json
    for _ in range(2):
        before = len(c.decisions())
        tokens.rename(away)
        tokens.mkdir()
        assert "MACs" in wait_for_readiness(c, 503)
        assert re.search(r"^smpair_centre_ready 0$", c.watch("/metrics")[1], re.M)
        answer = c.ask("POST", "/v1/pin-requests", module.request(host))
        assert (answer.status, answer.json["code"]) == (503, "not-ready"), answer.json
        assert int(answer.getheader("Retry-After")) > 0 and len(c.decisions()) == before
        tokens.rmdir()
        away.rename(tokens)
        wait_for_readiness(c, 200)
        answer = c.ask("POST", "/v1/pin-requests", module.request(host))
        assert answer.status == 201 and answer.json["pin"] == module.pin(host), answer.json
    log = (c.folder / "log").read_text()
    assert "token centre" in log and "4711-0815" not in log
    c.stop()
    c.start()


@test
def agent_gets_the_pin_once_an_operator_released_it(c):
    c.stop()
    c.start("--hotline")
    module, other, host = c.modules[7], c.modules[6], c.hosts[1]
    where = c.ask("POST", "/v1/pin-requests", module.request(host)).getheader("Location")
    assert c.ask("POST", where + "/release", {"decision": "maybe"}, "operator").status == 400
    release = {"decision": "release", "reason": "called back"}
    for _ in range(2):
        answer = c.ask("POST", where + "/release", release, "operator", Idempotency_Key="let-0001")
        assert answer.status == 200, answer.json
    assert c.ask("POST", where + "/release", release, "operator").json["code"] == "decided"
    answer = c.ask("GET", where)
    assert answer.status == 200 and answer.json["pin"] == module.pin(host)
    where = c.ask("POST", "/v1/pin-requests", other.request(host)).getheader("Location")
    assert c.ask("POST", where + "/release", {"decision": "refuse"}, "operator").status == 200
    answer = c.ask("GET", where)
    assert (answer.status, answer.json["code"]) == (410, "operator-refused"), answer.json
    assert c.ask("POST", "/v1/pin-requests/" + "0" * 32 + "/release", release,
                 "operator").status == 404
    c.stop()
    c.start()


def mark(c):
    """What proves later that nothing up to now is missing."""
    return c.cli("audit", "head").splitlines()[-1]


def older_copy(c, head, module, host, other):
    """The database does not know that a module paired: nobody gets a PIN that the module
    would not take, or that was issued before, until the module says where it is."""
    done = subprocess.run([BIN / "smpair-centre", "--db", c.db, "audit", "verify", "--expect",
                           head], text=True, capture_output=True, check=False)
    assert done.returncode and "mark" in done.stderr, done
    c.cli("await", "--all", "--reason", "restored")
    for who in (host, other):
        answer = c.ask("POST", "/v1/pin-requests", module.request(who))
        assert answer.json["code"] == "awaiting-report", answer.json
    path = f"/v1/modules/{module.name}"
    assert c.ask("GET", path + "/commands").json["report_wanted"]
    nonce = c.ask("POST", path + "/report-nonces", {}).json["nonce"]
    assert c.ask("POST", path + "/reports", module.report(nonce)).status == 200
    assert c.ask("GET", path).json["index"] == module.n == 1
    answer = c.ask("POST", "/v1/pin-requests", module.request(other))
    assert answer.status == 201 and answer.json["pin"] == module.pin(other), answer.json
    c.cli("audit", "verify")


@test_of_files
def file_set_back_to_its_backup_takes_up_again_with_what_modules_report(c):
    module, host, other = c.modules[68], c.hosts[40], c.hosts[41]
    c.cli("backup", "--out", c.folder / "backup.db")
    assert c.ask("POST", "/v1/pin-requests", module.request(host)).status == 201
    module.pair(host)
    back = c.twin()
    back.db = c.folder / "back.db"
    back.cli("restore", c.folder / "backup.db")
    back.start()
    older_copy(back, mark(c), module, host, other)


@test
def every_operation_of_the_interface_was_seen_to_succeed(_):
    described = {operation["operationId"] for item in API["paths"].values()
                 for method, operation in item.items() if method != "parameters"}
    assert described == succeeded, described ^ succeeded


class Load:
    """Four clients that ask for PINs of four modules at one index until they are told to
    end: each module is asked for by two of them, for different hosts and, where there are
    two, of different centres. No part of the tests exhausts what another may ask. With
    rest_later, the last fifth waits for finish()."""

    def __init__(self, part, *centres, rest_later=False):
        self.seen, self.unavailable, self.wrong = [], [], []
        self.lock, self.ended, self.rest = threading.Lock(), threading.Event(), threading.Event()
        if not rest_later:
            self.rest.set()
        modules = centres[0].modules[40 + 4 * part:44 + 4 * part]
        hosts = centres[0].hosts[3 + 8 * part:11 + 8 * part]
        self.threads = [threading.Thread(target=self.client, daemon=True, args=(
            who, centres[(i + i // 2) % len(centres)],
            list(zip(modules, hosts[4 * (i // 2):], strict=False))[i % 2::2]))
            for i, who in enumerate(LOADS)]
        for thread in self.threads:
            thread.start()

    def client(self, who, centre, pairs):
        asked = 0
        while asked < 5 * len(pairs) and not self.ended.is_set():
            module, host = pairs[asked % len(pairs)]
            if asked == 4 * len(pairs):
                self.rest.wait()
            try:
                answer = centre.ask("POST", "/v1/pin-requests", module.request(host), who)
            except (OSError, http.client.HTTPException):
                self.ended.wait(0.1)
                continue
            with self.lock:
                self.judge(answer, module, host)
            if answer.status == 503:
                self.ended.wait(0.1)
            else:
                asked += 1

    def judge(self, answer, module, host):
        if answer.status == 503 and int(answer.getheader("Retry-After")) > 0:
            self.unavailable.append(answer.json["code"])
        elif answer.status == 201 and answer.json["pin"] == module.pin(host):
            self.seen.append((module.name, host))
        else:
            self.wrong.append((answer.status, answer.json))

    def wait_for(self, count, what=None):
        """Until so many more are seen, or nobody asks any more."""
        what = self.seen if what is None else what
        goal, until = len(what) + count, time.monotonic() + PATIENCE
        while len(what) < goal and any(t.is_alive() for t in self.threads):
            assert time.monotonic() < until and not self.wrong, self.wrong
            time.sleep(0.01)

    def finish(self):
        self.rest.set()

    def end(self):
        self.ended.set()
        self.finish()
        for thread in self.threads:
            thread.join()


def verify(c, load):
    """Whatever a client saw is in the trail, and the trail is whole."""
    issued = [line for line in c.decisions() if " issued " in line]
    for name, host in set(load.seen):
        assert (sum(f"module {name} " in line and f"host {host} " in line + " "
                    for line in issued) >= load.seen.count((name, host))), (name, host)
    assert load.seen and not load.wrong, load.wrong
    c.cli("audit", "verify")


@test
def killed_under_load_it_forgets_no_pin_that_a_client_saw(c):
    for part in range(3):
        load = Load(part, c)
        load.wait_for(5)
        c.stop(signal.SIGKILL)
        load.end()
        verify(c, load)
        c.start()


def pairings():
    """How many PINs of an index two hosts have, and the trail knows of less."""
    return sql("SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM audit a WHERE "
               "a.mid = p.mid AND a.sn = p.sn AND a.n = p.n AND a.result = 'issued')) "
               "FROM pairing p", "serve").strip()


@test_of_postgres
def of_two_centres_on_one_database_either_may_be_killed(c):
    sql("ALTER DATABASE serve SET search_path = smpair_centre")
    other = c.twin()
    other.start()
    for part, victim in enumerate((c, other)):
        rest = other if victim is c else c
        load = Load(3 + part, c, other)
        load.wait_for(8)
        victim.stop(signal.SIGKILL)
        # The one that is left goes on, and waits for no lock of the dead.
        load.wait_for(4)
        load.end()
        verify(rest, load)
        # A host that has a PIN is in the database as such: two hosts with one of the
        # same index are known to be two.
        both = {name for name, _ in load.seen
                if len({host for n, host in load.seen if n == name}) > 1}
        assert both
        for name in both:
            assert c.count("pairing WHERE n = 0 AND mid =", raw_id(name)) > 1, name
        victim.start()
    assert pairings().split("|")[1] == "0", pairings()
    other.stop()


@test_of_postgres
def attempts_and_daily_limits_count_at_all_centres_together(c):
    other = c.twin()
    other.start()
    module, host = c.modules[68], c.hosts[40]
    good = module.request(host)
    wrong = dict(good, request_code="%06d" % ((int(good["request_code"]) + 1) % 10 ** 6))
    codes = [at.ask("POST", "/v1/pin-requests", wrong).json["code"] for at in (c, other, c)]
    assert codes == ["request-code", "request-code", "request-code-last"], codes
    assert other.ask("POST", "/v1/pin-requests", good).json["code"] == "requester-held"
    # Ten PINs a day, by whomever; a PIN that is told again is none.
    module = c.modules[69]
    answers = []
    for i in range(11):
        at = (c, other)[i % 2]
        answers.append(at.ask("POST", "/v1/pin-requests", module.request(c.hosts[41 + i])))
        module.pair(c.hosts[41 + i])
    assert [a.status for a in answers] == [201] * 10 + [403], [a.json for a in answers]
    assert answers[-1].json["code"] == "daily-limit", answers[-1].json


@test_of_postgres
def limits_of_two_centres_are_not_added_up(c):
    """Who asks both gets more at first, and has to wait for as much more."""
    other = c.twin()
    other.start()
    module = full_id(513, 996)
    body = dict(c.modules[5].request(full_id(257, 996)), module=module)
    passed = 0
    for at in (c, other):
        while not refused_for_asking_too_often(
                answer := at.ask("POST", "/v1/pin-requests", body, "agent2")):
            assert answer.json["code"] == "unknown-module", answer.json
            passed += 1
    assert passed > 20, passed
    until = time.monotonic() + PATIENCE
    while int(sql("SELECT coalesce(min(level), 0) FROM smpair_centre.limit_state WHERE id = "
                  f"'\\x{raw_id(module).hex()}'", "serve")) >= 0:
        assert time.monotonic() < until
        time.sleep(0.1)


@test_of_postgres
def without_its_database_it_says_so_and_takes_up_again_by_itself(c):
    ctl = os.environ["SMPAIR_TEST_POSTGRES_CTL"].split()
    for part in range(2):
        c.stop()
        c.start()
        load = Load(5 + part, c, rest_later=True)
        load.wait_for(5)
        run(*ctl, "kill")
        load.finish()
        load.wait_for(3, load.unavailable)
        assert c.watch("/healthz/readyz") == (503, "the database does not answer\n")
        assert c.watch("/healthz/livez")[0] == 200
        run(*ctl, "start")
        until = time.monotonic() + PATIENCE
        while c.watch("/healthz/readyz")[0] != 200:
            assert time.monotonic() < until
            time.sleep(0.05)
        load.wait_for(3)
        load.end()
        assert set(load.unavailable) == {"database-away"}, load.unavailable
        verify(c, load)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.umask(0o077)
        centre = Centre(Path(folder), Pki(Path(folder)),
                        database() if SERVER else Path(folder) / "centre.db")
        centre.start()

        def alone(function):
            try:
                function(centre)
            finally:
                centre.end_twins()

        status = run_all([(test.__name__, partial(alone, test)) for test in tests],
                         centre.aftermath)
        centre.stop()
    return status


if __name__ == "__main__":
    sys.exit(main())
