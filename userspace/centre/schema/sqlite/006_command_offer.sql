-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Commands that agents have and bring no receipt of.

-- offers: how often agents were given it; handed_to, handed_at: the last of them
-- and when. given_up: it is given to none any more, though nobody knows whether the
-- module took it.
ALTER TABLE command ADD COLUMN offers INTEGER NOT NULL DEFAULT 0 CHECK (offers >= 0);
ALTER TABLE command ADD COLUMN handed_to TEXT NOT NULL DEFAULT '';
ALTER TABLE command ADD COLUMN handed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE command ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0 CHECK (given_up IN (0, 1));
