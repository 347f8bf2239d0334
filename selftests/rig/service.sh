# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Centres as services, each in a network of its own, a cable away, and the agent that
# asks them. Sourced after parts.sh and pki.sh.

# That of iproute2: busybox has one that knows no network namespaces.
ip() { /bin/ip "$@"; }

service_need()
{
	parts_need smpaird smpair-centre openssl /bin/ip
	ip link add v0 type veth peer name v1 2>/dev/null ||
		tap_skip_all "this kernel has no veth to give a centre a network of its own"
	ip link del v0
}

# network NAME THERE HERE: a network NAME with the address THERE, reached from HERE
network()
{
	unshare -n sleep 3600 >/dev/null 2>&1 &
	echo $! >"$dir/net-$1.pid"
	until_true is_apart "$1" &&
		ip link add "v-$1" type veth peer name "w-$1" &&
		ip link set "w-$1" netns "$(cat "$dir/net-$1.pid")" &&
		ip addr add "$3/24" dev "v-$1" && ip link set "v-$1" up &&
		at "$1" sh -c "/bin/ip addr add $2/24 dev w-$1 && /bin/ip link set w-$1 up && /bin/ip link set lo up"
}
is_apart() { [ "$(readlink "/proc/$(cat "$dir/net-$1.pid")/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
# at NAME COMMAND...: in that network
at()
{
	at_net=$(cat "$dir/net-$1.pid")
	shift
	nsenter -n -t "$at_net" "$@"
}

# serve NAME ADDRESS [OPTION...]: a centre in the network NAME; its log is NAME.log.
# Not by at: a function in the background would hold on to the pipe of "ok".
serve()
{
	serve_name=$1 serve_address=$2
	shift 2
	nsenter -n -t "$(cat "$dir/net-$serve_name.pid")" smpair-centre \
		--db "${db:-$dir/centre.db}" serve --listen "$serve_address:8443" \
		--cert "$dir/server.pem" --key "$dir/server.key" --ca "$dir/ca.pem" "$@" \
		>>"$dir/$serve_name.log" 2>&1 &
	echo $! >"$dir/$serve_name.pid"
	until_true ready "$serve_name"
}
ready() { at "$1" busybox wget -q -O /dev/null http://127.0.0.1:9443/healthz/readyz; }
centre_gone() { ! kill -0 "$(cat "$dir/$1.pid")" 2>/dev/null; }
# stop_centre NAME [SIGNAL]
stop_centre() { kill "-${2:-TERM}" "$(cat "$dir/$1.pid")" 2>/dev/null; until_true centre_gone "$1"; }

# conf URLS [CERT [CA]]: of an agent
conf()
{
	cat >"$dir/smpaird.conf" <<END
[agent]
pair = yes
ask-password = no
state = $dir/state
socket = $dir/agent.sock
[centre]
url = $1
ca = $dir/${3:-ca}.pem
cert = $dir/${2:-agent}.pem
key = $dir/${2:-agent}.key
timeout = 15
poll = 2
[issuer *]
policy = auto
evict = yes
END
}
agent() { smpairctl "$@" --socket "$dir/agent.sock"; }
start_agent()
{
	mkdir -p "$dir/state"
	smpaird --config "$dir/smpaird.conf" >>"$dir/smpaird.log" 2>&1 &
	echo $! >"$dir/agent.pid"
	until_true agent status
}
agent_gone() { ! kill -0 "$(cat "$dir/agent.pid")" 2>/dev/null; }
stop_agent() { kill "-${1:-TERM}" "$(cat "$dir/agent.pid")" 2>/dev/null; until_true agent_gone; }
waits_for() { agent pending --json | grep -q "\"state\": *\"$1\""; }
queue_is() { [ "$(agent status --json >"$dir/status.json"; field messages_waiting "$dir/status.json")" = "$1" ]; }
log_has() { centre log | grep -q "$1"; }
log_counts() { [ "$(centre log | grep -c "$1")" -eq "$2" ]; }

reinsert() { module remove >/dev/null; until_true no_dev; module insert >/dev/null; until_true has_dev; }
no_dev() { [ -z "$(dev)" ]; }
has_dev() { [ -n "$(dev)" ]; }
# Insert the module anew as one that no longer knows the host
forget()
{
	smpairctl unpair "$(dev)" >/dev/null && until_true state_is unpaired && reinsert
}
