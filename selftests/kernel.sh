#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Tests that run inside the kernel: a module that holds the driver's own sources
# tests them while it loads, against the published vectors among others. With
# KUnit it is smpair_kunit and has more of them, otherwise smpair_vectors.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=rig/tap.sh
. "$here/rig/tap.sh"

tests=$here/../kernel/tests
results=/sys/kernel/debug/kunit
[ "$(id -u)" -eq 0 ] || tap_skip_all "needs root"

# finish_log LOADED: TAP of what smpair_vectors wrote to the log
finish_log()
{
	log=$(dmesg | sed -n 's/^\[[^]]*\] smpair_vectors: //p')
	count=$(printf '%s\n' "$log" | sed -n 's/^1\.\.//p' | head -n 1)
	tap_plan $((${count:-0} + 1))
	printf '%s\n' "$log" | grep -E '^(not )?ok ' | head -n "${count:-0}"
	if [ "$1" -eq 0 ] && [ -n "$count" ]; then
		echo "ok $plan module_loads_when_all_of_it_passed"
	else
		printf '%s\n' "$log" | sed 's/^/# /'
		echo "not ok $plan module_loads_when_all_of_it_passed"
	fi
}

if [ -f "$tests/smpair_kunit.ko" ]; then
	[ -d "$results" ] || tap_skip_all "the kernel has no results of KUnit in debugfs"
	insmod "$tests/smpair_kunit.ko" || exit 1
	# Each has a plan of its own.
	cat "$results"/smpair_*/results
	rmmod smpair_kunit
elif [ -f "$tests/smpair_vectors.ko" ]; then
	modprobe gcm 2>/dev/null
	dmesg -c >/dev/null
	insmod "$tests/smpair_vectors.ko" 2>/dev/null
	loaded=$?
	rmmod smpair_vectors 2>/dev/null
	finish_log "$loaded"
else
	tap_skip_all "no kernel/tests/*.ko was built for this machine"
fi
