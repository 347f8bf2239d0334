// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module on its image file, in a file system, on a device that logs what
 * becomes durable. Each state that a power cut could leave on the device is put
 * back, mounted, and judged: nothing that was answered may be missing. Needs
 * root, loop devices and the device mapper's target log-writes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "softmod/app.h"
#include "softmod/port/linux.h"
#include "softmod/tests/power/disk.h"
#include "softmod/tests/power/life.h"
#include "softmod/tests/power/observe.h"
#include "softmod/tests/power/world.h"
#include "softmod/tests/power/writelog.h"

#define DISK_SIZE	(16 << 20)
#define LOG_SIZE	(128 << 20)
#define STEPS		40
#define COMMANDS_MAX	512

static char dir[] = "/tmp/smpair-test-XXXXXX";
static char disk[64], start[64], logfile[64], work[64], folder[64];
static char image[96];
static struct nvm_file file;
static struct sm_port port;

/* Command by command: the states it led through, before it was answered */
static struct model_path trace[COMMANDS_MAX];
static unsigned int commands;

/* What the host hears after the mark was durable when the mark was set */
static int call(struct sm_module *m, const uint8_t *cmd, size_t len,
		uint8_t *rsp, size_t *rsp_len)
{
	assert_true(commands < COMMANDS_MAX - 1);
	trace[commands] = world.oracle.may;
	assert_int_equal(sm_apdu(m, cmd, len, rsp, SM_RESPONSE_MAX, rsp_len),
			 0);
	writelog_mark(commands++);
	return 0;
}

static void holds(void)
{
	if (world.oracle.violated != HOLDS)
		fail_msg("%s: %s", property_name(world.oracle.violated),
			 world.oracle.detail);
}

static void live(void)
{
	struct sm_perso p = test_perso();
	unsigned int i;

	p.slots = 3;
	assert_int_equal(nvm_file_create(&file, image), 0);
	linux_port_init(&port, &file);
	assert_int_equal(sm_personalise(&port, &p), 0);
	/* What is judged begins with a module that is there */
	sync();
	assert_int_equal(sm_power_up(&world.m, &port, &softmod_app), 0);
	world_start_outside(&p, call);
	for (i = 0; i < STEPS; i++) {
		life_step();
		holds();
	}
	/* Nothing follows that would lead away from here */
	trace[commands].state[0] = world.oracle.before;
	trace[commands].count = 1;
	sm_power_down(&world.m);
	nvm_file_close(&file);
}

static bool is_among(const struct model *seen, const struct model_path *path)
{
	int i;

	for (i = 0; i < path->count; i++)
		if (!model_difference(seen, &path->state[i]))
			return true;
	return false;
}

/* What the module on the replayed device remembers */
static void look(struct model *seen, unsigned int entry)
{
	char device[DISK_PATH_MAX];
	static struct sm_module m;
	int err;

	disk_copy(disk, work);
	disk_attach(work, device);
	disk_mount(device, folder);
	err = nvm_file_open(&file, image);
	if (err)
		fail_msg("entry %u: %s: the image is not there: %d", entry,
			 property_name(MODULE_RECOVERS), err);
	linux_port_init(&port, &file);
	err = sm_power_up(&m, &port, &softmod_app);
	if (err)
		fail_msg("entry %u: %s: power-up returned %d", entry,
			 property_name(MODULE_RECOVERS), err);
	observe_store(seen, &m.store);
	sm_power_down(&m);
	nvm_file_close(&file);
	disk_unmount(folder);
	disk_detach(device);
}

/* Between two marks the module is on the path of the second command; at its
 * mark, where the next one begins.
 */
static void replay(void)
{
	unsigned int entry = 0, marks = 0, cuts = 0, mark = 0;
	enum writelog_entry kind;
	static struct model seen;
	bool fresh = false;
	struct writelog w;

	disk_copy(start, disk);
	writelog_open(&w, logfile, disk);
	for (; (kind = writelog_next(&w, &mark)) != WRITELOG_END; entry++) {
		const struct model_path *path = &trace[marks];

		if (kind == WRITELOG_FLUSH)
			continue;
		if (kind == WRITELOG_WRITE) {
			fresh = false;
			/* The module is made before the first command. */
			if (!marks)
				continue;
		}
		if (!fresh) {
			look(&seen, entry);
			fresh = true;
			cuts++;
		}
		if (kind == WRITELOG_WRITE) {
			if (!is_among(&seen, path))
				fail_msg("entry %u, before answer %u: %s",
					 entry, marks,
					 property_name(OLD_OR_NEW));
			continue;
		}
		assert_int_equal(mark, marks);
		marks++;
		if (model_difference(&seen, &trace[marks].state[0]))
			fail_msg("entry %u, after answer %u: %s: %s is another",
				 entry, mark,
				 property_name(ANSWERED_IS_DURABLE),
				 model_difference(&seen,
						  &trace[marks].state[0]));
	}
	writelog_close(&w);
	print_message("# %u states of the device, in %u entries of the log, judged for %u commands and %u pairings\n",
		      cuts, entry, commands, world.oracle.before.meta.n);
	assert_int_equal(marks, commands);
}

static void what_was_answered_is_durable_on_the_device(void **state)
{
	char lower[DISK_PATH_MAX], log[DISK_PATH_MAX], upper[DISK_PATH_MAX];

	(void)state;
	disk_create(disk, DISK_SIZE);
	disk_create(start, DISK_SIZE);
	disk_create(work, DISK_SIZE);
	disk_create(logfile, LOG_SIZE);
	disk_format(disk);
	disk_copy(disk, start);
	disk_attach(disk, lower);
	disk_attach(logfile, log);
	writelog_create(lower, log, DISK_SIZE, upper);
	disk_mount(upper, folder);
	live();
	disk_unmount(folder);
	writelog_remove();
	disk_detach(lower);
	disk_detach(log);
	replay();
}

static int prepare(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(disk, sizeof(disk), "%s/disk", dir);
	snprintf(start, sizeof(start), "%s/start", dir);
	snprintf(logfile, sizeof(logfile), "%s/log", dir);
	snprintf(work, sizeof(work), "%s/work", dir);
	snprintf(folder, sizeof(folder), "%s/folder", dir);
	snprintf(image, sizeof(image), "%s/image", folder);
	return mkdir(folder, 0700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_answered_is_durable_on_the_device),
	};

	return cmocka_run_group_tests_name("softmod sync", tests, prepare,
					   NULL);
}
