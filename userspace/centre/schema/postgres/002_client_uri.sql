-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- As sqlite/005_client_uri.sql: clients that are known by a URI.

ALTER TABLE client DROP CONSTRAINT client_pkey;
ALTER TABLE client
	ADD COLUMN id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	ALTER COLUMN fingerprint DROP NOT NULL,
	ADD UNIQUE (fingerprint),
	ADD COLUMN uri TEXT COLLATE "C" UNIQUE CHECK (length(uri) BETWEEN 3 AND 255),
	ADD COLUMN not_before BIGINT NOT NULL DEFAULT 0,
	ADD CHECK ((fingerprint IS NULL) <> (uri IS NULL));

DELETE FROM limit_state WHERE scope = 1;
