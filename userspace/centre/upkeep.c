// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The database as a whole: backup, restore.
 */
#include <errno.h>
#include <stdio.h>

#include "centre/centre.h"

static int record_backup(struct centre *centre, void *arg)
{
	return centre_done(centre, "backup", NULL, NULL, "copied", arg);
}

/**
 * centre_backup() - Copy the database while it is in use.
 * @centre: --out.
 *
 * The trail tells of the copy before it is made: it is in the copy as well.
 *
 * Return: As all verbs.
 */
int centre_backup(struct centre *centre)
{
	int err;

	if (!centre->args->out)
		return domain_fail(&centre->error, -EDOM,
				   "--out is missing; name a file for the copy");
	err = centre_out_is_new(centre);
	if (!err)
		err = centre_change(centre, record_backup, (void *)centre->args->out);
	if (!err)
		err = store_backup(centre->store, centre->args->out,
				   &centre->error);
	if (!err)
		printf("%s: copy of %s\n", centre->args->out, centre->args->db);
	return err;
}

/**
 * centre_restore() - Make the database of --db from a copy.
 * @centre: --db; the copy.
 *
 * Return: As all verbs.
 */
int centre_restore(struct centre *centre)
{
	int err;

	if (centre->args->operand_count != 1)
		return domain_fail(&centre->error, -EDOM,
				   "name the one copy to restore from");
	err = store_restore(centre->args->operands[0], centre->args->db,
			    &centre->error);
	if (!err)
		printf("%s: restored from %s; compare it with the mark that was kept: audit verify --expect SEQ:MAC; where something is missing, await --all before it serves\n",
		       centre->args->db, centre->args->operands[0]);
	return err;
}
