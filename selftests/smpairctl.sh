#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Each verb of smpairctl that people type, as text and as JSON: what it says is what
# driver, module and centre know, and what it cannot do it refuses with a reason.
# Pairing and exchange are in cli.sh, the agent's verbs in smpaird.sh.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=rig/tap.sh
. "$here/rig/tap.sh"
# shellcheck source=rig/parts.sh
. "$here/rig/parts.sh"

parts_need smpair-provision smpair-centre smpair-softmod

tap_plan 44

parts_provision 1
host=$(cat "$dir/host1")

# said WANT COMMAND...: the command succeeds, and a line of it matches
said()
{
	said_want=$1
	shift
	"$@" >"$dir/said" 2>&1 && grep -qE -e "$said_want" "$dir/said" || {
		cat "$dir/said"
		return 1
	}
}
# refused STATUS WANT COMMAND...: it ends with that status and says why
refused()
{
	refused_status=$1
	refused_want=$2
	shift 2
	refused_got=0
	"$@" >"$dir/said" 2>&1 || refused_got=$?
	[ "$refused_got" -eq "$refused_status" ] && grep -qE -e "$refused_want" "$dir/said" || {
		echo "ended with $refused_got"
		cat "$dir/said"
		return 1
	}
}
command_to() { centre manage --module "$mod" --op unblock-pin --tries 5 --out "$1"; }
pasted() { smpairctl "$1" "$(dev)" --in - --out - <"$2" >"$3" 2>"$dir/told"; }
pair()
{
	smpairctl pair "$(dev)" --plan --json >"$dir/plan.json"
	centre pin --module "$mod" --host "$host" --index "$(field index "$dir/plan.json")" \
		--request-code "$(field request_code "$dir/plan.json")" --plain |
		smpairctl pair "$(dev)" --pin-fd 0
}

smpairctl doctor >"$dir/doctor" 2>&1
is "doctor_misses_credentials_and_module" "credentials modules" \
	"$(sed -n 's/^fail *\([a-z]*\) .*/\1/p' "$dir/doctor" | tr '\n' ' ' | sed 's/ $//')"
is "each_failure_has_one_next_action" "$(grep -c '^fail' "$dir/doctor")" \
	"$(grep -A1 '^fail' "$dir/doctor" | grep -c '^ *next: ')"
ok "host_show_without_credentials_says_what_to_do" refused 3 'host load' smpairctl host show
ok "list_of_nothing_is_an_empty_array" said '"modules": *\[\]' smpairctl list --json
ok "slots_of_a_module_that_is_not_there_are_refused" refused 7 . smpairctl slots smpair0

start_module "$dir/d/module-$mod.img"
host_load 1
ok "module_is_unpaired" until_true state_is unpaired
d=$(dev)
ok "doctor_is_content" said "^ok +credentials +loaded for host $host" smpairctl doctor
ok "doctor_tells_programs_the_same" said '"exit": *0' smpairctl doctor --json
ok "host_show_names_the_host" said "^Host +$host$" smpairctl host show
ok "host_show_names_the_host_to_programs" said "\"host_id\": *\"$host\"" smpairctl host show --json
ok "list_shows_the_module_and_its_state" said "^$d .*unpaired" smpairctl list
ok "list_shows_programs_the_module" said "\"module_id\": *\"$mod\"" smpairctl list --json
ok "info_before_pairing_vouches_for_nothing" said "^ +module +$mod \(not authenticated\)" \
	smpairctl info "$d"
ok "slots_are_unknown_before_pairing" said '"slots": *\[\]' smpairctl slots "$d" --json

ok "module_is_paired_by_the_centres_pin" pair
ok "info_after_pairing_vouches_for_the_module" said "^ +module +$mod$" smpairctl info "$d"
ok "the_pairing_vouches_for_it_to_programs_too" said '"authenticated": *true' \
	smpairctl info "$d" --json
ok "slots_show_this_host" said '^ +0 .*this host' smpairctl slots "$d"
ok "slots_show_programs_this_host" said '"self": *true' smpairctl slots "$d" --json

ok "close_ends_the_session" said 'closed' smpairctl close "$d"
ok "module_is_closed" until_true state_is closed
ok "open_begins_another" said '"result": *"opened"' smpairctl open "$d" --json
ok "module_is_paired_again" until_true state_is paired

ok "centre_makes_a_command" command_to "$dir/command"
ok "command_is_carried_to_the_module" said 'command 1 of module .* answered with 9000' \
	smpairctl manage "$d" --in "$dir/command" --out "$dir/receipt"
ok "centre_believes_the_receipt" centre receipt --module "$mod" "$dir/receipt"
command_to - >"$dir/command.txt" 2>"$dir/told"
ok "command_is_carried_as_text" pasted manage "$dir/command.txt" "$dir/receipt.txt"
ok "centre_believes_the_pasted_receipt" centre receipt --module "$mod" "$dir/receipt.txt"
ok "command_is_obeyed_once" refused 1 . \
	smpairctl manage "$d" --in "$dir/command" --out "$dir/again"
ok "refused_command_leaves_no_file" test ! -e "$dir/again"
sed '2s/[0-9]/x/' "$dir/command.txt" >"$dir/mistyped.txt"
ok "mistyped_text_is_refused_by_its_line" refused 2 'line 1 ' \
	smpairctl manage "$d" --in "$dir/mistyped.txt" --out "$dir/again"
printf 'short' >"$dir/short"
ok "short_command_is_refused" refused 2 '48 bytes' smpairctl manage "$d" --in "$dir/short" --out "$dir/again"
command_to "$dir/next" >/dev/null
ok "place_that_cannot_be_written_is_found_before_the_module_is_asked" refused 2 no-such-folder \
	smpairctl manage "$d" --in "$dir/next" --out "$dir/no-such-folder/receipt"
ok "the_command_still_counts" said '"receipt_status": *"9000"' \
	smpairctl manage "$d" --in "$dir/next" --out "$dir/receipt2" --json

centre nonce --module "$mod" --out "$dir/nonce" >/dev/null
ok "module_reports" said "module $mod reports N " smpairctl report "$d" --in "$dir/nonce" --out "$dir/report"
ok "centre_believes_the_report" centre report --module "$mod" "$dir/report"
centre nonce --module "$mod" --out - >"$dir/nonce.txt"
ok "module_reports_as_text" pasted report "$dir/nonce.txt" "$dir/report.txt"
ok "centre_believes_the_pasted_report" centre report --module "$mod" "$dir/report.txt"
ok "command_is_no_nonce" refused 2 'not a nonce' \
	smpairctl report "$d" --in "$dir/command.txt" --out "$dir/again"

status "monitor_ends_with_its_timeout" 124 smpairctl monitor --timeout 1
smpairctl monitor --count 1 --json >"$dir/events.json" 2>/dev/null &
# The first event may come before the monitor has joined.
event_seen()
{
	module remove
	sleep 0.2
	module insert
	sleep 0.2
	test -s "$dir/events.json"
}
ok "events_come_as_they_happen" until_true event_seen
ok "event_says_what_happened_to_which_module" \
	grep -qE "\"event\": *\"(add|del|change)\".*\"name\": *\"smpair" "$dir/events.json"

until_true state_is paired
ok "host_clear_forgets_the_credentials" smpairctl host clear
ok "host_show_after_clear_shows_nothing" refused 3 'host load' smpairctl host show

finish
