# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Certificates for tests in shell, by openssl. Sourced after parts.sh.

pki_conf()
{
	printf '[req]\ndistinguished_name = name\n[name]\n' >"$dir/openssl.cnf"
}

# pki_authority NAME: NAME.pem and NAME.key
pki_authority()
{
	pki_conf
	openssl req -config "$dir/openssl.cnf" -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -keyout "$dir/$1.key" -out "$dir/$1.pem" -subj "/CN=$1" -days 30 \
		-addext basicConstraints=critical,CA:TRUE 2>/dev/null
}

# pki_make NAME AUTHORITY PURPOSE [DAYS]: NAME.pem and NAME.key
pki_make()
{
	printf 'extendedKeyUsage=%s\nbasicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost,IP:127.0.0.1,IP:192.0.2.1,IP:198.51.100.1\n' \
		"$3" >"$dir/$1.ext"
	openssl req -config "$dir/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$dir/$1.key" -out "$dir/$1.csr" -subj "/CN=$1" 2>/dev/null &&
		openssl x509 -req -in "$dir/$1.csr" -CA "$dir/$2.pem" -CAkey "$dir/$2.key" \
			-CAcreateserial -out "$dir/$1.pem" -days "${4:-30}" \
			-extfile "$dir/$1.ext" 2>/dev/null
}
