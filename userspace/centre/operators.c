// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verbs operator-add, operator-remove and operators.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "centre/centre.h"
#include "centre/console/store_console.h"
#include "domain/number.h"

static int read_password(struct centre *centre, char password[PASSWORD_MAX + 1])
{
	uint64_t fd;
	int err;

	if (!centre->args->password_fd)
		return password_ask(password, &centre->error);
	err = domain_number("password-fd", centre->args->password_fd, 0, 1023, &fd,
			    &centre->error);
	return err ? err : password_read((int)fd, password, &centre->error);
}

static int read_operator(struct centre *centre, struct store_operator *operator)
{
	const struct centre_args *args = centre->args;
	char password[PASSWORD_MAX + 1];
	int err;

	err = centre_need_name(centre);
	if (!err)
		err = centre_need_role(centre, false);
	if (err)
		return err;
	snprintf(operator->name, sizeof(operator->name), "%s", args->name);
	snprintf(operator->role, sizeof(operator->role), "%s", args->role);
	err = read_password(centre, password);
	if (!err)
		err = password_hash(password, operator->hash, &centre->error);
	explicit_bzero(password, sizeof(password));
	return err;
}

static int add(struct centre *centre, void *arg)
{
	const struct store_operator *operator = arg;
	int err = store_add_operator(centre->store, operator, &centre->error);

	return err ? err : centre_done(centre, "operator-add", NULL, NULL, operator->role,
				       operator->name);
}

static int remove_named(struct centre *centre, void *arg)
{
	int err = store_remove_operator(centre->store, arg, &centre->error);

	return err ? err : centre_done(centre, "operator-remove", NULL, NULL, "done", arg);
}

/**
 * centre_operator_add() - Let somebody sign in at the console.
 * @centre: --name, --role, --password-fd.
 *
 * Return: As all verbs.
 */
int centre_operator_add(struct centre *centre)
{
	struct store_operator operator = { 0 };
	int err;

	err = read_operator(centre, &operator);
	if (!err)
		err = centre_change(centre, add, &operator);
	explicit_bzero(&operator, sizeof(operator));
	return err;
}

/**
 * centre_operator_remove() - Let somebody sign in no longer; it counts at once.
 * @centre: --name.
 *
 * Return: As all verbs.
 */
int centre_operator_remove(struct centre *centre)
{
	int err;

	err = centre_need_name(centre);
	return err ? err : centre_change(centre, remove_named, (void *)centre->args->name);
}

static int print_operator(const struct store_operator *operator, void *arg)
{
	(void)arg;
	printf("%-24s %s\n", operator->name, operator->role);
	return 0;
}

/**
 * centre_operators() - List those who may sign in.
 * @centre: The run.
 *
 * Return: As all verbs.
 */
int centre_operators(struct centre *centre)
{
	return store_each_operator(centre->store, print_operator, NULL, &centre->error);
}
