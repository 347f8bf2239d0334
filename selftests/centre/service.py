#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every command of Documentation/centre-service.rst, as it is typed there, after those
of centre.rst up to the service, in a copy of this machine whose changes vanish with it:
what "make install" puts there is started by the init script. Prints TAP. Wants root.

  service.py
"""

import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from manual import blocks, commands
from tap import run_all

TOP = Path(__file__).resolve().parents[2]
PAGE = TOP / "Documentation/centre-service.rst"
INIT = "/etc/init.d/smpair-centre"
AGENT = "/etc/init.d/smpaird"
PATIENCE = 60
NAMESPACES = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child")
CLIENT = ("openssl s_client -quiet -no_ign_eof -verify_return_error -connect 192.0.2.1:8443"
          " -CAfile centre-ca.pem -cert gateway-1.pem -key gateway-1-key.pem")
REQUEST = r"GET /v1/modules HTTP/1.1\r\nHost: 192.0.2.1\r\nConnection: close\r\n\r\n"


def shell(command):
    """What it printed; it must succeed."""
    done = subprocess.run(["bash", "-ec", command], stdin=subprocess.DEVNULL, timeout=600,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, f"exit {done.returncode} of {command}: {done.stdout}"
    return done.stdout


def answer():
    """To an agent with the certificate that was registered; a start that has returned is
    a service that answers."""
    return shell(f"{{ printf '{REQUEST}'; sleep 1; }} | {CLIENT} 2>/dev/null")


def start(script):
    """Its exit status and what it printed, once nobody can print there any more."""
    done = subprocess.run([script, "start"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout


def pid():
    return int(Path("/run/smpair-centre.pid").read_text())


def copy_machine(folder):
    """A root whose changes are in memory, of this namespace of mounts alone."""
    shell(f"mount -t tmpfs -o mode=700 tmpfs {folder} && cd {folder} && mkdir up work root &&"
          f" mount -t overlay -o lowerdir=/,upperdir=up,workdir=work overlay root &&"
          f" mount --rbind /dev root/dev && mount -t proc proc root/proc &&"
          f" mount -t tmpfs tmpfs root/run && mount -t tmpfs -o mode=1777 tmpfs root/tmp &&"
          f" mkdir -p root{TOP} && mount --bind {TOP} root{TOP}")
    os.chroot(f"{folder}/root")
    os.mkdir("/tmp/made")
    os.chdir("/tmp/made")
    shell("ip link set lo up && ip address add 192.0.2.1/32 dev lo")


def installed():
    shell(f"make -s -C {TOP}/userspace install prefix=/usr")
    assert os.access(INIT, os.X_OK) and Path("/lib/systemd/system/smpair-centre.service").exists()


def page_before_is_typed():
    for command in commands():
        if " serve " in command:
            return
        shell(command)


def page_is_typed():
    for block in blocks(PAGE):
        shell(textwrap.dedent(block))


def agent_is_answered():
    # It may ask for PINs and not list modules: who it is was known.
    assert answer().startswith("HTTP/1.1 403 "), answer()


def it_is_no_root_and_has_no_capabilities():
    status = Path(f"/proc/{pid()}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    user = int(shell("id -u smpair-centre"))
    assert user and fields["Uid"].split() == [str(user)] * 4, fields["Uid"]
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[name], 16) == 0, (name, fields[name])
    assert fields["NoNewPrivs"].strip() == "1"


def secrets_are_the_services_alone():
    for path in ("/etc/smpair/centre", "/var/lib/smpair-centre"):
        assert os.stat(path).st_mode & 0o777 == 0o700, path


def reload_ends_nothing_and_a_second_start_neither():
    before = pid()
    shell(f"{INIT} reload && {INIT} start && {INIT} status")
    agent_is_answered()
    assert pid() == before


def restart_makes_another_process():
    before = pid()
    shell(f"{INIT} restart")
    agent_is_answered()
    assert pid() != before


def what_cannot_start_is_told():
    shell(f"{INIT} stop")
    settings = Path("/etc/default/smpair-centre")
    good = settings.read_text()
    settings.write_text('OPTIONS="--listen nowhere"\n')
    status, said = start(INIT)
    settings.write_text(good)
    assert status == 1 and "did not start" in said, said
    assert subprocess.run([INIT, "status"], stdout=subprocess.DEVNULL, check=False).returncode == 3


def what_fails_after_a_while_is_told_as_well():
    program = Path("/usr/bin/smpair-centre")
    program.rename("/usr/bin/whole")
    program.write_text("#!/bin/sh\nsleep 3\nexit 1\n")
    program.chmod(0o755)
    status, said = start(INIT)
    Path("/usr/bin/whole").rename(program)
    assert status == 1 and "did not start" in said, (status, said)


def start_returns_when_it_can_be_asked():
    assert start(INIT)[0] == 0
    agent_is_answered()
    shell(f"{INIT} stop")


def agent_starts_without_a_hold_on_its_callers_output():
    shell("mkdir -p /etc/smpair && printf '[issuer *]\npolicy = ask\n' >/etc/smpair/smpaird.conf")
    assert start(AGENT) == (0, "")
    assert "Driver" in shell("smpairctl status")


def agent_that_cannot_start_is_told():
    shell(f"{AGENT} stop")
    # Another one is at its socket.
    other = subprocess.Popen(
        ["setpriv", "--reuid=smpaird", "--regid=smpaird", "--init-groups",
         "--inh-caps=-all,+net_admin", "--ambient-caps=-all,+net_admin", "smpaird"],
        stderr=subprocess.DEVNULL)
    try:
        shell("until smpairctl status; do sleep 0.1; done >/dev/null 2>&1")
        status, said = start(AGENT)
        assert status == 1 and "did not start" in said, (status, said)
    finally:
        other.terminate()
        other.wait()
    assert subprocess.run([AGENT, "status"], stdout=subprocess.DEVNULL, check=False).returncode == 3


def root_opens_nothing_that_a_service_can_replace():
    """Where a service may write it could lead root to any file."""
    for script in (INIT, AGENT):
        service = Path(script).name
        shell(f"{script} stop; ls -ld /run/{service} && touch /etc/victim")
        for name in ("pid", "ready", "socket"):
            shell(f"ln -sfT /etc/victim /run/{service}/{name} && "
                  f"chown -h {service}: /run/{service}/{name}")
        assert start(script)[0] == 0
        assert Path("/etc/victim").read_text() == "" and Path("/etc/victim").owner() == "root"
        shell(f"{script} stop")


TESTS = (installed, page_before_is_typed, page_is_typed, agent_is_answered,
         it_is_no_root_and_has_no_capabilities, secrets_are_the_services_alone,
         reload_ends_nothing_and_a_second_start_neither, restart_makes_another_process,
         what_cannot_start_is_told, what_fails_after_a_while_is_told_as_well,
         start_returns_when_it_can_be_asked, agent_starts_without_a_hold_on_its_callers_output,
         agent_that_cannot_start_is_told, root_opens_nothing_that_a_service_can_replace)


def first_process():
    """Takes what is left behind, as the first process of a machine does."""
    tests = os.fork()
    if not tests:
        copy_machine(os.getcwd())
        sys.exit(run_all([(test.__name__, test) for test in TESTS]))
    while True:
        process, status = os.wait()
        if process == tests:
            return os.waitstatus_to_exitcode(status)


def main():
    if subprocess.run([*NAMESPACES, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        print("TAP version 13\n1..0 # SKIP needs root, and namespaces of its own")
        return 0
    if sys.argv[1:] != ["--inside"]:
        with tempfile.TemporaryDirectory() as folder:
            return subprocess.run([*NAMESPACES, sys.executable, "-B", __file__, "--inside"],
                                  cwd=folder, check=False).returncode
    return first_process()


if __name__ == "__main__":
    sys.exit(main())
