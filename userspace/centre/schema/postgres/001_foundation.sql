-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- The centre's database on PostgreSQL: tables and meanings as after
-- sqlite/004_foundation.sql, which says what each column is. Numbers are BIGINT
-- and identifiers BYTEA; texts sort by their bytes wherever the server is.

CREATE TABLE domain (
	id BIGINT PRIMARY KEY CHECK (id = 1),
	dom BIGINT NOT NULL CHECK (dom BETWEEN 0 AND 4294967295),
	path TEXT NOT NULL,
	mac TEXT NOT NULL DEFAULT 'file'
);

CREATE TABLE master (
	kind BIGINT NOT NULL CHECK (kind IN (0, 1)),
	generation BIGINT NOT NULL CHECK (generation BETWEEN 1 AND 65535),
	check_value BYTEA NOT NULL CHECK (length(check_value) = 8),
	PRIMARY KEY (kind, generation)
);

CREATE TABLE module (
	mid BYTEA PRIMARY KEY CHECK (length(mid) = 8),
	pin_policy BIGINT NOT NULL CHECK (pin_policy BETWEEN 0 AND 3),
	ptc_max BIGINT NOT NULL CHECK (ptc_max BETWEEN 1 AND 15),
	n0 BIGINT NOT NULL CHECK (n0 BETWEEN 0 AND 4294967295),
	ft0 BYTEA NOT NULL CHECK (length(ft0) = 8),
	n BIGINT NOT NULL CHECK (n BETWEEN n0 AND 4294967295),
	ft BYTEA NOT NULL CHECK (length(ft) = 8),
	seq BIGINT NOT NULL DEFAULT 0 CHECK (seq BETWEEN 0 AND 4294967295),
	hold TEXT,
	mpin BIGINT NOT NULL DEFAULT 1 CHECK (mpin BETWEEN 1 AND 65535),
	mmgt BIGINT NOT NULL DEFAULT 1 CHECK (mmgt BETWEEN 1 AND 65535),
	version BIGINT NOT NULL DEFAULT 0 CHECK (version BETWEEN 0 AND 65535),
	tries BIGINT CHECK (tries BETWEEN 0 AND 15),
	frozen BIGINT NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1)),
	awaiting BIGINT NOT NULL DEFAULT 0 CHECK (awaiting IN (0, 1)),
	mseq BIGINT NOT NULL DEFAULT 0 CHECK (mseq BETWEEN 0 AND 4294967295),
	seen BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE host (
	sn BYTEA PRIMARY KEY CHECK (length(sn) = 8),
	rights BIGINT NOT NULL CHECK (rights BETWEEN 0 AND 65535),
	cyid BIGINT NOT NULL CHECK (cyid BETWEEN 0 AND 4294967295)
);

CREATE TABLE deny (
	mid BYTEA NOT NULL CHECK (length(mid) IN (0, 8)),
	sn BYTEA NOT NULL CHECK (length(sn) IN (0, 8)),
	reason TEXT NOT NULL,
	actor TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (mid, sn),
	CHECK (length(mid) + length(sn) > 0)
);
-- Hosts are asked for by the second column.
CREATE INDEX deny_of_host ON deny (sn);

CREATE TABLE terms (
	module_issuer BIGINT NOT NULL CHECK (module_issuer BETWEEN -1 AND 65535),
	host_issuer BIGINT NOT NULL CHECK (host_issuer BETWEEN -1 AND 65535),
	allowed BIGINT NOT NULL CHECK (allowed IN (0, 1)),
	hotline BIGINT NOT NULL CHECK (hotline IN (0, 1)),
	need_subscription BIGINT NOT NULL CHECK (need_subscription IN (0, 1)),
	need_rights BIGINT NOT NULL CHECK (need_rights BETWEEN 0 AND 65535),
	hosts_per_module BIGINT NOT NULL CHECK (hosts_per_module BETWEEN 0 AND 1000000),
	modules_per_host BIGINT NOT NULL CHECK (modules_per_host BETWEEN 0 AND 1000000),
	changes BIGINT NOT NULL CHECK (changes BETWEEN 0 AND 1000000),
	change_days BIGINT NOT NULL CHECK (change_days BETWEEN 1 AND 3660),
	PRIMARY KEY (module_issuer, host_issuer)
);
INSERT INTO terms VALUES (-1, -1, 1, 0, 0, 0, 0, 0, 0, 30);

CREATE TABLE subscription (
	mid BYTEA PRIMARY KEY REFERENCES module,
	starts BIGINT NOT NULL,
	ends BIGINT NOT NULL CHECK (ends > starts)
);

CREATE TABLE pairing (
	mid BYTEA NOT NULL REFERENCES module,
	n BIGINT NOT NULL CHECK (n BETWEEN 0 AND 4294967295),
	sn BYTEA NOT NULL REFERENCES host,
	state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 3),
	at BIGINT NOT NULL,
	PRIMARY KEY (mid, n, sn)
);
CREATE INDEX pairing_of_host ON pairing (sn, at);

CREATE TABLE former (
	mid BYTEA NOT NULL REFERENCES module,
	n BIGINT NOT NULL CHECK (n BETWEEN 0 AND 4294967295),
	ft BYTEA NOT NULL CHECK (length(ft) = 8),
	mpin BIGINT NOT NULL CHECK (mpin BETWEEN 1 AND 65535),
	copy BIGINT NOT NULL CHECK (copy IN (0, 1)),
	PRIMARY KEY (mid, n, ft, mpin)
);

CREATE TABLE requester (
	mid BYTEA NOT NULL REFERENCES module,
	sn BYTEA NOT NULL REFERENCES host,
	wrong BIGINT NOT NULL CHECK (wrong > 0),
	PRIMARY KEY (mid, sn)
);

CREATE TABLE pin_request (
	id BYTEA PRIMARY KEY CHECK (length(id) = 16),
	mid BYTEA NOT NULL REFERENCES module,
	sn BYTEA NOT NULL REFERENCES host,
	n BIGINT NOT NULL CHECK (n BETWEEN 0 AND 4294967295),
	code BIGINT NOT NULL CHECK (code BETWEEN 0 AND 999999),
	policy BIGINT NOT NULL CHECK (policy BETWEEN -1 AND 3),
	actor TEXT NOT NULL,
	at BIGINT NOT NULL,
	state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 4),
	cause TEXT NOT NULL,
	decided_by TEXT,
	decided_at BIGINT
);
CREATE INDEX pin_request_waiting ON pin_request (at, id) WHERE state = 0;
CREATE INDEX pin_request_of_pair ON pin_request (mid, sn) WHERE state < 2;

CREATE TABLE limit_state (
	scope BIGINT NOT NULL,
	id BYTEA NOT NULL,
	level BIGINT NOT NULL,
	at BIGINT NOT NULL,
	strikes BIGINT NOT NULL,
	blocked_until BIGINT NOT NULL,
	PRIMARY KEY (scope, id)
);
CREATE INDEX limit_state_age ON limit_state (at);

CREATE TABLE command (
	mid BYTEA NOT NULL REFERENCES module,
	seq BIGINT NOT NULL,
	op BIGINT NOT NULL,
	sw BIGINT,
	nexp BIGINT NOT NULL DEFAULT 4294967295,
	body BYTEA,
	data BYTEA,
	lost BIGINT NOT NULL DEFAULT 0 CHECK (lost IN (0, 1)),
	actor TEXT NOT NULL DEFAULT '',
	at BIGINT NOT NULL DEFAULT 0,
	receipt BYTEA CHECK (length(receipt) = 40),
	PRIMARY KEY (mid, seq)
);
CREATE INDEX command_open ON command (mid, seq) WHERE sw IS NULL;

CREATE TABLE report_nonce (
	nonce BYTEA PRIMARY KEY CHECK (length(nonce) = 16),
	mid BYTEA NOT NULL REFERENCES module,
	at BIGINT NOT NULL
);
CREATE INDEX report_nonce_of_module ON report_nonce (mid, at);

CREATE TABLE client (
	fingerprint BYTEA PRIMARY KEY CHECK (length(fingerprint) = 32),
	name TEXT COLLATE "C" NOT NULL UNIQUE,
	role TEXT NOT NULL CHECK (role IN ('agent', 'operator', 'supervisor', 'auditor'))
);

CREATE TABLE replay (
	client TEXT COLLATE "C" NOT NULL,
	key TEXT COLLATE "C" NOT NULL,
	digest BYTEA NOT NULL CHECK (length(digest) = 32),
	at BIGINT NOT NULL,
	cause TEXT NOT NULL,
	attempts_left BIGINT NOT NULL,
	PRIMARY KEY (client, key)
);
CREATE INDEX replay_by_age ON replay (at);

CREATE TABLE operator (
	name TEXT COLLATE "C" PRIMARY KEY,
	role TEXT NOT NULL CHECK (role IN ('operator', 'supervisor', 'auditor')),
	hash TEXT NOT NULL
);

CREATE TABLE signin_failure (
	kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('account', 'address')),
	who TEXT COLLATE "C" NOT NULL,
	wrong BIGINT NOT NULL CHECK (wrong > 0),
	last BIGINT NOT NULL,
	PRIMARY KEY (kind, who)
);
CREATE INDEX signin_failure_by_age ON signin_failure (last);

CREATE TABLE audit (
	seq BIGINT PRIMARY KEY,
	at BIGINT NOT NULL,
	actor TEXT NOT NULL,
	action TEXT NOT NULL,
	mid BYTEA CHECK (length(mid) = 8),
	sn BYTEA CHECK (length(sn) = 8),
	n BIGINT CHECK (n BETWEEN 0 AND 4294967295),
	known_n BIGINT CHECK (known_n BETWEEN 0 AND 4294967295),
	result TEXT NOT NULL CHECK (result IN ('done', 'issued', 'held', 'refused')),
	cause TEXT NOT NULL,
	detail TEXT,
	version BIGINT NOT NULL,
	key_id BIGINT NOT NULL,
	mac BYTEA NOT NULL
);
CREATE INDEX audit_of_module ON audit (mid, seq) WHERE mid IS NOT NULL;
CREATE INDEX audit_of_host ON audit (sn, seq) WHERE sn IS NOT NULL;

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the audit trail is only appended to'
		USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
	FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

CREATE TABLE audit_head (
	id BIGINT PRIMARY KEY CHECK (id = 1),
	seq BIGINT NOT NULL,
	mac BYTEA NOT NULL CHECK (length(mac) = 32),
	key_id BIGINT NOT NULL,
	seal BYTEA NOT NULL CHECK (length(seal) = 32)
);
