# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# TAP for tests in shell. A test sources this, sets plan=N, calls "ok NAME
# COMMAND…" or "is NAME WANT GOT" N times, and ends with finish.

tap_n=0
tap_failed=0

tap_plan()
{
	plan=$1
	echo "TAP version 13"
	echo "1..$plan"
}

tap_skip_all()
{
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit 4
}

tap_result()
{
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_n $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_n $2"
	fi
}

# ok NAME COMMAND...: the command succeeds
ok()
{
	tap_name=$1
	shift
	tap_status=0
	tap_out=$("$@" 2>&1) || tap_status=$?
	[ "$tap_status" -eq 0 ] || echo "# status $tap_status: $tap_out" | head -n 20
	tap_result "$tap_status" "$tap_name"
}

# status NAME WANT COMMAND...: the command ends with this status
status()
{
	tap_name=$1
	tap_want=$2
	shift 2
	tap_status=0
	tap_out=$("$@" 2>&1) || tap_status=$?
	if [ "$tap_status" -eq "$tap_want" ]; then
		tap_result 0 "$tap_name"
	else
		echo "# status $tap_status, not $tap_want: $tap_out" | head -n 20
		tap_result 1 "$tap_name"
	fi
}

# skip NAME WHY: the test cannot run here
skip()
{
	tap_n=$((tap_n + 1))
	echo "ok $tap_n $1 # SKIP $2"
}

# is NAME WANT GOT: two strings are equal
is()
{
	if [ "$2" = "$3" ]; then
		tap_result 0 "$1"
	else
		echo "# wanted '$2', got '$3'"
		tap_result 1 "$1"
	fi
}

# until_true COMMAND...: waits, with a bound against hangs, for a command to succeed
until_true()
{
	tap_i=0
	while [ $tap_i -lt 600 ]; do
		if "$@" >/dev/null 2>&1; then
			return 0
		fi
		sleep 0.1
		tap_i=$((tap_i + 1))
	done
	return 1
}

finish()
{
	if [ "$tap_n" -ne "$plan" ]; then
		echo "# planned $plan, ran $tap_n"
		exit 1
	fi
	[ "$tap_failed" -eq 0 ]
}
