-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Format 2: the centre as a service.

PRAGMA user_version = 2;

-- Who may ask, known by the SHA-256 of the certificate.
CREATE TABLE client (
	fingerprint BLOB PRIMARY KEY CHECK (length(fingerprint) = 32),
	name TEXT NOT NULL UNIQUE,
	role TEXT NOT NULL CHECK (role IN ('agent', 'operator', 'supervisor', 'auditor'))
) STRICT, WITHOUT ROWID;

-- Answers that a repeated request gets again; a PIN in them is computed anew.
CREATE TABLE replay (
	client TEXT NOT NULL,
	key TEXT NOT NULL,
	digest BLOB NOT NULL CHECK (length(digest) = 32),
	at INTEGER NOT NULL,
	cause TEXT NOT NULL,
	attempts_left INTEGER NOT NULL,
	PRIMARY KEY (client, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX replay_by_age ON replay (at);

-- What became of a PIN that was issued.
CREATE TABLE confirmation (
	mid BLOB NOT NULL REFERENCES module,
	n INTEGER NOT NULL CHECK (n BETWEEN 0 AND 4294967295),
	sn BLOB NOT NULL REFERENCES host,
	result TEXT NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (mid, n, sn)
) STRICT, WITHOUT ROWID;

-- Who asked over the network; uid is then that of the service.
ALTER TABLE decision ADD COLUMN client TEXT;

-- Requests that wait for an operator, who reads the PIN out.
CREATE TABLE held (
	id BLOB PRIMARY KEY CHECK (length(id) = 16),
	client TEXT NOT NULL,
	mid BLOB NOT NULL REFERENCES module,
	sn BLOB NOT NULL REFERENCES host,
	n INTEGER NOT NULL CHECK (n BETWEEN 0 AND 4294967295),
	code INTEGER NOT NULL CHECK (code BETWEEN 0 AND 999999),
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX held_by_age ON held (at);
