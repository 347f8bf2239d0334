-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- As sqlite/006_command_offer.sql: commands that agents have.

ALTER TABLE command
	ADD COLUMN offers BIGINT NOT NULL DEFAULT 0 CHECK (offers >= 0),
	ADD COLUMN handed_to TEXT NOT NULL DEFAULT '',
	ADD COLUMN handed_at BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN given_up BIGINT NOT NULL DEFAULT 0 CHECK (given_up IN (0, 1));
