# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What the parts of the demo share. They run in the guest, below /share:
#   centre/   the management centre: masters of the domain, its database
#   host/     the credentials of the hosts, one of them loaded at a time
#   module/   the flash memory of the module

set -eu
umask 077

control=/run/softmod

# say TEXT: narration
say()
{
	printf '\n'
	printf '%s\n' "$*" | fold -s -w 78 | sed -e 's/^/# /' -e 's/ *$//'
}

# show COMMAND...: the command as typed, then what it prints
show()
{
	printf '\n$ %s\n' "$*"
	"$@"
}

# refused STATUS COMMAND...: a command that has to end with this exit status
refused()
{
	wanted=$1
	shift
	status=0
	"$@" || status=$?
	[ "$status" -eq "$wanted" ] || fail "exit status $status instead of $wanted"
	printf '(exit status %d)\n' "$status"
}

fail()
{
	printf '\ndemo: %s\n' "$*"
	exit 1
}

# The identifiers are in the names of the files that provisioning made.
module_id() { basename /share/module/module-*.img .img | sed 's/^module-//'; }
host_id() { basename "/share/host/host-257-$1-"*.key .key | sed 's/^host-//'; }

# field NAME: a value of the JSON object on standard input
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

dev() { smpairctl list --json | field name; }

# wait_state STATE: until the driver says so
wait_state()
{
	tries=0
	while [ "$(smpairctl list --json | field state)" != "$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || fail "the module did not become $1"
		sleep 0.1
	done
}

# insert_module: the module's first insertion since the machine started
insert_module()
{
	image=/share/module/module-$(module_id).img
	: >/run/softmod.ready
	printf '\n$ %s\n' "smpair-softmod run --image $image --link virt --control $control &"
	smpair-softmod run --image "$image" --link virt --control "$control" >/run/softmod.ready &
	tries=0
	until grep -q ready /run/softmod.ready; do
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || fail "the module did not start"
		sleep 0.1
	done
}

# load_host NUMBER STATE: the machine is another host now, and the driver says
# how that one stands with the module
load_host()
{
	file=/share/host/host-$(host_id "$1")
	show smpairctl host load --key "$file.key" --info "$file.json"
	wait_state "$2"
}

# stop_module: ends the module's process; its flash memory stays
stop_module() { smpair-softmod ctl --control "$control" stop >/dev/null; }

# ask_centre: reads module, host, index and request code to the centre, as a
# person on the telephone would; leaves its PIN in $pin
ask_centre()
{
	plan=$(smpairctl pair "$(dev)" --plan --json)
	set -- smpair-centre --db /share/centre/centre.db pin \
		--module "$(printf '%s' "$plan" | field module_id)" \
		--host "$(printf '%s' "$plan" | field host_id)" \
		--index "$(printf '%s' "$plan" | field index)" \
		--request-code "$(printf '%s' "$plan" | field request_code)"
	printf '\n$ %s\n' "$*"
	spoken=$("$@")
	printf '%s\n' "$spoken"
	pin=$(printf '%s' "$spoken" | tr -d ' ')
}

# type_pin PIN COMMAND...: the PIN comes on a file descriptor, never in argv
type_pin()
{
	typed=$1
	shift
	printf '\n$ %s --pin-fd 0\n(typed: %s)\n' "$*" "$typed"
	printf '%s\n' "$typed" | "$@" --pin-fd 0
}
