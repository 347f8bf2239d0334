-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- The centre's database, format 1. It holds no key and no PIN: keys follow from
-- the domain's masters, which stay in the domain file or in the kernel.
-- Identifiers and fork tags are 8 bytes, times are seconds since 1970 in UTC.

PRAGMA application_id = 0x534d5043;
PRAGMA user_version = 1;

CREATE TABLE domain (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	dom INTEGER NOT NULL CHECK (dom BETWEEN 0 AND 4294967295),
	path TEXT NOT NULL,
	-- Derived from MPIN, so that a wrong master is noticed.
	mpin_check BLOB NOT NULL CHECK (length(mpin_check) = 8)
) STRICT;

-- n and ft are the last known state of the module, n0 and ft0 the one it was
-- registered with; seq is that of the last command made for it; hold is the
-- cause of a hold.
CREATE TABLE module (
	mid BLOB PRIMARY KEY CHECK (length(mid) = 8),
	pin_policy INTEGER NOT NULL CHECK (pin_policy BETWEEN 0 AND 3),
	ptc_max INTEGER NOT NULL CHECK (ptc_max BETWEEN 1 AND 15),
	n0 INTEGER NOT NULL CHECK (n0 BETWEEN 0 AND 4294967295),
	ft0 BLOB NOT NULL CHECK (length(ft0) = 8),
	n INTEGER NOT NULL CHECK (n BETWEEN n0 AND 4294967295),
	ft BLOB NOT NULL CHECK (length(ft) = 8),
	seq INTEGER NOT NULL DEFAULT 0 CHECK (seq BETWEEN 0 AND 4294967295),
	denied INTEGER NOT NULL DEFAULT 0 CHECK (denied IN (0, 1)),
	hold TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE host (
	sn BLOB PRIMARY KEY CHECK (length(sn) = 8),
	rights INTEGER NOT NULL CHECK (rights BETWEEN 0 AND 65535),
	cyid INTEGER NOT NULL CHECK (cyid BETWEEN 0 AND 4294967295),
	denied INTEGER NOT NULL DEFAULT 0 CHECK (denied IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Pairings that the rules forbid although module and host are in order.
CREATE TABLE denied_pair (
	mid BLOB NOT NULL REFERENCES module,
	sn BLOB NOT NULL REFERENCES host,
	PRIMARY KEY (mid, sn)
) STRICT, WITHOUT ROWID;

-- Hosts that got a PIN at an index of a module.
CREATE TABLE issue (
	mid BLOB NOT NULL REFERENCES module,
	n INTEGER NOT NULL,
	sn BLOB NOT NULL REFERENCES host,
	PRIMARY KEY (mid, n, sn)
) STRICT, WITHOUT ROWID;

-- States that a module has left, and those that only a copy can be in.
CREATE TABLE former (
	mid BLOB NOT NULL REFERENCES module,
	n INTEGER NOT NULL,
	ft BLOB NOT NULL CHECK (length(ft) = 8),
	PRIMARY KEY (mid, n, ft)
) STRICT, WITHOUT ROWID;

-- Request codes that fitted nothing, since the last one that did.
CREATE TABLE requester (
	mid BLOB NOT NULL REFERENCES module,
	sn BLOB NOT NULL REFERENCES host,
	wrong INTEGER NOT NULL CHECK (wrong > 0),
	PRIMARY KEY (mid, sn)
) STRICT, WITHOUT ROWID;

CREATE TABLE command (
	mid BLOB NOT NULL REFERENCES module,
	seq INTEGER NOT NULL,
	op INTEGER NOT NULL,
	sw INTEGER,
	PRIMARY KEY (mid, seq)
) STRICT, WITHOUT ROWID;

-- Everything that was decided. Identifiers may be unknown to the tables above.
CREATE TABLE decision (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	at INTEGER NOT NULL,
	uid INTEGER NOT NULL,
	verb TEXT NOT NULL,
	mid BLOB CHECK (length(mid) = 8),
	sn BLOB CHECK (length(sn) = 8),
	n INTEGER,
	result TEXT NOT NULL CHECK (result IN ('done', 'issued', 'refused')),
	cause TEXT NOT NULL,
	detail TEXT
) STRICT;

CREATE INDEX decision_of_module ON decision (mid, at);
