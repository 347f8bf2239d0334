#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The agent smpaird with people behind it: it waits for the driver, begins
# pairings, asks, answers, declines in time, and is told of everything by its
# socket.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=rig/tap.sh
. "$here/rig/tap.sh"
# shellcheck source=rig/parts.sh
. "$here/rig/parts.sh"

# Where the guest has what is built for tests, and where it is built or installed
PATH=$PATH:$here:$here/../build/selftests
parts_need smpaird password-agent

tap_plan 33

parts_provision 2
host=$(cat "$dir/host1")
start_module "$dir/d/module-$mod.img"
host_load 1

# conf PAIR ASK: whether the agent begins pairings, and asks password agents
conf()
{
	cat >"$dir/smpaird.conf" <<END
[agent]
state = $dir/state
socket = $dir/agent.sock
priority = 7
pair = $1
ask-password = $2
[issuer *]
policy = ask
END
}
agent() { smpairctl "$@" --socket "$dir/agent.sock"; }
start_agent()
{
	smpaird --config "$dir/smpaird.conf" >"$dir/smpaird.log" 2>&1 &
	echo $! >"$dir/agent.pid"
	until_true agent status
}
agent_gone() { ! kill -0 "$(cat "$dir/agent.pid")" 2>/dev/null; }
stop_agent() { kill "-${1:-TERM}" "$(cat "$dir/agent.pid")" && until_true agent_gone; }
agent_waits() { agent pending --json | grep -q '"state": *"people"'; }
agent_idle() { agent pending | grep -q 'none waits'; }
pending_field() { agent pending --json >"$dir/pending.json" && field "$1" "$dir/pending.json"; }
centre_pin()
{
	centre pin --module "$mod" --host "$host" --index "$(pending_field index)" \
		--request-code "$(pending_field request_code)" --plain
}
ask_agent() { smpairctl pair "$(dev)" --agent --json >"$dir/pair.json" 2>/dev/null & }
answer() { printf '%s\n' "$1" | agent answer --pin-fd 0; }

mkdir -p "$dir/state"
status "configuration_without_sense_ends_with_exit_code_2" 2 \
	smpaird --config /dev/null/none
conf yes no
ok "configuration_is_checked_without_starting" smpaird --config "$dir/smpaird.conf" --check
ok "module_is_unpaired" until_true state_is unpaired
ok "agent_starts_and_answers" start_agent
ok "agent_is_connected_to_the_driver" sh -c "smpairctl status --socket '$dir/agent.sock' | grep -q 'Driver *connected'"
ok "agent_begins_the_pairing_and_asks_people" until_true agent_waits
is "front_ends_see_the_index" 0 "$(pending_field index)"
is "front_ends_see_the_module" "$mod" "$(pending_field module_id)"
status "mistyped_pin_is_refused_and_burns_no_try" 2 answer 1234567
ok "the_request_still_waits" agent_waits
status "second_agent_on_the_socket_is_refused" 1 smpaird --config "$dir/smpaird.conf"
pin=$(centre_pin)
ok "typed_pin_pairs" answer "$pin"
ok "module_is_paired" until_true state_is paired
ok "nothing_waits_any_more" agent_idle
is "no_pin_reached_the_log" "" "$(grep -F "$pin" "$dir/smpaird.log")"

smpairctl unpair "$(dev)"
until_true state_is unpaired
ask_agent
ok "request_of_another_program_reaches_the_agent" until_true agent_waits
ok "sigterm_declines_what_is_pending" stop_agent TERM
ok "the_program_learns_that_it_was_declined" until_true grep -q '"declined"' "$dir/pair.json"

# With password agents, as systemd has them. The first question is mistyped.
passwords=/run/systemd/ask-password
person() { password-agent >"$dir/asked"; }
person_answers() { printf '%s\n' "$1" | person; }
person_cancels() { person </dev/null; }
asked_again() { grep -q 'again, the last one was mistyped' "$passwords"/ask.*; }
nobody_is_asked() { [ -z "$(ls "$passwords")" ]; }
mkdir -p "$passwords"
conf no yes
ok "agent_starts_where_password_agents_are" start_agent
ask_agent
ok "agent_asks_password_agents" until_true agent_waits
pin=$(centre_pin)
ok "mistyped_pin_reaches_the_agent" person_answers 1234567
ok "question_names_the_module" grep -q "^PIN to pair module $mod " "$dir/asked"
ok "the_question_is_put_again" until_true asked_again
ok "pin_given_to_a_password_agent_pairs" person_answers "$pin"
ok "module_is_paired_by_a_password_agent" until_true state_is paired
ok "no_question_is_left" until_true nobody_is_asked
is "no_pin_of_a_password_agent_reached_the_log" "" "$(grep -F "$pin" "$dir/smpaird.log")"
smpairctl unpair "$(dev)"
until_true state_is unpaired
ask_agent
ok "person_cancels_the_question" person_cancels
ok "a_cancelled_question_declines" until_true grep -q '"declined"' "$dir/pair.json"
stop_agent TERM

conf yes no
rmmod smpair_virt 2>/dev/null
end_module
rmmod smpair_virt smpair
ok "agent_starts_without_the_driver" start_agent
is "agent_waits_for_the_driver" "absent" "$(agent status --json >"$dir/status.json"; field driver "$dir/status.json")"
load_driver
start_module "$dir/d/module-$mod.img"
host_load 1
ok "agent_finds_the_driver_that_was_loaded_later" until_true agent_waits
ok "killed_agent_leaves_the_pairing_to_fail_at_once" sh -c "kill -KILL $(cat "$dir/agent.pid")"

finish
