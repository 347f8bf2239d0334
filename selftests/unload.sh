#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Unloading the driver: refused while somebody holds it open, clean otherwise,
# in each state, and the driver loads again.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=rig/tap.sh
. "$here/rig/tap.sh"

[ "$(id -u)" -eq 0 ] || tap_skip_all "needs root"
[ -d /sys/module/smpair_virt ] || tap_skip_all "smpair_virt.ko is not loaded"

core=$here/../kernel/smpair.ko
virt=$here/../kernel/smpair_virt.ko
if [ ! -f "$core" ]; then
	core=$(modinfo -n smpair 2>/dev/null) || tap_skip_all "smpair.ko is not found"
	virt=$(modinfo -n smpair_virt)
fi

dir=$(mktemp -d)
ctl=$dir/ctl.sock
trap 'end_module; rm -rf "$dir"; load >/dev/null 2>&1' EXIT
umask 077

# Tests run in subshells of "ok", so the process is known by a file.
gone() { ! kill -0 "$(cat "$dir/pid")" 2>/dev/null; }
end_module() { kill "$(cat "$dir/pid" 2>/dev/null)" 2>/dev/null; until_true gone; }

load()
{
	[ -d /sys/module/smpair ] || insmod "$core" || return 1
	[ -d /sys/module/smpair_virt ] || insmod "$virt" || return 1
	until_true test -c /dev/smpair_virt
}

unload() { rmmod smpair_virt && rmmod smpair; }
state_is() { [ "$(cat /sys/class/smpair/smpair*/state 2>/dev/null)" = "$1" ]; }

start()
{
	smpair-softmod run --image "$dir"/module-*.img --link virt --control "$ctl" \
		>"$dir/ready" 2>/dev/null &
	echo $! >"$dir/pid"
	until_true grep -q ready "$dir/ready"
}

stop()
{
	smpair-softmod ctl --control "$ctl" stop >/dev/null && until_true gone
}

load || tap_skip_all "the modules do not load"
smpair-provision domain --out "$dir" >/dev/null &&
	smpair-provision host --domain "$dir/domain.json" --out "$dir" >/dev/null &&
	smpair-provision module --domain "$dir/domain.json" --out "$dir" --pin-policy none >/dev/null ||
	tap_skip_all "provisioning does not work"
use_host() { smpairctl host load --key "$dir"/host-*.key --info "$dir"/host-*.json; }
refused() { ! rmmod "$1"; }

tap_plan 16

ok "unloads_when_idle" unload
ok "loads_again" load
exec 3<>/dev/smpair_virt
ok "unload_is_refused_while_the_virtual_link_is_open" refused smpair_virt
exec 3>&-
ok "module_starts" start
ok "unload_is_refused_while_a_module_is_inserted" refused smpair_virt
ok "core_is_held_by_its_transport" refused smpair
ok "host_credentials_load" use_host
ok "module_is_unpaired" until_true state_is unpaired
ok "module_pairs" smpairctl pair smpair0
ok "module_is_paired" until_true state_is paired
exec 4<>/dev/smpair0
ok "module_is_pulled_while_its_node_is_open" stop
ok "core_is_held_by_the_open_node" refused smpair
exec 4>&-
ok "unloads_with_credentials_loaded" unload
ok "loads_once_more" load
is "nothing_is_left_of_the_credentials" "" "$(smpairctl host show --json 2>/dev/null | grep -o '"host_id"')"
ok "module_starts_once_more" start
stop

finish
