-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Format 3: people at the operator console.

PRAGMA user_version = 3;

-- The hash is one of crypt(5), by yescrypt.
CREATE TABLE operator (
	name TEXT PRIMARY KEY,
	role TEXT NOT NULL CHECK (role IN ('operator', 'supervisor', 'auditor')),
	hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrong passwords of an account, whether it exists or not, and of an address.
CREATE TABLE signin_failure (
	kind TEXT NOT NULL CHECK (kind IN ('account', 'address')),
	who TEXT NOT NULL,
	wrong INTEGER NOT NULL CHECK (wrong > 0),
	last INTEGER NOT NULL,
	PRIMARY KEY (kind, who)
) STRICT, WITHOUT ROWID;

CREATE INDEX signin_failure_by_age ON signin_failure (last);

-- The index that the centre knew when the host showed n.
ALTER TABLE decision ADD COLUMN known_n INTEGER;

CREATE INDEX decision_of_host ON decision (sn, at);
