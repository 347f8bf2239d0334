-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Who may ask is known by a certificate, or by a URI that it names, which stays
-- when the certificate is renewed.

-- id: never given to anybody else; not_before: seconds since 1970, certificates
-- with the URI that are older are refused.
CREATE TABLE client_5 (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	role TEXT NOT NULL CHECK (role IN ('agent', 'operator', 'supervisor', 'auditor')),
	fingerprint BLOB UNIQUE CHECK (length(fingerprint) = 32),
	uri TEXT UNIQUE CHECK (length(uri) BETWEEN 3 AND 255),
	not_before INTEGER NOT NULL DEFAULT 0,
	CHECK ((fingerprint IS NULL) <> (uri IS NULL))
) STRICT;
INSERT INTO client_5 (name, role, fingerprint) SELECT name, role, fingerprint FROM client
	ORDER BY name;
DROP TABLE client;
ALTER TABLE client_5 RENAME TO client;

-- Buckets of clients went by the certificate, and go by the id now.
DELETE FROM limit_state WHERE scope = 1;
