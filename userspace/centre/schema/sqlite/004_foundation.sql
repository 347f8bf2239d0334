-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- An audit trail takes the place of the log; denials, terms, pairings, the queue of
-- commands and the generations of masters get tables of their own.

-- Where the masters are: a provider of MACs and what it is opened with.
ALTER TABLE domain ADD COLUMN mac TEXT NOT NULL DEFAULT 'file';

-- Values derived from the masters, so that a wrong one is noticed.
CREATE TABLE master (
	kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
	generation INTEGER NOT NULL CHECK (generation BETWEEN 1 AND 65535),
	check_value BLOB NOT NULL CHECK (length(check_value) = 8),
	PRIMARY KEY (kind, generation)
) STRICT, WITHOUT ROWID;
INSERT INTO master SELECT 0, 1, mpin_check FROM domain;
ALTER TABLE domain DROP COLUMN mpin_check;

-- A module, a host, or the pairing of both; an empty identifier is anybody.
CREATE TABLE deny (
	mid BLOB NOT NULL CHECK (length(mid) IN (0, 8)),
	sn BLOB NOT NULL CHECK (length(sn) IN (0, 8)),
	reason TEXT NOT NULL,
	actor TEXT NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (mid, sn),
	CHECK (length(mid) + length(sn) > 0)
) STRICT, WITHOUT ROWID;
INSERT INTO deny SELECT mid, x'', '', '', 0 FROM module WHERE denied;
INSERT INTO deny SELECT x'', sn, '', '', 0 FROM host WHERE denied;
INSERT INTO deny SELECT mid, sn, '', '', 0 FROM denied_pair;
DROP TABLE denied_pair;
ALTER TABLE module DROP COLUMN denied;
ALTER TABLE host DROP COLUMN denied;

-- Generations of the masters that its keys follow from; version of the settings
-- and PIN tries as it last told; awaiting: of what a report must tell before the
-- next PIN; mseq: highest sequence number that it is known to have used.
ALTER TABLE module ADD COLUMN mpin INTEGER NOT NULL DEFAULT 1 CHECK (mpin BETWEEN 1 AND 65535);
ALTER TABLE module ADD COLUMN mmgt INTEGER NOT NULL DEFAULT 1 CHECK (mmgt BETWEEN 1 AND 65535);
ALTER TABLE module ADD COLUMN version INTEGER NOT NULL DEFAULT 0 CHECK (version BETWEEN 0 AND 65535);
ALTER TABLE module ADD COLUMN tries INTEGER CHECK (tries BETWEEN 0 AND 15);
ALTER TABLE module ADD COLUMN frozen INTEGER NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1));
ALTER TABLE module ADD COLUMN awaiting INTEGER NOT NULL DEFAULT 0 CHECK (awaiting IN (0, 1));
ALTER TABLE module ADD COLUMN mseq INTEGER NOT NULL DEFAULT 0 CHECK (mseq BETWEEN 0 AND 4294967295);
ALTER TABLE module ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;

-- What an operator allows: for modules of one issuer with hosts of another; -1 is
-- any. The row that says most counts: both issuers, then the module's, then the
-- host's, then neither.
CREATE TABLE terms (
	module_issuer INTEGER NOT NULL CHECK (module_issuer BETWEEN -1 AND 65535),
	host_issuer INTEGER NOT NULL CHECK (host_issuer BETWEEN -1 AND 65535),
	allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)),
	hotline INTEGER NOT NULL CHECK (hotline IN (0, 1)),
	need_subscription INTEGER NOT NULL CHECK (need_subscription IN (0, 1)),
	need_rights INTEGER NOT NULL CHECK (need_rights BETWEEN 0 AND 65535),
	hosts_per_module INTEGER NOT NULL CHECK (hosts_per_module BETWEEN 0 AND 1000000),
	modules_per_host INTEGER NOT NULL CHECK (modules_per_host BETWEEN 0 AND 1000000),
	changes INTEGER NOT NULL CHECK (changes BETWEEN 0 AND 1000000),
	change_days INTEGER NOT NULL CHECK (change_days BETWEEN 1 AND 3660),
	PRIMARY KEY (module_issuer, host_issuer)
) STRICT, WITHOUT ROWID;
INSERT INTO terms VALUES (-1, -1, 1, 0, 0, 0, 0, 0, 0, 30);

-- The time for which a module may be paired, where terms ask for it.
CREATE TABLE subscription (
	mid BLOB PRIMARY KEY REFERENCES module,
	starts INTEGER NOT NULL,
	ends INTEGER NOT NULL CHECK (ends > starts)
) STRICT, WITHOUT ROWID;

-- Pairings for which a PIN was issued. state: 0 issued, 1 confirmed by an agent,
-- 2 proved by a later request code or report, 3 superseded.
CREATE TABLE pairing (
	mid BLOB NOT NULL REFERENCES module,
	n INTEGER NOT NULL CHECK (n BETWEEN 0 AND 4294967295),
	sn BLOB NOT NULL REFERENCES host,
	state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
	at INTEGER NOT NULL,
	PRIMARY KEY (mid, n, sn)
) STRICT, WITHOUT ROWID;
INSERT INTO pairing SELECT i.mid, i.n, i.sn, CASE WHEN EXISTS (SELECT 1
	FROM confirmation c WHERE c.mid = i.mid AND c.n = i.n AND c.sn = i.sn
	AND c.result = 'paired') THEN 1 ELSE 0 END, 0 FROM issue i;
DROP TABLE issue;
DROP TABLE confirmation;
CREATE INDEX pairing_of_host ON pairing (sn, at);

-- States that a module is in no more. copy: only a copy of it can be; mpin: the
-- generation of MPIN that its PIN key followed from then.
ALTER TABLE former RENAME TO former_1;
CREATE TABLE former (
	mid BLOB NOT NULL REFERENCES module,
	n INTEGER NOT NULL CHECK (n BETWEEN 0 AND 4294967295),
	ft BLOB NOT NULL CHECK (length(ft) = 8),
	mpin INTEGER NOT NULL CHECK (mpin BETWEEN 1 AND 65535),
	copy INTEGER NOT NULL CHECK (copy IN (0, 1)),
	PRIMARY KEY (mid, n, ft, mpin)
) STRICT, WITHOUT ROWID;
INSERT INTO former SELECT mid, n, ft, 1, 0 FROM former_1;
DROP TABLE former_1;

-- Requests that wait for a person, and what became of them. state: 0 waiting,
-- 1 released to the agent, 2 issued, 3 refused, 4 of no use any more.
CREATE TABLE pin_request (
	id BLOB PRIMARY KEY CHECK (length(id) = 16),
	mid BLOB NOT NULL REFERENCES module,
	sn BLOB NOT NULL REFERENCES host,
	n INTEGER NOT NULL CHECK (n BETWEEN 0 AND 4294967295),
	code INTEGER NOT NULL CHECK (code BETWEEN 0 AND 999999),
	policy INTEGER NOT NULL CHECK (policy BETWEEN -1 AND 3),
	actor TEXT NOT NULL,
	at INTEGER NOT NULL,
	state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
	cause TEXT NOT NULL,
	decided_by TEXT,
	decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX pin_request_waiting ON pin_request (at, id) WHERE state = 0;
CREATE INDEX pin_request_of_pair ON pin_request (mid, sn) WHERE state < 2;
INSERT INTO pin_request (id, mid, sn, n, code, policy, actor, at, state, cause)
	SELECT id, mid, sn, n, code, -1, client, at, 0, 'hotline' FROM held;
DROP TABLE held;

-- Buckets of requests: scope says of whom. Levels are thousandths of a request.
CREATE TABLE limit_state (
	scope INTEGER NOT NULL,
	id BLOB NOT NULL,
	level INTEGER NOT NULL,
	at INTEGER NOT NULL,
	strikes INTEGER NOT NULL,
	blocked_until INTEGER NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX limit_state_age ON limit_state (at);

-- data is the command as it is carried, body the part of it that is no secret:
-- what is needed once its receipt comes. lost: a report showed that the module
-- used the number, and no receipt came.
ALTER TABLE command ADD COLUMN nexp INTEGER NOT NULL DEFAULT 4294967295;
ALTER TABLE command ADD COLUMN body BLOB;
ALTER TABLE command ADD COLUMN data BLOB;
ALTER TABLE command ADD COLUMN lost INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1));
ALTER TABLE command ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE command ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE command ADD COLUMN receipt BLOB CHECK (length(receipt) = 40);
CREATE INDEX command_open ON command (mid, seq) WHERE sw IS NULL;

CREATE TABLE report_nonce (
	nonce BLOB PRIMARY KEY CHECK (length(nonce) = 16),
	mid BLOB NOT NULL REFERENCES module,
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Everything that was decided and done. Each row's MAC covers the row and the MAC
-- before it. version: form of what the MAC covers; 0 is a row from before there
-- were MACs, and the first row with one covers all of those.
CREATE TABLE audit (
	seq INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	actor TEXT NOT NULL,
	action TEXT NOT NULL,
	mid BLOB CHECK (length(mid) = 8),
	sn BLOB CHECK (length(sn) = 8),
	n INTEGER CHECK (n BETWEEN 0 AND 4294967295),
	known_n INTEGER CHECK (known_n BETWEEN 0 AND 4294967295),
	result TEXT NOT NULL CHECK (result IN ('done', 'issued', 'held', 'refused')),
	cause TEXT NOT NULL,
	detail TEXT,
	version INTEGER NOT NULL,
	key_id INTEGER NOT NULL,
	mac BLOB NOT NULL
) STRICT;
INSERT INTO audit SELECT seq, at, coalesce(client, 'uid ' || uid), verb, mid, sn, n, known_n,
	result, cause, detail, 0, 0, x'' FROM decision;
DROP TABLE decision;
CREATE INDEX audit_of_module ON audit (mid, seq) WHERE mid IS NOT NULL;
CREATE INDEX audit_of_host ON audit (sn, seq) WHERE sn IS NOT NULL;

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN
	SELECT raise(ABORT, 'the audit trail is only appended to');
END;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
BEGIN
	SELECT raise(ABORT, 'the audit trail is only appended to');
END;

-- The last row with a MAC, under a MAC of its own: rows that are cut off the end
-- are missed.
CREATE TABLE audit_head (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	seq INTEGER NOT NULL,
	mac BLOB NOT NULL CHECK (length(mac) = 32),
	key_id INTEGER NOT NULL,
	seal BLOB NOT NULL CHECK (length(seal) = 32)
) STRICT;
