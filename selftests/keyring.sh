#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Host secrets that rest encrypted under another key of the kernel, by the commands
# of Documentation/embedded.rst: how they are made, loaded, kept over a reboot, and
# what smpairctl says of keys that will not do.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=rig/tap.sh
. "$here/rig/tap.sh"

# shellcheck source=rig/parts.sh
. "$here/rig/parts.sh"

parts_need smpair-provision smpair-softmod keyctl

# add TYPE NAME: what is on standard input becomes a key; its serial is told
add() { keyctl padd "$1" "$2" @u; }
add_blob() { { printf 'load ' && cat "$1"; } | add encrypted smpair-host >"$dir/serial"; }
add_master() { add user smpair-kmk <"$dir/master" >"$dir/master-serial"; }
hexadecimal() { od -An -v -tx1 | tr -d ' \n'; }

# load KEY [HOST]: in a session that has no other keyring, as services have
load()
{
	keyctl session - smpairctl host load --kernel-key "$1" --info "$dir/d/host-${2:-$host}.json" \
		--json >"$dir/load.json" 2>/dev/null
}

# What a reboot leaves: files
reboot()
{
	end_module
	keyctl unlink %encrypted:smpair-host @u && keyctl unlink %user:smpair-kmk @u &&
		rmmod smpair_virt && rmmod smpair && load_driver && until_true test -c /dev/smpair_virt
}

# The way of kernels that encrypt what user space gives them
add_plain()
{
	{
		printf 'new default user:smpair-kmk %d ' "$(wc -c <"$1")" && hexadecimal <"$1"
	} | add encrypted smpair-made >"$dir/made"
}

head -c 32 /dev/urandom >"$dir/master"
provision domain --out "$dir/d" >/dev/null
host=$(provision host --domain "$dir/d/domain.json" --out "$dir/d" --issuer 257 --serial 1 --print-id)
other=$(provision host --domain "$dir/d/domain.json" --out "$dir/d" --issuer 257 --serial 2 --print-id)
mod=$(provision module --domain "$dir/d/domain.json" --out "$dir/d" --pin-policy none --print-id)
key=$dir/d/host-$host.key
blob=$dir/d/host-$host.blob

tap_plan 33

ok "secrets_are_encrypted_for_the_hosts_kernel" provision encrypt --key "$key" \
	--master smpair-kmk --master-key "$dir/master" --out "$dir/d"
is "blob_shows_no_secret" 0 "$(grep -c "$(tail -c +17 "$key" | head -c 32 | hexadecimal)" "$blob")"
ok "master_key_is_added" add_master
ok "kernel_takes_the_blob" add_blob "$blob"
ok "key_is_loaded_by_its_description" load encrypted:smpair-host
is "its_host_is_the_one" "$host" "$(field host_id "$dir/load.json")"
ok "software_module_starts" start_module "$dir/d/module-$mod.img"
ok "module_is_unpaired" until_true state_is unpaired
ok "module_pairs" smpairctl pair "$(dev)"
ok "module_is_paired" until_true state_is paired
is "data_come_back_under_the_session_keys" "hello" \
	"$(printf '\000hello' | smpairctl exchange "$(dev)")"

ok "blob_is_read_back_from_the_kernel" sh -c "keyctl pipe %encrypted:smpair-host >'$dir/kept'"
ok "it_is_what_was_brought" cmp "$dir/kept" "$blob"
ok "host_is_booted_anew" reboot
status "secrets_come_from_one_place" 2 smpairctl host load --kernel-key logon:x --key "$key" \
	--info "$dir/d/host-$host.json"
status "they_come_from_somewhere" 2 smpairctl host load --info "$dir/d/host-$host.json"
status "no_such_key_ends_with_exit_code_2" 2 load encrypted:smpair-host
is "what_to_do_is_said" key-missing "$(field code "$dir/load.json")"
ok "master_key_is_added_again" add_master
ok "kept_blob_is_added" add_blob "$dir/kept"
ok "key_is_loaded_by_its_serial" load "$(cat "$dir/serial")"
ok "software_module_starts_again" start_module "$dir/d/module-$mod.img"
ok "pairing_is_recovered" until_true state_is paired

status "key_that_user_space_can_read_is_refused" 2 load "$(cat "$dir/master-serial")"
is "its_type_is_named_as_the_reason" key-type "$(field code "$dir/load.json")"
keyctl setperm "$(cat "$dir/serial")" 0x00210000
status "key_without_permission_to_search_ends_with_exit_code_9" 9 load "$(cat "$dir/serial")"
is "it_is_the_key_that_may_not_be_used" key-permission "$(field code "$dir/load.json")"
ok "credentials_in_use_stay" state_is paired
keyctl setperm "$(cat "$dir/serial")" 0x3f010000
status "info_of_another_host_is_refused" 2 load encrypted:smpair-host "$other"
is "the_mismatch_is_named" host-mismatch "$(field code "$dir/load.json")"
status "nothing_is_loaded_then" 3 smpairctl host show
if add_plain "$key" 2>/dev/null; then
	ok "kernel_encrypts_secrets_itself" load "$(cat "$dir/made")"
else
	skip "kernel_encrypts_secrets_itself" "the kernel is built without CONFIG_USER_DECRYPTED_DATA"
fi
head -c 32 /dev/urandom >"$dir/master"
keyctl unlink %encrypted:smpair-host @u
keyctl unlink %user:smpair-kmk @u
add_master
status "another_kernels_master_key_opens_nothing" 1 add_blob "$dir/kept"

finish
