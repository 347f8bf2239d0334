#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The driver's protocol engine reproduces the published vectors, byte for byte:
# a module that holds the engine's own sources checks itself while it loads.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=rig/tap.sh
. "$here/rig/tap.sh"

module=$here/../kernel/tests/smpair_vectors.ko
[ "$(id -u)" -eq 0 ] || tap_skip_all "needs root"
[ -f "$module" ] || tap_skip_all "kernel/tests/smpair_vectors.ko was not built for this machine"

modprobe gcm 2>/dev/null
dmesg -c >/dev/null
insmod "$module" 2>/dev/null
loaded=$?
rmmod smpair_vectors 2>/dev/null
log=$(dmesg | sed -n 's/^\[[^]]*\] smpair_vectors: //p')
plan=$(printf '%s\n' "$log" | sed -n 's/^1\.\.//p' | head -n 1)
echo "TAP version 13"
echo "1..$((${plan:-0} + 1))"
printf '%s\n' "$log" | grep -E '^(not )?ok ' | head -n "${plan:-0}"
if [ "$loaded" -eq 0 ] && [ -n "$plan" ]; then
	echo "ok $((plan + 1)) driver_reproduces_the_vectors"
else
	printf '%s\n' "$log" | sed 's/^/# /'
	echo "not ok $((${plan:-0} + 1)) driver_reproduces_the_vectors"
fi
