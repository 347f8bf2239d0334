#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# From end to end: module, driver, agent, and the centre as a service in a network
# of its own. Nobody types anything except on the hotline.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=rig/tap.sh
. "$here/rig/tap.sh"
# shellcheck source=rig/parts.sh
. "$here/rig/parts.sh"
# shellcheck source=rig/pki.sh
. "$here/rig/pki.sh"
# shellcheck source=rig/service.sh
. "$here/rig/service.sh"

service_need

tap_plan 39

cause_is() { smpairctl list --json | grep -q "\"cause\": *\"$1\""; }
# Use the module's PIN tries up, with nobody who answers
block()
{
	smpairctl unpair "$(dev)" >/dev/null && until_true state_is unpaired && reinsert || return 1
	block_tries=0
	until cause_is pin-blocked; do
		block_tries=$((block_tries + 1))
		[ $block_tries -le 12 ] || return 1
		until_true state_is unpaired || return 1
		printf '%08d\n' $block_tries | smpairctl pair "$(dev)" --pin-fd 0 >/dev/null 2>&1
		cause_is pin-blocked || reinsert
	done
}
order() { centre manage --module "$mod" --out - "$@" >/dev/null; }
writes() { module counters | sed 's/.*"since_start":{"nvm_writes":\([0-9]*\).*/\1/'; }
# order_slowly OPTION...: the module obeys, and its answer takes long
order_slowly()
{
	writes >"$dir/writes"
	module fault delay answer 1 12000 >/dev/null && order "$@" && until_true has_obeyed
}
has_obeyed() { [ "$(writes)" -gt "$(cat "$dir/writes")" ]; }
nothing_is_queued() { [ -z "$(centre commands --module "$mod")" ]; }
# fetch_as CLIENT: what an agent of that name asks when it meets the module
fetch_as()
{
	printf 'GET /v1/modules/%s/commands HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$mod" |
		openssl s_client -quiet -connect 192.0.2.1:8443 -CAfile "$dir/ca.pem" \
			-cert "$dir/$1.pem" -key "$dir/$1.key" 2>/dev/null | grep -q '"command":' &&
		centre commands --module "$mod" | grep -q "last to $1"
}

parts_provision 1
host=$(cat "$dir/host1")
pki_authority ca && pki_authority other &&
	pki_make server ca serverAuth && pki_make agent ca clientAuth &&
	pki_make second ca clientAuth && pki_make stranger ca clientAuth && pki_make expired ca clientAuth -1
centre client-add --name gateway --role agent --cert "$dir/agent.pem"
centre client-add --name second --role agent --cert "$dir/second.pem"
centre client-add --name late --role agent --cert "$dir/expired.pem"

ok "centre_has_a_network_of_its_own" network centre 192.0.2.1 192.0.2.2
ok "centre_gets_ready" serve centre 192.0.2.1
conf https://192.0.2.1:8443
start_module "$dir/d/module-$mod.img"
host_load 1
until_true state_is unpaired
ok "agent_starts" start_agent
ok "module_pairs_with_nobody_at_the_keyboard" until_true state_is paired
ok "centre_learns_that_it_was_paired" until_true log_has "confirm.*paired"
ok "data_are_exchanged_under_the_new_key" \
	sh -c "[ \"\$(printf '\\000hello' | smpairctl exchange '$(dev)')\" = hello ]"
ok "next_pairing_gets_a_pin_of_its_own" sh -c "smpairctl unpair '$(dev)'"
reinsert
ok "unpaired_module_pairs_again_when_it_is_inserted" until_true state_is paired
is "both_pins_were_issued_to_the_agent" 2 "$(centre log | grep -c 'gateway.*issued')"

stop_agent
stop_centre centre
conf https://192.0.2.1:8443
start_agent
forget
ok "centre_out_of_reach_is_told_as_such" until_true cause_is centre-unreachable
serve centre 192.0.2.1
reinsert
ok "it_pairs_as_soon_as_the_centre_is_back" until_true state_is paired

kill -STOP "$(cat "$dir/centre.pid")"
forget
ok "request_waits_for_a_centre_that_hangs" until_true waits_for centre
kill -CONT "$(cat "$dir/centre.pid")"
ok "centre_that_was_slow_still_decides" until_true state_is paired

stop_centre centre KILL
forget
ok "request_waits_while_the_centre_is_restarted" until_true waits_for centre
serve centre 192.0.2.1
ok "restarted_centre_decides_the_request" until_true state_is paired

ok "confirmation_of_a_pairing_is_delivered" until_true queue_is 0
stop_agent
conf https://192.0.2.1:8443 stranger
start_agent
forget
ok "unregistered_agent_is_refused_by_the_centre" until_true cause_is centre-refused
stop_agent
conf https://192.0.2.1:8443 expired
start_agent
reinsert
ok "expired_certificate_is_no_way_in" \
	until_true sh -c "smpairctl list --json | grep -qE '\"cause\": *\"centre-(refused|unreachable)\"'"
stop_agent
conf https://192.0.2.1:8443 agent other
start_agent
reinsert
ok "centre_of_another_authority_is_not_believed" until_true cause_is centre-unreachable
stop_agent

stop_centre centre
serve centre 192.0.2.1 --hotline
conf https://192.0.2.1:8443
start_agent
reinsert
ok "on_the_hotline_the_request_is_held" until_true waits_for held
ok "operator_sees_what_waits" sh -c "smpair-centre --db '$dir/centre.db' held | grep -q '$mod'"
agent pending --json >"$dir/pending.json"
pin=$(centre pin --module "$mod" --host "$host" --index "$(field index "$dir/pending.json")" \
	--request-code "$(field request_code "$dir/pending.json")" --plain)
ok "pin_that_the_operator_reads_out_is_typed_at_the_host" \
	sh -c "printf '%s\n' '$pin' | smpairctl answer --socket '$dir/agent.sock' --pin-fd 0"
ok "hotline_pairs" until_true state_is paired
is "no_pin_is_in_any_log" "" "$(grep -F "$pin" "$dir/smpaird.log" "$dir/centre.log")"

stop_agent KILL
stop_centre centre
conf https://192.0.2.1:8443
start_agent
ok "agent_that_was_killed_starts_again_and_is_connected" \
	sh -c "smpairctl status --socket '$dir/agent.sock' | grep -q 'Driver *connected'"

serve centre 192.0.2.1
stop_agent
ok "module_is_blocked_by_wrong_pins" block
start_agent
ok "blocked_module_is_left_alone" cause_is pin-blocked
order --op unblock-pin --tries 5
ok "blocked_module_is_unblocked_and_paired_with_nobody_at_the_keyboard" until_true state_is paired
ok "receipt_is_in_the_trail" until_true log_has "gateway *receipt *done"
ok "command_is_no_longer_queued" until_true nothing_is_queued

ok "command_is_carried_to_a_module_that_stays" order_slowly --op revoke-host --host 257-99-26
stop_centre centre KILL
ok "receipt_waits_on_disk_while_the_centre_is_away" until_true queue_is 1
stop_agent KILL
start_agent
serve centre 192.0.2.1
ok "receipt_is_delivered_by_the_next_agent_once_the_centre_is_back" \
	until_true log_counts "gateway *receipt *done" 2
ok "nothing_is_queued_for_the_module" nothing_is_queued

stop_agent
block
start_agent
order_slowly --op unblock-pin --tries 5
stop_agent KILL
start_agent
ok "report_tells_what_became_of_a_command_whose_agent_was_killed" \
	until_true log_has "gateway *report *done"
ok "module_that_had_been_unblocked_then_pairs" until_true state_is paired

# Another agent has what this one would carry, and brings no receipt.
stop_agent
stop_centre centre
serve centre 192.0.2.1 --lease 5
order --op unblock-pin --tries 4
ok "another_agent_fetches_a_command_and_is_not_heard_of_again" fetch_as second
sed -i 's/^poll = .*/poll = 86400/' "$dir/smpaird.conf"
start_agent
ok "command_is_carried_by_the_next_agent_as_soon_as_it_may" until_true nothing_is_queued
ok "audit_trail_is_sound" centre audit verify

[ "$tap_failed" -eq 0 ] || sed 's/^/# /' "$dir/smpaird.log" "$dir/centre.log"
finish
