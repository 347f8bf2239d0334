# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Agents that ask centres for PINs of modules that nobody sees: by openssl, with request
# codes as protocol.rst prescribes. Sourced after parts.sh, pki.sh and service.sh.

bytes_of() { printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }
# hmac KEY DATA: all in hexadecimal
hmac()
{
	# shellcheck disable=SC2059
	printf "$(echo "$2" | sed 's/../\\x&/g')" |
		openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" | sed 's/.*= *//'
}
# id_bytes ISSUER-SERIAL-CC
id_bytes() { echo "$1" | { IFS=- read -r issuer serial cc; printf '%04x%012x' "$issuer" "$serial"; }; }

# code KPIN MODULE HOST FT: a request code at index 0, under the policy "indexed"
code()
{
	digest=$(hmac "$1" "$(bytes_of 'PDT1 REQ')03$(id_bytes "$2")$(id_bytes "$3")00000000$4")
	from=$((2 * 0x$(echo "$digest" | cut -c 64) + 1))
	printf '%06d' $(((0x$(echo "$digest" | cut -c "$from-$((from + 7))") & 0x7fffffff) % 1000000))
}

# load_provision MODULES: modules, each with a host for either of two agents, in the
# centre's database; requests are in load1 and load2
load_provision()
{
	mpin=$(field MPIN "$dir/d/domain.json")
	for i in 31 32 33 34; do
		provision host --domain "$dir/d/domain.json" --out "$dir/d" --issuer 257 \
			--serial $i --print-id >"$dir/load-host$i"
	done
	i=0
	while [ $i -lt "$1" ]; do
		i=$((i + 1))
		name=$(provision module --domain "$dir/d/domain.json" --out "$dir/d" --issuer 513 \
			--serial $((1000 + i)) --print-id)
		ft=$(field FT0 "$dir/d/module-$name.json")
		kpin=$(hmac "$mpin" "$(bytes_of PDT1)07$(bytes_of pin-mod)0008$(id_bytes "$name")002001")
		for j in 1 2; do
			host=$(cat "$dir/load-host$((30 + j + i % 2 * 2))")
			echo "$name $host $(code "$kpin" "$name" "$host" "$ft")" >>"$dir/load$j"
		done
	done
	centre import "$dir"/d/host-257-3?-*.json "$dir"/d/module-513-100?-*.json >/dev/null
	pki_make load ca clientAuth && centre client-add --name load --role agent --cert "$dir/load.pem"
}

# ask ADDRESS MODULE HOST CODE: is a PIN issued?
ask()
{
	body="{\"module\":\"$2\",\"host\":\"$3\",\"index\":0,\"request_code\":\"$4\",\"policy\":\"indexed\"}"
	printf 'POST /v1/pin-requests HTTP/1.1\r\nHost: centre\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
		${#body} "$body" |
		timeout 60 openssl s_client -quiet -verify_return_error -connect "$1:8443" \
			-cert "$dir/load.pem" -key "$dir/load.key" -CAfile "$dir/ca.pem"
}

# load I ADDRESS ADDRESS: until $dir/load-end is there, agent I asks one centre, and the
# other where it gets no answer; each request five times, that no limit is reached. What it
# saw is in seen1, what refused it in refused1.
load()
{
	load_at=$2 load_other=$3
	: >"$dir/refused$1"
	for load_round in 1 2 3 4 5; do
		while read -r name host code; do
			until [ -e "$dir/load-end" ]; do
				ask "$load_at" "$name" "$host" "$code" >"$dir/answer$1" 2>/dev/null </dev/null
				grep -q '"pin"' "$dir/answer$1" && echo "$name $host" >>"$dir/seen$1" && break
				grep '"code"' "$dir/answer$1" | grep -v -e database-away >>"$dir/refused$1"
				load_turn=$load_at load_at=$load_other load_other=$load_turn
			done
		done <"$dir/load$1"
	done
}
seen_count() { cat "$dir/seen1" "$dir/seen2" | wc -l; }
seen_more() { [ "$(seen_count)" -ge "$1" ]; }
seen_by_both() { [ -s "$dir/seen1" ] && [ -s "$dir/seen2" ]; }

# load_is_audited: Whatever an agent saw is in the trail, each as often as it was seen
load_is_audited()
{
	centre log >"$dir/trail"
	sort "$dir/seen1" "$dir/seen2" | uniq -c | while read -r count name host; do
		rows=$(grep " issued " "$dir/trail" | grep "module $name " | grep -c "host $host ")
		[ "$rows" -ge "$count" ] || echo "$name $host: seen $count times, issued $rows"
	done >"$dir/missed"
	[ -s "$dir/seen1" ] && [ ! -s "$dir/missed" ]
}
