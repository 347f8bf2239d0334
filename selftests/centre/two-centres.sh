#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Two centres on one PostgreSQL server, each in a network of its own, and one agent
# that knows both. The folder that postgres-for-guest made is /share.

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=../rig/tap.sh
. "$here/../rig/tap.sh"
# shellcheck source=../rig/parts.sh
. "$here/../rig/parts.sh"
# shellcheck source=../rig/pki.sh
. "$here/../rig/pki.sh"
# shellcheck source=../rig/service.sh
. "$here/../rig/service.sh"
# shellcheck source=../rig/load.sh
. "$here/../rig/load.sh"

service_need
[ -x /share/postgres ] || tap_skip_all "no PostgreSQL in /share; run this by make check-two-centres"

tap_plan 29

pg=$dir/pg
# Its user may not enter folders of root.
start_database()
{
	chmod 711 "$dir" && mkdir -m 711 "$pg" && cp -r /share/data "$pg/" &&
		chmod 700 "$pg/data" && chown -R nobody "$pg" || return 1
	su nobody -s /bin/sh -c "LD_LIBRARY_PATH=/share/lib LOCPATH=/share/lib \
		exec /share/postgres -D $pg/data -c unix_socket_directories=$pg \
		-c unix_socket_permissions=0777" >"$dir/postgres.log" 2>&1 &
	echo $! >"$dir/postgres.pid"
	until_true grep -q "ready to accept connections" "$dir/postgres.log"
}
# acknowledge by|nobody: from now on the server acknowledges commits to nobody, though it
# keeps them, or does again
acknowledge()
{
	[ "$1" = nobody ] && standby=absent || standby=
	echo "synchronous_standby_names = '$standby'" >>"$pg/data/postgresql.conf" &&
		sql "SELECT pg_reload_conf()" && sql CHECKPOINT
}
# A checkpoint is made by the process that tells those who commit whom they wait for, once
# it has read the settings again.
sql()
{
	LD_LIBRARY_PATH=/share/lib /share/psql -X -q -v ON_ERROR_STOP=1 -h "$pg" -U test \
		-d postgres -c "$1" >/dev/null 2>>"$dir/postgres.log"
}
commit_waits() { ps | grep -q "COMMIT waitin[g] for"; }
asked_next() { grep -c "the next one is asked" "$dir/smpaird.log"; }

ok "database_starts" start_database
[ "$tap_failed" -eq 0 ] || { sed 's/^/# /' "$dir/postgres.log"; exit 1; }
db="postgresql:host=$pg user=test dbname=postgres"
parts_provision 2
pki_authority ca && pki_make server ca serverAuth && pki_make agent ca clientAuth
centre client-add --name gateway --role agent --cert "$dir/agent.pem"

a=192.0.2.1 b=198.51.100.1
ok "each_centre_has_a_network_of_its_own" eval "network a $a 192.0.2.2 && network b $b 198.51.100.2"
ok "first_centre_gets_ready" serve a $a
ok "second_centre_gets_ready_on_the_same_database" serve b $b
conf "https://$a:8443 https://$b:8443"
start_module "$dir/d/module-$mod.img"
host_load 1
until_true state_is unpaired
ok "agent_starts" start_agent
ok "module_pairs_with_nobody_at_the_keyboard" until_true state_is paired
is "first_centre_of_the_list_was_asked" 0 "$(asked_next)"
ok "confirmation_is_delivered" until_true queue_is 0

acknowledge nobody
forget
ok "request_waits_for_the_commit_of_the_first_centre" until_true commit_waits
ok "first_centre_is_killed_in_the_middle_of_it" stop_centre a KILL
acknowledge again
ok "second_centre_answers_the_same_request" until_true state_is paired
is "agent_tells_that_it_asked_the_next" 1 "$(grep -c "centre https://$a:8443: .*the next one is asked" "$dir/smpaird.log")"
ok "it_was_decided_once" log_counts "gateway.*issued" 2
ok "both_pairings_are_confirmed" until_true log_counts "confirm.*paired" 2

ok "first_centre_comes_back" serve a $a
stop_centre b KILL
forget
ok "it_answers_once_the_second_is_killed" until_true state_is paired

serve b $b
kill -STOP "$(cat "$dir/a.pid")"
forget
ok "one_that_hangs_gives_way_in_its_part_of_the_time" until_true state_is paired
kill -CONT "$(cat "$dir/a.pid")"
until_true queue_is 0

ok "modules_for_a_load_are_registered" load_provision 6
# Not in a function of "ok", which would wait for them
load 1 $a $b >/dev/null 2>&1 &
echo $! >"$dir/load-1.pid"
load 2 $b $a >/dev/null 2>&1 &
echo $! >"$dir/load-2.pid"
forget
ok "agents_get_pins_of_either_centre" until_true seen_by_both
kill -KILL "$(cat "$dir/a.pid")"
seen=$(seen_count)
ok "module_pairs_while_a_centre_is_killed_under_load" until_true state_is paired
ok "load_goes_on_at_the_other" until_true seen_more $((seen + 4))
touch "$dir/load-end"
wait "$(cat "$dir/load-1.pid")" "$(cat "$dir/load-2.pid")"
is "load_was_refused_nothing" "" "$(cat "$dir/refused1" "$dir/refused2")"
ok "whatever_an_agent_saw_is_in_the_trail" load_is_audited
ok "trail_of_the_load_is_sound" centre audit verify
until_true queue_is 0
stop_agent
serve a $a
host_load 2
until_true state_is unpaired
ok "agent_of_another_host_starts" start_agent
ok "module_pairs_with_that_host_as_well" until_true state_is paired
until_true queue_is 0
ok "its_pin_is_in_the_trail" log_has "issued.*host $(cat "$dir/host2") "
is "no_index_was_issued_twice" "" \
	"$(centre log --module "$mod" | sed -n 's/.* issued .*\(N [0-9]*\) .*/\1/p' | sort | uniq -d)"
stop_agent
stop_centre a
stop_centre b
ok "audit_trail_is_sound" centre audit verify

[ "$tap_failed" -eq 0 ] || sed 's/^/# /' "$dir/smpaird.log" "$dir/a.log" "$dir/b.log" "$dir/postgres.log"
finish
