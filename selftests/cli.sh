#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The programs as a person or a script uses them: provisioning, centre, software
# module and smpairctl agree with each other and with the driver.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=rig/tap.sh
. "$here/rig/tap.sh"

# shellcheck source=rig/parts.sh
. "$here/rig/parts.sh"

parts_need smpair-provision smpair-centre smpair-softmod

pair_pin()
{
	printf '%s\n' "$1" | smpairctl pair "$(dev)" --json --pin-fd 0 >"$dir/pair.json" 2>"$dir/pair.err"
}

tap_plan 24

ok "domain_is_provisioned" provision domain --out "$dir/d"
ok "host_is_provisioned" sh -c "smpair-provision host --domain '$dir/d/domain.json' --out '$dir/d' --issuer 257 --serial 4660 --rights evict,list --print-id >'$dir/host'"
ok "module_is_provisioned" sh -c "smpair-provision module --domain '$dir/d/domain.json' --out '$dir/d' --issuer 513 --serial 22136 --slots 4 --print-id >'$dir/module'"
host=$(cat "$dir/host")
mod=$(cat "$dir/module")
is "identifiers_carry_check_digits" "257-4660-20 513-22136-41" "$host $mod"
status "files_are_never_overwritten_silently" 1 provision domain --out "$dir/d"
ok "centre_starts_its_database" centre init --domain "$dir/d/domain.json"
ok "centre_imports_host_and_module" centre import "$dir/d/host-$host.json" "$dir/d/module-$mod.json"
ok "software_module_starts" start_module "$dir/d/module-$mod.img"
ok "host_credentials_load" smpairctl host load --key "$dir/d/host-$host.key" --info "$dir/d/host-$host.json"
ok "module_is_unpaired" until_true state_is unpaired

smpairctl pair "$(dev)" --plan --json >"$dir/plan.json"
is "plan_names_the_index" 0 "$(field index "$dir/plan.json")"
rq=$(field request_code "$dir/plan.json")
status "centre_refuses_wrong_check_digits" 4 centre pin --module "${mod%-*}-99" --host "$host" --index 0 --request-code "$rq"
wrong=$(printf '%06d' $(((1${rq} + 1) % 1000000)))
status "centre_refuses_a_wrong_request_code" 4 centre pin --module "$mod" --host "$host" --index 0 --request-code "$wrong"
pin=$(centre pin --module "$mod" --host "$host" --index 0 --request-code "$rq" --plain)
is "centre_gives_eight_digits" 8 "${#pin}"

status "wrong_pin_ends_with_exit_code_5" 5 pair_pin "$(printf '%08d' $(((1${pin} + 1) % 100000000)))"
is "wrong_pin_reports_the_tries_left" 4 "$(field tries_left "$dir/pair.json")"
ok "centres_pin_pairs" pair_pin "$pin"
ok "module_is_paired" until_true state_is paired
is "data_come_back_under_the_session_keys" "hello" \
	"$(printf '\000hello' | smpairctl exchange "$(dev)")"
ok "pulled_module_is_gone" sh -c "smpair-softmod ctl --control '$ctl' remove && sleep 1"
status "exit_code_without_a_module_is_7" 7 smpairctl info smpair0
ok "module_is_inserted_again" module insert
ok "pairing_is_recovered_without_a_pin" until_true state_is paired
ok "unpair_frees_the_slot" smpairctl unpair "$(dev)"

finish
