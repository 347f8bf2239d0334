#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The centre's database on servers of its own, as a fleet has it: reached over TLS,
replicated, one of them killed, restored from a base backup and its archive, and set
back to an older copy. Prints TAP.

  postgres cluster.py BIN     BIN is the folder with smpair-centre and smpair-provision
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from serve import (BIN, PATIENCE, Centre, Load, Pki, free_port, mark, older_copy, run, verify,
                   wait_for_readiness)
from tap import run_all

CTL = os.environ["SMPAIR_TEST_POSTGRES_CTL"].split()
FOLDER = Path(CTL[-1])
PASSWORD = "not-in-any-argument"

tests = []


def test(function):
    tests.append(function)
    return function


def as_owner(*command, **kwargs):
    return run(*CTL, "as-owner", *command, **kwargs)


def wait_until(condition, *args):
    until = time.monotonic() + PATIENCE
    while not condition(*args):
        assert time.monotonic() < until, condition.__name__
        time.sleep(0.05)


class Server:
    """One on a port of its own, with TLS; its data are in a folder of the name."""

    def __init__(self, name):
        self.name, self.data, self.port = name, FOLDER / name, free_port()

    def ctl(self, verb):
        run(*CTL, verb, self.name)

    def write(self, name, text, how=">"):
        as_owner("sh", "-c", f'umask 077; cat {how}"$0"', self.data / name, input=text)

    def own(self, pki):
        """Makes what was initialised, or copied, a server of this port."""
        for source, name in ((pki.path("db"), "server.crt"), (pki.path("ca"), "ca.crt"),
                             (pki.path("db", "key"), "server.key")):
            self.write(name, source.read_text())
        self.write("pg_hba.conf", "local all test trust\nlocal replication test trust\n"
                   "hostssl all by-certificate localhost cert\n"
                   "hostssl all all localhost scram-sha-256\n")
        self.write("postgresql.conf", f"listen_addresses = 'localhost'\nport = {self.port}\n"
                   "ssl = on\nssl_ca_file = 'ca.crt'\nssl_min_protocol_version = 'TLSv1.3'\n"
                   "archive_mode = on\n"
                   f"archive_command = 'cmp -s %p {FOLDER}/archive/%f || "
                   f"cp %p {FOLDER}/archive/%f'\n", ">>")

    def local(self, name):
        return f"host={FOLDER} port={self.port} user=test dbname={name}"

    def sql(self, text, name="centre"):
        return run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
                   self.local(name), "-c", text).strip()

    def setting(self, name, value):
        self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")
        # Who is to be waited for is told to those that commit by the process that makes
        # checkpoints, once it has read the files again: before one that is asked for now.
        self.sql("CHECKPOINT")

    def copy(self, name):
        """A base backup of it, as another server's data."""
        copy = Server(name)
        as_owner("rm", "-rf", copy.data)
        as_owner("pg_basebackup", "-D", copy.data, "-h", FOLDER, "-p", self.port, "-U", "test",
                 "-X", "stream", "-c", "fast")
        return copy

    def standby(self, name, pki):
        """Another server that follows this one."""
        standby = self.copy(name)
        standby.own(pki)
        standby.write("postgresql.conf", f"primary_conninfo = 'host={FOLDER} port={self.port} "
                      f"user=test application_name={name}'\n", ">>")
        standby.write("standby.signal", "")
        standby.ctl("start")
        wait_until(self.is_followed_by, name)
        return standby

    def is_followed_by(self, name):
        return self.sql("SELECT state FROM pg_stat_replication WHERE "
                        f"application_name = '{name}'") == "streaming"

    def promote(self):
        assert self.sql("SELECT pg_promote(true, 120)") == "t"


class Cluster:
    """A primary, to begin with, and a centre that knows it over the network only."""

    def __init__(self, folder):
        self.pki = Pki(folder)
        self.pki.make("db", "ca", "serverAuth")
        self.pki.make("by-certificate", "ca", "clientAuth")
        self.primary = Server("data")
        self.passfile = folder / "passfile"
        self.passfile.write_text(f"*:*:*:centre:{PASSWORD}\n", encoding="ascii")
        as_owner("mkdir", FOLDER / "archive")
        self.primary.own(self.pki)
        self.primary.ctl("stop")
        self.primary.ctl("start")
        self.primary.sql("CREATE ROLE centre LOGIN; CREATE ROLE \"by-certificate\" LOGIN "
                         "IN ROLE centre", "postgres")
        # By the server's own words for it: the password is in no argument here either.
        run("psql", "-X", "-q", "-d", self.primary.local("postgres"),
            input=f"ALTER ROLE centre PASSWORD '{PASSWORD}'; CREATE DATABASE centre OWNER centre;")
        self.centre = Centre(folder, self.pki, self.address(self.primary))

    def address(self, *servers, user="centre", host="localhost", **more):
        words = {"host": ",".join([host] * len(servers)),
                 "port": ",".join(str(s.port) for s in servers), "dbname": "centre",
                 "user": user, "sslmode": "verify-full", "sslrootcert": self.pki.path("ca"),
                 "passfile": self.passfile, **more}
        return "postgresql:" + " ".join(f"{k}={v}" for k, v in words.items() if v is not None)

    def replicate(self, name):
        """A standby, and a centre that knows both."""
        standby = self.primary.standby(name, self.pki)
        self.centre.stop()
        self.centre.db = self.address(self.primary, standby)
        self.centre.start()
        return standby

    def fail_over(self, standby):
        """The primary was killed: the other takes its place."""
        standby.promote()
        self.primary = standby
        wait_for_readiness(self.centre, 200)


def refusal(address):
    """What a verb says that gets no database."""
    done = subprocess.run([BIN / "smpair-centre", "--db", address, "modules"], text=True,
                          capture_output=True, check=False)
    assert done.returncode and not done.stdout, done
    assert PASSWORD not in done.stderr
    return done.stderr


@test
def database_is_reached_over_tls_with_a_password_that_is_in_a_file_only(k):
    c = k.centre
    module, host = c.modules[0], c.hosts[0]
    answer = c.ask("POST", "/v1/pin-requests", module.request(host))
    assert answer.status == 201 and answer.json["pin"] == module.pin(host), answer.json
    rows = k.primary.sql("SELECT DISTINCT ssl, version FROM pg_stat_ssl JOIN pg_stat_activity "
                         "USING (pid) WHERE usename = 'centre'")
    assert rows == "t|TLSv1.3", rows
    for name in ("cmdline", "environ"):
        assert PASSWORD.encode() not in Path(f"/proc/{c.process.pid}/{name}").read_bytes()
    assert PASSWORD not in (c.folder / "log").read_text()


@test
def database_that_cannot_prove_who_it_is_is_not_believed(k):
    said = refusal(k.address(k.primary, host="db.example", hostaddr="127.0.0.1"))
    assert "does not match host name" in said and "db.example" in said, said
    said = refusal(k.address(k.primary, sslrootcert=k.pki.path("other-ca")))
    assert "certificate verify failed" in said, said


@test
def across_a_network_proof_is_wanted_unless_the_opposite_is_said(k):
    said = refusal(k.address(k.primary, sslmode=None, host="db.example", hostaddr="127.0.0.1"))
    assert "does not match host name" in said, said
    said = refusal(k.address(k.primary, sslmode="disable"))
    assert "no encryption" in said, said


@test
def password_file_that_others_can_read_is_not_used(k):
    k.passfile.chmod(0o644)
    said = refusal(k.address(k.primary))
    k.passfile.chmod(0o600)
    assert "no password supplied" in said and "permissions" in said, said


@test
def client_certificate_takes_the_place_of_a_password(k):
    words = {"user": "by-certificate", "passfile": "/dev/null",
             "sslcert": k.pki.path("by-certificate"),
             "sslkey": k.pki.path("by-certificate", "key")}
    assert k.centre.modules[0].name in run(BIN / "smpair-centre", "--db",
                                           k.address(k.primary, **words), "modules")
    # Another's certificate is no proof for this name.
    said = refusal(k.address(k.primary, **{**words, "sslcert": k.pki.path("agent"),
                                           "sslkey": k.pki.path("agent", "key")}))
    assert "certificate authentication failed" in said, said


@test
def no_acknowledged_pin_is_lost_when_the_primary_is_killed_under_load(k):
    c = k.centre
    standby = k.replicate("second")
    k.primary.setting("synchronous_standby_names", "second")
    wait_until(lambda: k.primary.sql("SELECT sync_state FROM pg_stat_replication") == "sync")
    load = Load(0, c, rest_later=True)
    load.wait_for(8)
    head = mark(c)
    k.primary.ctl("kill")
    load.finish()
    load.wait_for(2, load.unavailable)
    # A standby that only reads is no place for decisions.
    wait_for_readiness(c, 503)
    k.fail_over(standby)
    load.wait_for(4)
    load.end()
    assert set(load.unavailable) == {"database-away"}, load.unavailable
    verify(c, load)
    c.cli("audit", "verify", "--expect", head)


@contextmanager
def unfinished(k, module, host, key):
    """A request whose commit the primary has, and will not acknowledge."""
    answers = []
    k.primary.setting("synchronous_standby_names", "nobody")
    asking = threading.Thread(target=lambda: answers.append(k.centre.ask(
        "POST", "/v1/pin-requests", module.request(host), Idempotency_Key=key)))
    asking.start()
    wait_until(lambda: k.primary.sql("SELECT count(*) FROM pg_stat_activity WHERE "
                                     "usename = 'centre' AND wait_event = 'SyncRep'") == "1")
    yield
    k.primary.ctl("kill")
    asking.join()
    assert answers and answers[0].status == 503 and "pin" not in answers[0].json, answers
    assert answers[0].json["code"] == "database-away" and answers[0].getheader("Retry-After")


def decided_once(k, module, host, key):
    c = k.centre
    answer = c.ask("POST", "/v1/pin-requests", module.request(host), Idempotency_Key=key)
    assert answer.status == 201 and answer.json["pin"] == module.pin(host), answer.json
    issued = [line for line in c.decisions() if " issued " in line and module.name in line]
    assert len(issued) == 1, issued
    assert "pin" in c.ask("POST", "/v1/pin-requests", module.request(host),
                          Idempotency_Key=key).json
    c.cli("audit", "verify")


@test
def pin_whose_commit_is_lost_is_not_told_and_is_decided_when_asked_again(k):
    module, host = k.centre.modules[1], k.centre.hosts[1]
    standby = k.replicate("third")
    standby.ctl("stop")
    with unfinished(k, module, host, "lost-commit-1"):
        pass
    standby.ctl("start")
    k.fail_over(standby)
    assert " issued " not in k.centre.cli("log", "--module", module.name)
    decided_once(k, module, host, "lost-commit-1")


@test
def pin_whose_commit_is_there_unknown_to_all_is_told_and_not_decided_again(k):
    module, host = k.centre.modules[2], k.centre.hosts[1]
    standby = k.replicate("fourth")
    with unfinished(k, module, host, "lost-answer-1"):
        where = k.primary.sql("SELECT pg_current_wal_flush_lsn()")
        wait_until(lambda: k.primary.sql("SELECT min(flush_lsn) >= "
                                         f"'{where}' FROM pg_stat_replication") == "t")
    k.fail_over(standby)
    decided_once(k, module, host, "lost-answer-1")


@test
def base_backup_and_archive_give_everything_back(k):
    c = k.centre
    module, host = c.modules[3], c.hosts[1]
    k.copy = k.primary.copy("restored")
    assert c.ask("POST", "/v1/pin-requests", module.request(host)).status == 201
    module.pair(host)
    done = {"module": module.name, "host": host, "index": 0, "result": "paired"}
    assert c.ask("POST", "/v1/confirmations", done).status == 200
    head = mark(c)
    segment = k.primary.sql("SELECT pg_walfile_name(pg_current_wal_lsn())")
    k.primary.sql("SELECT pg_switch_wal()")
    wait_until((FOLDER / "archive" / segment).exists)
    k.primary.ctl("kill")
    c.stop()
    as_owner("cp", "-a", k.copy.data, FOLDER / "older")
    restore(k, k.copy, f"restore_command = 'cp {FOLDER}/archive/%f %p'\n")
    assert "sound" in c.cli("verify", "--expect", head)
    answer = c.ask("POST", "/v1/pin-requests", module.request(host))
    assert answer.status == 201 and answer.json["pin"] == module.pin(host), answer.json
    assert c.ask("GET", f"/v1/modules/{module.name}").json["index"] == 1
    k.head = mark(c)


def restore(k, server, recovery):
    """A copy becomes the primary."""
    server.own(k.pki)
    server.write("postgresql.conf", recovery, ">>")
    if recovery:
        server.write("recovery.signal", "")
    server.ctl("start")
    wait_until(lambda: server.sql("SELECT pg_is_in_recovery()") == "f")
    k.primary = server
    k.centre.db = k.address(server)
    k.centre.start()


@test
def older_copy_is_told_by_a_mark_and_takes_up_again_with_what_modules_report(k):
    c = k.centre
    c.stop()
    k.primary.ctl("stop")
    restore(k, Server("older"), "")
    module, host, other = c.modules[3], c.hosts[1], c.hosts[2]
    older_copy(c, k.head, module, host, other)


@test
def dump_is_restored_into_another_database(k):
    c = k.centre
    head = mark(c)
    dump = c.folder / "centre.dump"
    run("pg_dump", "--format=custom", "--schema=smpair_centre", f"--file={dump}", "-d",
        k.primary.local("centre"))
    k.primary.sql("CREATE DATABASE drill OWNER centre")
    run("pg_restore", "-d", k.primary.local("drill"), dump)
    drill = k.address(k.primary, dbname="drill")
    assert "sound" in run(BIN / "smpair-centre", "--db", drill, "--domain",
                          c.folder / "d/domain.json", "verify", "--expect", head)


def main():
    os.umask(0o077)
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder))
        cluster.centre.start()
        status = run_all([(test.__name__, partial(test, cluster)) for test in tests],
                         cluster.centre.last_words)
        if cluster.centre.process.poll() is None:
            cluster.centre.stop()
    return status


if __name__ == "__main__":
    sys.exit(main())
