#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The units as "make install" leaves them, started by systemd: whether both services get
# ready, pair a module with each other, and may do nothing that they need not.
#
#   units.sh EMBEDDED CENTRE     the pages embedded.rst, whose unit loads the host's
#                                credentials, and centre-service.rst, whose commands are
#                                typed

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=../rig/tap.sh
. "$here/../rig/tap.sh"
# shellcheck source=../rig/parts.sh
. "$here/../rig/parts.sh"
# shellcheck source=../rig/pki.sh
. "$here/../rig/pki.sh"

[ "$(cat /proc/1/comm)" = systemd ] ||
	tap_skip_all "systemd is not the first process; run this by make check-systemd"
parts_need smpaird smpair-centre openssl systemctl nsenter setpriv
embedded=$(readlink -f "$1") page=$(readlink -f "$2")

tap_plan 99

passwords=/run/systemd/ask-password

# blocks PAGE: its literal blocks, each with its number before every line
blocks() { awk '/::$/ { n++; next } /^  / { print n, substr($0, 3) }' "$1"; }
type_page() { cd "$dir/made" && blocks "$page" | sed -n "s/^$1 //p" >"$dir/typed" && bash -e "$dir/typed"; }
host_unit() { sed -n '/A unit for systemd::/,/^Permissions/s/^  //p' "$embedded"; }

# Those of Debian; the shell has others, which know less.
setpriv() { /usr/bin/setpriv "$@"; }
nsenter() { /usr/bin/nsenter "$@"; }
install() { /usr/bin/install "$@"; }

as_centre()
{
	setpriv --reuid smpair-centre --regid smpair-centre --init-groups \
		smpair-centre --db /var/lib/smpair-centre/centre.db "$@"
}
main_pid() { systemctl show -P MainPID "$1"; }
active() { [ "$(systemctl is-active "$1")" = active ]; }
fails() { ! "$@"; }
booted() { [ "$(systemctl is-system-running)" != starting ]; }
other_pid() { pid=$(main_pid "$1") && [ "$pid" -ne 0 ] && [ "$pid" -ne "$2" ] && active "$1"; }
journal() { journalctl -q --no-pager -o cat "$@"; }
said() { journal -u "$1" | grep -q "$2"; }
status_of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$(main_pid "$1")/status"; }
# within UNIT COMMAND...: as root, with the files as the service sees them
within() { within_pid=$(main_pid "$1"); shift; nsenter -m -t "$within_pid" "$@"; }
read_only() { ! within "$1" touch "$2/probe" 2>"$dir/why" && grep -q "Read-only file system" "$dir/why"; }
# in_cgroup UNIT DEVICE: root may not open it among the processes of the unit
in_cgroup()
{
	sh -c "echo \$\$ >/sys/fs/cgroup/system.slice/$1.service/cgroup.procs; : <>$2" 2>&1 |
		grep -q "Operation not permitted"
}
healthy() { busybox wget -q -O /dev/null http://127.0.0.1:9443/healthz/readyz; }
shown_certificate()
{
	openssl s_client -connect 192.0.2.1:8443 </dev/null 2>/dev/null | openssl x509 -noout -serial
}
log_has() { as_centre log | grep -q "$1"; }
connected() { smpairctl status | grep -q 'Driver *connected'; }
waits() { smpairctl pending --json | grep -q '"state": *"people"'; }
asked() { ls "$passwords"/ask.* >/dev/null 2>&1; }
nobody_is_asked() { ! asked; }
no_dev() { [ -z "$(dev)" ]; }
has_dev() { [ -n "$(dev)" ]; }
reinsert() { module remove >/dev/null; until_true no_dev; module insert >/dev/null; until_true has_dev; }
pending_field() { smpairctl pending --json >"$dir/pending.json" && field "$1" "$dir/pending.json"; }
conf()
{
	cat >/etc/smpair/smpaird.conf <<END
[agent]
pair = $1
group = smpaird
[centre]
url = https://192.0.2.1:8443
ca = /etc/smpair/centre-ca.pem
cert = /etc/smpair/agent.pem
key = /etc/smpair/agent-key.pem
timeout = 15
[issuer *]
policy = $2
evict = yes
END
}
# Without it, nothing that follows could succeed.
needed()
{
	needed_failed=$tap_failed
	ok "$@"
	[ "$tap_failed" -eq "$needed_failed" ] || {
		journalctl -q --no-pager | tail -n 60 | sed 's/^/# /'
		echo "Bail out! $1"
		exit 1
	}
}
# probed UNIT STATE: what probe prints with the user and the sandbox of UNIT; what makes
# it that service, and not another program in its place, is left out
probed()
{
	{
		systemctl cat "$1.service" |
			sed '/^Type=/d; /^Exec/d; /^Restart/d; /^RuntimeDirectory/d'
		printf '[Service]\nType=oneshot\nExecStart=%s %s\nStandardOutput=truncate:%s\n' \
			"$here/probe" "$2" "/run/probe-$1.out"
	} >"/run/systemd/system/probe-$1.service"
	systemctl daemon-reload && systemctl start "probe-$1"
}
result() { sed -n "s/^$2 //p" "/run/probe-$1.out"; }
secrets()
{
	grep -oE '[0-9a-fA-F]{32,}' "$dir/d/domain.json" "$dir"/d/host-*.key | sed 's/.*://'
	grep -hv -e '^--' "$dir/server.key" "$dir/agent.key"
	echo "$pin"
}

# ---- the machine, as it was started ----
ok "machine_has_started" until_true booted
is "no_unit_has_failed" "" "$(systemctl list-units --failed --plain --no-legend)"
is "units_are_as_systemd_wants_them" "" \
	"$(systemd-analyze --man=no verify smpaird.service smpair-centre.service 2>&1)"
for user in smpaird smpair-centre; do
	ok "user_of_${user}_was_made_at_boot" grep -q "^$user:.*:/usr/sbin/nologin$" /etc/passwd
done
is "folder_of_the_masters_was_made_at_boot" "700 smpair-centre" "$(stat -c '%a %U' /etc/smpair/centre)"
ok "agent_may_put_questions_beside_those_of_the_system" \
	setpriv --reuid smpaird --regid smpaird --clear-groups touch $passwords/probe
ok "nobody_else_may" fails setpriv --reuid nobody --regid nogroup --clear-groups touch $passwords/probe2
rm -f $passwords/probe
for unit in smpaird smpair-centre; do
	ok "${unit}_without_settings_is_left_out" systemctl start $unit
	is "${unit}_is_inactive_then" inactive "$(systemctl is-active $unit)"
done

# ---- the host's credentials ----
parts_provision 1
host=$(cat "$dir/host1")
start_module "$dir/d/module-$mod.img"
host_unit >/etc/systemd/system/smpair-host.service
chmod 644 /etc/systemd/system/smpair-host.service
cp "$dir/d/host-$host.key" /etc/smpair/host.key
cp "$dir/d/host-$host.json" /etc/smpair/host.json
ok "unit_of_the_page_loads_the_credentials" systemctl enable --now smpair-host
ok "module_that_was_there_is_verified" until_true state_is unpaired

# ---- the centre ----
mkdir "$dir/made" && cp -r "$dir/d" "$dir/made/"
pki_authority ca && pki_make server ca serverAuth && pki_make agent ca clientAuth
cp "$dir/server.pem" "$dir/made/centre.pem" && cp "$dir/server.key" "$dir/made/centre-key.pem"
cp "$dir/ca.pem" "$dir/made/clients-ca.pem" && cp "$dir/agent.pem" "$dir/made/gateway-1.pem"
/bin/ip address add 192.0.2.1/32 dev lo
echo 'OPTIONS="--listen nowhere"' >/etc/default/smpair-centre
ok "page_is_typed_up_to_the_settings" type_page 1
status "start_of_a_centre_that_gets_not_ready_fails" 1 systemctl start smpair-centre
ok "journal_tells_why" said smpair-centre "cert is missing"
systemctl stop smpair-centre
ok "settings_of_the_page_are_typed" type_page 2
install -d -m 700 -o smpair-centre -g smpair-centre /etc/smpair/centre/import
install -m 600 -o smpair-centre "$dir"/d/host-*.json "$dir/d/module-$mod.json" /etc/smpair/centre/import/
as_centre import /etc/smpair/centre/import/* >/dev/null
needed "centre_is_enabled_and_started" systemctl enable --now smpair-centre
ok "it_is_ready_when_the_start_has_returned" healthy
ok "centre_is_active" active smpair-centre
is "centre_told_systemd_itself" notify "$(systemctl show -P Type smpair-centre)"

# ---- the agent ----
cp "$dir/ca.pem" /etc/smpair/centre-ca.pem && cp "$dir/agent.pem" /etc/smpair/agent.pem
chmod 644 /etc/smpair/*.pem
install -m 600 -o smpaird -g smpaird "$dir/agent.key" /etc/smpair/agent-key.pem
conf perhaps auto
chmod 644 /etc/smpair/smpaird.conf
status "start_of_an_agent_without_sense_fails" 1 systemctl start smpaird
ok "journal_tells_what_has_no_sense" said smpaird "pair in .agent. must be"
systemctl stop smpaird
conf yes auto
needed "agent_is_enabled_and_started" systemctl enable --now smpaird
ok "agent_is_active" active smpaird
is "socket_is_of_the_group_in_the_settings" "660 smpaird" "$(stat -c '%a %G' /run/smpaird/socket)"
needed "agent_is_registered_with_the_driver" until_true connected
needed "module_pairs_with_nobody_at_the_keyboard" until_true state_is paired
ok "centre_learns_of_it" until_true log_has "confirm.*paired"

# ---- what each may do ----
for unit in smpaird smpair-centre; do
	uid=$(id -u $unit)
	is "${unit}_runs_as_its_own_user" "$uid $uid $uid $uid" "$(status_of $unit Uid | tr '\t' ' ')"
	is "${unit}_has_its_system_calls_filtered" 2 "$(status_of $unit Seccomp)"
	is "${unit}_gains_no_privileges" 1 "$(status_of $unit NoNewPrivs)"
	cap=0000000000000000
	[ $unit = smpair-centre ] || cap=0000000000001000
	is "${unit}_has_no_other_capability" "$cap $cap" "$(status_of $unit CapEff) $(status_of $unit CapBnd)"
	for folder in /usr /etc/smpair /var/lib; do
		ok "${unit}_may_not_write_to_$(echo ${folder#/} | tr / _)" read_only $unit $folder
	done
	ok "${unit}_may_write_to_its_folder" within $unit touch /var/lib/$unit/probe
	rm -f "/var/lib/$unit/probe"
	is "${unit}_sees_no_homes" "" "$(within $unit ls /root)"
	is "${unit}_dumps_no_core" "0 0" \
		"$(awk '/core file/ { print $5, $6 }' "/proc/$(main_pid $unit)/limits")"
	ok "${unit}_may_open_no_other_device" in_cgroup $unit /dev/smpair_virt
done

is "nothing_has_run_into_its_sandbox" "" "$(journal -k | grep -E 'type=1326|SIGSYS')"

# ---- signals ----
before=$(main_pid smpair-centre)
shown=$(shown_certificate)
pki_make server ca serverAuth
install -m 600 -o smpair-centre "$dir/server.pem" /etc/smpair/centre/centre.pem
install -m 600 -o smpair-centre "$dir/server.key" /etc/smpair/centre/centre-key.pem
ok "centre_is_reloaded" systemctl reload smpair-centre
ok "it_shows_the_new_certificate" [ "$(shown_certificate)" != "$shown" ]
is "by_the_same_process" "$before" "$(main_pid smpair-centre)"

for unit in smpaird smpair-centre; do
	before=$(main_pid $unit)
	kill -KILL "$before"
	ok "${unit}_that_was_killed_is_started_again" until_true other_pid $unit "$before"
	is "${unit}_was_started_again_by_systemd" 1 "$(systemctl show -P NRestarts $unit)"
done
until_true connected
smpairctl unpair "$(dev)" >/dev/null
reinsert
needed "killed_services_pair_again" until_true log_has "confirm.*N [1-9].*paired"

before=$(main_pid smpaird)
conf no ask
ok "agent_is_reloaded" systemctl reload smpaird
is "agent_is_the_same_process" "$before" "$(main_pid smpaird)"
smpairctl unpair "$(dev)"
until_true state_is unpaired
smpairctl pair "$(dev)" --agent --json >"$dir/pair.json" 2>/dev/null &
needed "agent_asks_people_as_it_is_told_to_now" until_true waits
ok "question_is_among_those_of_the_system" until_true asked
pin=$(as_centre pin --module "$mod" --host "$host" --index "$(pending_field index)" \
	--request-code "$(pending_field request_code)" --plain)
ok "pin_is_typed" sh -c "printf '%s\n' '$pin' | smpairctl answer --pin-fd 0"
ok "module_is_paired_by_people" until_true state_is paired
ok "question_is_gone" until_true nobody_is_asked

smpairctl unpair "$(dev)"
until_true state_is unpaired
smpairctl pair "$(dev)" --agent --json >"$dir/pair.json" 2>/dev/null &
until_true waits
ok "agent_is_stopped_while_people_are_asked" systemctl stop smpaird
ok "what_was_pending_is_declined" until_true grep -q '"declined"' "$dir/pair.json"
is "agent_ended_well" "success 0" \
	"$(systemctl show -P Result smpaird) $(systemctl show -P ExecMainStatus smpaird)"
ok "centre_is_stopped" systemctl stop smpair-centre
is "centre_ended_well" "success 0" \
	"$(systemctl show -P Result smpair-centre) $(systemctl show -P ExecMainStatus smpair-centre)"
for unit in smpaird smpair-centre; do
	is "nothing_of_${unit}_is_left_in_run" "" "$(ls -d /run/$unit 2>/dev/null)"
done
is "nothing_has_run_into_its_sandbox_until_its_end" "" "$(journal -k | grep -E 'type=1326|SIGSYS')"
secrets >"$dir/secrets"
ok "there_are_secrets_to_look_for" [ "$(wc -l <"$dir/secrets")" -gt 8 ]
is "no_secret_is_in_the_journal" "" "$(journal -b | grep -F -f "$dir/secrets")"

# ---- what either may not do if it were another program ----
"$here/probe" /tmp >/run/probe-none.out
for unit in smpaird smpair-centre; do
	ok "probe_runs_as_$unit" probed $unit /var/lib/$unit
	is "${unit}_writes_its_state" "done" "$(result $unit writes-its-state)"
	for what in writes-elsewhere sees-other-processes sees-settings-of-the-kernel \
			has-memory-to-write-and-execute makes-a-namespace changes-its-personality; do
		is "${unit}_$(echo $what | tr - _)_only_without_sandbox" "done refused" \
			"$(result none $what) $(result $unit $what)"
	done
	for what in mounts loads-a-module; do
		is "${unit}_is_killed_if_it_$(echo $what | tr - _)" "signal 31" "$(result $unit $what)"
	done
done
is "only_the_agent_talks_to_the_kernel" "done refused" \
	"$(result smpaird talks-to-the-kernel) $(result smpair-centre talks-to-the-kernel)"

[ "$tap_failed" -eq 0 ] || journalctl -q --no-pager -u smpaird -u smpair-centre -u smpair-host | tail -n 60 | sed 's/^/# /'
finish
