// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SIGKILL at random moments while hosts and the centre keep the module busy.
 * POWERCUT_KILLS=N kills it N times.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "softmod/port/linux.h"
#include "softmod/tests/power/life.h"
#include "softmod/tests/power/process.h"
#include "softmod/tests/power/world.h"

/* A command takes a few milliseconds. */
#define LIFE_MAX_US	60000

static char dir[] = "/tmp/smpair-test-XXXXXX";
static char image[64], program[4096];

static void make_image(const struct sm_perso *perso)
{
	struct nvm_file f;
	struct sm_port port;

	assert_int_equal(nvm_file_create(&f, image), 0);
	linux_port_init(&port, &f);
	assert_int_equal(sm_personalise(&port, perso), 0);
	nvm_file_close(&f);
}

static void holds(unsigned int kills)
{
	if (world.oracle.violated != HOLDS)
		fail_msg("kill %u: %s: %s", kills,
			 property_name(world.oracle.violated),
			 world.oracle.detail);
}

static void what_was_answered_survives_sigkill(void **state)
{
	const char *wanted = getenv("POWERCUT_KILLS");
	unsigned int i, kills = wanted ? (unsigned int)atoi(wanted) : 100;
	unsigned int commands = 0, under_way = 0, done = 0;
	static struct model before;
	struct sm_perso p = test_perso();

	(void)state;
	p.slots = 3;
	make_image(&p);
	process_listen();
	world_start_outside(&p, process_transmit);
	for (i = 0; i <= kills; i++) {
		process_start(program, image);
		before = world.oracle.before;
		world_sight();
		holds(i);
		if (model_difference(&before, &world.oracle.before))
			done++;
		process_kill_after(1 + life_draw(LIFE_MAX_US));
		world.lost = false;
		while (!world.lost) {
			life_step();
			holds(i);
			commands++;
		}
		under_way += !world.oracle.answered;
		assert_true(process_wait());
	}
	print_message("# killed %u times in %u commands and %u pairings; %u times before an answer, which then had taken effect %u times\n",
		      kills, commands, world.oracle.before.meta.n, under_way,
		      done);
	assert_true(under_way > 0);
	assert_true(world.oracle.before.meta.n > 0);
}

/* The program lies beside the folder of the tests. */
static int prepare(void **state)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 64);
	char *slash;

	(void)state;
	if (n < 0 || !mkdtemp(dir))
		return -1;
	program[n] = 0;
	slash = strrchr(program, '/');
	strcpy(slash, "/../bin/smpair-softmod");
	snprintf(image, sizeof(image), "%s/image", dir);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	unlink(image);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_answered_survives_sigkill),
	};

	return cmocka_run_group_tests_name("softmod kill", tests, prepare,
					   clean);
}
