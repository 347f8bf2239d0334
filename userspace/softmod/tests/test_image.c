// SPDX-License-Identifier: GPL-2.0-or-later
/* The image file: a private, locked file that behaves as flash. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "softmod/app.h"
#include "softmod/port/linux.h"
#include "softmod/tests/testport.h"

static struct sm_module m;
static char dir[] = "/tmp/smpair-test-XXXXXX";
static char path[64];

static void image_file_is_private_locked_and_never_repaired(void **state)
{
	const struct sm_perso p = test_perso();
	struct nvm_file f, g;
	struct sm_port port;
	struct stat st;

	(void)state;
	assert_int_equal(nvm_file_create(&f, path), 0);
	assert_int_equal(nvm_file_create(&g, path), -EEXIST);
	linux_port_init(&port, &f);
	assert_int_equal(sm_personalise(&port, &p), 0);
	assert_int_equal(nvm_file_open(&g, path), -EBUSY);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), 0);
	assert_int_equal(m.store.boot, 1);
	nvm_file_close(&f);

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, NVM_FILE_SIZE);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(nvm_file_open(&f, path), -EACCES);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(nvm_file_open(&f, dir), -EISDIR);

	assert_int_equal(truncate(path, NVM_FILE_SIZE - 4096), 0);
	assert_int_equal(nvm_file_open(&f, path), 0);
	linux_port_init(&port, &f);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), SM_EDAMAGED);
	nvm_file_close(&f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, NVM_FILE_SIZE - 4096);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(nvm_file_open(&f, path), 0);
	linux_port_init(&port, &f);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), SM_EDAMAGED);
	nvm_file_close(&f);
	assert_int_equal(unlink(path), 0);
}

static void image_file_behaves_as_flash(void **state)
{
	const struct sm_perso p = test_perso();
	uint8_t byte = 0x0f;
	struct nvm_file f;
	struct sm_port port;

	(void)state;
	assert_int_equal(nvm_file_create(&f, path), 0);
	assert_int_equal(nvm_file_program(&f, 7, &byte, 1), 0);
	byte = 0xf1;
	assert_int_equal(nvm_file_program(&f, 7, &byte, 1), 0);
	assert_int_equal(nvm_file_read(&f, 7, &byte, 1), 0);
	assert_int_equal(byte, 0x01);
	assert_int_equal(nvm_file_erase(&f, 7), -EIO);
	assert_int_equal(nvm_file_erase(&f, 0), 0);
	assert_int_equal(nvm_file_read(&f, 7, &byte, 1), 0);
	assert_int_equal(byte, 0xff);
	assert_int_equal(nvm_file_read(&f, NVM_FILE_SIZE, &byte, 1), -EIO);

	/* power-up takes three writes; power fails in the middle of the next */
	linux_port_init(&port, &f);
	assert_int_equal(sm_personalise(&port, &p), 0);
	nvm_file_cut(&f, 4);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), 0);
	assert_int_equal(sm_store_boot(&m.store, 2), SM_EIO);
	assert_true(f.dead);
	assert_int_equal(nvm_file_read(&f, 0, &byte, 1), -EIO);
	assert_int_equal(nvm_file_sync(&f), -EIO);
	nvm_file_restore(&f);
	assert_int_equal(sm_power_up(&m, &port, &softmod_app), 0);
	assert_int_equal(m.store.boot, 2);
	nvm_file_close(&f);
	assert_int_equal(unlink(path), 0);
}

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/image", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

#define T(f)	cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(image_file_is_private_locked_and_never_repaired),
		T(image_file_behaves_as_flash),
	};

	return cmocka_run_group_tests_name("softmod image", tests, make_dir,
					   remove_dir);
}
