# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The programs as parts of a test in shell: a domain, hosts, a module in a
# process, the centre's offline form. Sourced after tap.sh. Needs root.

# parts_need PROGRAM...: or the test is skipped
parts_need()
{
	[ "$(id -u)" -eq 0 ] || tap_skip_all "needs root"
	[ -c /dev/smpair_virt ] || tap_skip_all "/dev/smpair_virt is absent; load smpair_virt.ko"
	for part in smpairctl "$@"; do
		command -v "$part" >/dev/null || tap_skip_all "$part is not in PATH"
	done
	dir=$(mktemp -d)
	ctl=$dir/ctl.sock
	trap parts_end EXIT
	umask 077
}

parts_end()
{
	end_module
	for part in "$dir"/*.pid; do
		[ -e "$part" ] && kill "$(cat "$part")" 2>/dev/null
	done
	smpairctl host clear >/dev/null 2>&1
	rm -rf "$dir"
}

# Tests run in subshells of "ok", so the process is known by a file.
gone() { ! kill -0 "$(cat "$dir/module.pid")" 2>/dev/null; }
end_module()
{
	# Without a number, busybox would take the whole process group for it.
	[ -s "$dir/module.pid" ] || return 0
	kill "$(cat "$dir/module.pid")" 2>/dev/null
	until_true gone
}

provision() { smpair-provision "$@"; }
# The database of $db, else one in a file
centre() { smpair-centre --db "${db:-$dir/centre.db}" "$@"; }
module() { smpair-softmod ctl --control "$ctl" "$@"; }
dev() { smpairctl list --json | sed -n 's/.*"name": *"\(smpair[0-9]*\)".*/\1/p' | head -n 1; }
# field NAME FILE: a string or number of the JSON text in FILE
field() { tr -d '\n' <"$2" | sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p"; }
state_is()
{
	smpairctl info "$(dev)" --json >"$dir/info.json" && [ "$(field state "$dir/info.json")" = "$1" ]
}

start_module()
{
	rm -f "$dir/ready"
	smpair-softmod run --image "$1" --link virt --control "$ctl" >"$dir/ready" 2>"$dir/softmod.log" &
	echo $! >"$dir/module.pid"
	until_true grep -q ready "$dir/ready"
}

# parts_provision HOSTS: a domain, hosts 1 to HOSTS whose names are in host1...,
# a module of four slots whose name is in $mod, and the centre's database
parts_provision()
{
	provision domain --out "$dir/d" >/dev/null
	i=0
	while [ $i -lt "$1" ]; do
		i=$((i + 1))
		provision host --domain "$dir/d/domain.json" --out "$dir/d" --issuer 257 \
			--serial $i --rights evict,list --print-id >"$dir/host$i"
	done
	mod=$(provision module --domain "$dir/d/domain.json" --out "$dir/d" --issuer 513 \
		--serial 22136 --slots 4 --print-id)
	centre init --domain "$dir/d/domain.json" >/dev/null
	centre import "$dir"/d/host-*.json "$dir/d/module-$mod.json" >/dev/null
}

# host_load N: become host N
host_load()
{
	smpairctl host load --key "$dir/d/host-$(cat "$dir/host$1").key" \
		--info "$dir/d/host-$(cat "$dir/host$1").json" >/dev/null
}

# The driver, after a test unloaded it: what was built here, or what is installed
load_driver()
{
	if [ -f "$here/../kernel/smpair.ko" ]; then
		insmod "$here/../kernel/smpair.ko" && insmod "$here/../kernel/smpair_virt.ko"
	else
		modprobe smpair_virt
	fi
}
