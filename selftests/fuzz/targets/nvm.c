// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Images of a module's flash. Each is taken whole or refused as damaged with its
 * bytes kept. Checksums are made right where the input says so, or none but the
 * first check of the journal would ever be seen at work.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "input.h"
#include "oracle.h"
#include "softmod/app.h"
#include "softmod/core/bytes.h"
#include "softmod/core/crc.h"
#include "softmod/core/select.h"
#include "softmod/port/linux.h"
#include "softmod/tests/host.h"

#define HALF		(TEST_FLASH_SIZE / 2)
#define HEADER_LEN	28
#define RECORD_EXTRA	12
#define PAYLOAD_MAX	320
#define BASES		6

static struct test_port tp;
static struct sm_module m;
static uint8_t bases[BASES][TEST_FLASH_SIZE];

/* A new module; one with hosts; one in its other half; one about to go back; one
 * whose last pairing was cut after its commit; one with a paired host on its deny
 * list.
 */
static void make_bases(void)
{
	struct sm_perso perso = test_perso();
	uint8_t pin[8];
	struct host h;
	unsigned int i;

	perso.slots = 4;
	test_module(&tp, &m, &perso, &softmod_app);
	memcpy(bases[0], tp.flash, TEST_FLASH_SIZE);
	for (i = 1; i <= 3; i++) {
		host_init(&h, i, 1, 3);
		host_pair(&m, &h);
	}
	memcpy(bases[1], tp.flash, TEST_FLASH_SIZE);
	while (!m.store.nvm.compactions)
		test_cycle(&tp, &m);
	memcpy(bases[2], tp.flash, TEST_FLASH_SIZE);
	while (m.store.nvm.compactions < 2 && !tp.dead) {
		memcpy(bases[3], tp.flash, TEST_FLASH_SIZE);
		host_verify(&m, &h);
	}

	memcpy(tp.flash, bases[1], TEST_FLASH_SIZE);
	test_cycle(&tp, &m);
	host_init(&h, 4, 1, 3);
	host_begin(&m, &h);
	host_pin(&m, &h, pin);
	/* W1 and W2 are made, W3 is not. */
	test_port_cut(&tp, 3, TORN_NOTHING);
	host_confirm(&m, &h, pin, 0);
	memcpy(bases[4], tp.flash, TEST_FLASH_SIZE);

	memcpy(tp.flash, bases[1], TEST_FLASH_SIZE);
	test_cycle(&tp, &m);
	memcpy(m.store.deny.sn[0], m.store.slot[0].sn, PDT1_ID_LEN);
	m.store.deny.count = 1;
	WANT(!sm_store_deny(&m.store, &m.store.deny));
	memcpy(bases[5], tp.flash, TEST_FLASH_SIZE);
}

static void fix_header(uint8_t *half)
{
	sm_put32(half + HEADER_LEN - 4, sm_crc32(0, half, HEADER_LEN - 4));
}

/* Makes a record of what the input says, at the end of a journal; returns where
 * the next one goes.
 */
static size_t put_record(struct input *in, uint8_t *half, size_t at, uint32_t seq)
{
	static const uint16_t lengths[] = { 4, 20, 19, 245, 257, 158, 10, 0 };
	uint8_t id = take8(in), how = take8(in);
	size_t len = lengths[how & 7];

	if ((how & 7) == 7)
		len = take_length(in, PAYLOAD_MAX + 1);
	if (at + RECORD_EXTRA + len > HALF)
		return at;
	half[at] = id;
	half[at + 1] = how & 0x80 ? take8(in) : (uint8_t)~id;
	sm_put16(half + at + 2, (uint16_t)len);
	sm_put32(half + at + 4, how & 0x40 ? take32(in) : seq);
	take(in, half + at + 8, len);
	sm_put32(half + at + 8 + len, how & 0x20 ? take32(in) :
		 sm_crc32(0, half + at, 8 + len));
	return at + RECORD_EXTRA + len;
}

/* Where the journal of a half ends, and the number of its last record */
static size_t journal_end(const uint8_t *half, uint32_t *seq)
{
	size_t at = HEADER_LEN;

	*seq = sm_get32(half + 20) - 1;
	while (at + RECORD_EXTRA <= HALF && (half[at] ^ half[at + 1]) == 0xff) {
		at += RECORD_EXTRA + sm_get16(half + at + 2);
		++*seq;
	}
	return at < HALF ? at : HALF;
}

/* Changes payload bytes of the newest record with an identifier, checksum and all. */
static void bend_record(struct input *in, uint8_t *half)
{
	uint8_t id = take8(in), count = take8(in) % 8;
	size_t at = HEADER_LEN, found = 0, len;

	while (at + RECORD_EXTRA <= HALF && (half[at] ^ half[at + 1]) == 0xff &&
	       at + RECORD_EXTRA + sm_get16(half + at + 2) <= HALF) {
		if (half[at] == id)
			found = at;
		at += RECORD_EXTRA + sm_get16(half + at + 2);
	}
	if (!found)
		return;
	len = sm_get16(half + found + 2);
	while (len && count--) {
		size_t off = take16(in) % len;

		half[found + 8 + off] = take8(in);
	}
	sm_put32(half + found + 8 + len, sm_crc32(0, half + found, 8 + len));
}

static void build(struct input *in)
{
	uint8_t what = take8(in), edits = take8(in) % 12;
	uint32_t seq;
	size_t at;

	memcpy(tp.flash, bases[what % BASES], TEST_FLASH_SIZE);
	while (edits--) {
		uint8_t edit = take8(in);
		uint8_t *half = tp.flash + (edit & 0x80 ? HALF : 0);
		size_t off, len;

		switch (edit & 7) {
		case 0:		/* any bytes anywhere */
			off = take16(in) % TEST_FLASH_SIZE;
			len = take_length(in, TEST_FLASH_SIZE - off);
			take(in, tp.flash + off, len);
			break;
		case 1:		/* header fields, with a right checksum */
			len = take8(in) % 4;
			while (len--) {
				off = take8(in) % (HEADER_LEN - 4);
				half[off] = take8(in);
			}
			fix_header(half);
			break;
		case 2:		/* records at the end */
			at = journal_end(half, &seq);
			put_record(in, half, at, seq + 1);
			break;
		case 3:
			bend_record(in, half);
			break;
		case 4:		/* the end is torn off */
			off = take16(in) % HALF;
			memset(half + off, 0xff, HALF - off);
			break;
		case 5:		/* bits are cleared, as programming does */
			off = take16(in) % TEST_FLASH_SIZE;
			tp.flash[off] &= take8(in);
			break;
		case 6:		/* one half becomes the other */
			memcpy(half, tp.flash + (edit & 0x80 ? 0 : HALF), HALF);
			break;
		case 7:
			memset(half, edit & 0x40 ? 0 : 0xff, HALF);
			break;
		}
	}
}

static void answers_to_nobody(void)
{
	static const uint8_t info[] = { PDT1_CLA, PDT1_INS_GET_INFO, 0, 0, 0 };
	static const uint8_t report[5 + 16] = { PDT1_CLA, PDT1_INS_GET_INFO, 1, 0, 16 };

	WANT(test_raw(&m, info, sizeof(info)) == PDT1_SW_OK);
	WANT(test_raw(&m, report, sizeof(report)) == PDT1_SW_STATE);
}

/* A module that was taken works: it is used, loses power and is the same. */
static void use(struct input *in)
{
	static const uint8_t report[5 + 16] = { PDT1_CLA, PDT1_INS_GET_INFO, 1, 0, 16 };
	uint32_t n = m.store.meta.n;
	unsigned int i;
	struct host h;
	int err;

	oracle_records(&m.store);
	oracle_flash(&m);
	WANT(m.state == SM_IDLE);
	WANT(test_raw(&m, report, sizeof(report)) ==
	     (m.store.meta.frozen ? PDT1_SW_STATE : PDT1_SW_OK) || m.store.meta.frozen);
	host_init(&h, take8(in) % 4, 1, 3);
	if (host_begin(&m, &h) == PDT1_SW_OK) {
		uint8_t pin[8] = { 0 };

		if (E1_FL(&h) & PDT1_E1_PIN)
			host_pin(&m, &h, pin);
		host_confirm(&m, &h, pin, PDT1_E2_OPT_EVICT);
	}
	for (i = take8(in) % 4; i; i--) {
		sm_power_down(&m);
		err = sm_power_up(&m, &tp.port, &softmod_app);
		WANT(!err || m.store.boot == UINT32_MAX);
	}
	WANT(m.store.meta.n >= n);
	oracle_records(&m.store);
}

static void try_image(struct input *in)
{
	static uint8_t before[TEST_FLASH_SIZE];
	uint8_t fail = take8(in);
	int err;

	if ((fail & 0x88) == 0x88) {
		tp.no_read_at = 1 + take16(in) % 1024;
	} else if (fail & 0x80) {
		tp.flaky = true;
		tp.silent = fail & 0x40;
		test_port_cut(&tp, 1 + fail % 8, fail >> 4 & 3);
	}
	memcpy(before, tp.flash, sizeof(before));
	err = sm_power_up(&m, &tp.port, &softmod_app);
	test_port_restore(&tp);
	switch (err) {
	case 0:
		use(in);
		break;
	case SM_EVIRGIN:
	case SM_EDAMAGED:
		WANT(m.state == (err == SM_EVIRGIN ? SM_VIRGIN : SM_FATAL));
		WANT(!memcmp(before, tp.flash, sizeof(before)));
		answers_to_nobody();
		WANT(!memcmp(before, tp.flash, sizeof(before)));
		break;
	default:
		/* No room for what must be written, or the last power-up */
		WANT(err == SM_EIO);
		WANT(m.boot_pending || m.blocked);
		break;
	}
}

/* Some call on the file goes wrong later, which the input chooses. */
static enum file_fault arm(struct input *in)
{
	uint16_t how = take16(in);
	enum file_fault fault = how % FILE_FAULTS;

	file_fault(how / FILE_FAULTS, fault);
	return fault;
}

static void use_file(struct input *in, struct nvm_file *f)
{
	struct sm_port port;
	uint8_t cell[64];
	uint32_t off;
	int err;

	linux_port_init(&port, f);
	err = sm_power_up(&m, &port, &softmod_app);
	WANT(err || m.state == SM_IDLE);
	nvm_file_cut(f, take8(in) & 7);
	off = take32(in);
	nvm_file_program(f, off, cell, take8(in) % sizeof(cell));
	nvm_file_erase(f, (uint32_t)(take8(in) * NVM_FILE_BLOCK));
	nvm_file_sync(f);
	err = nvm_file_read(f, off, cell, sizeof(cell));
	WANT(err || !f->dead);
	nvm_file_restore(f);
}

/* The same through a file, of any length, which others may see or have */
static void try_file(struct input *in)
{
	size_t size = take16(in);
	uint8_t more = take8(in), how = take8(in);
	bool locked = how & 2, faulty = how & 4, readable = how & 1, large;
	enum file_fault fault = FILE_FAULTS;
	struct nvm_file f;
	char path[64];
	int fd, other, err;

	size += more & 1 ? 65536 : 0;
	large = more & 2;
	fd = memfd_create("image", MFD_CLOEXEC);
	WANT(fd >= 0 && !fchmod(fd, readable ? 0644 : 0600));
	WANT(write(fd, tp.flash, size < TEST_FLASH_SIZE ? size : TEST_FLASH_SIZE) >= 0);
	WANT(!ftruncate(fd, (off_t)size + (large ? INT32_MAX : 0)));
	large = large && size;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	other = open(path, O_RDONLY | O_CLOEXEC);
	WANT(other >= 0 && (!locked || !flock(other, LOCK_SH)));

	if (faulty)
		fault = arm(in);
	err = nvm_file_open(&f, path);
	if (!err) {
		WANT(!readable && !locked && !large && f.size == (uint32_t)lseek(fd, 0, SEEK_END));
		use_file(in, &f);
		file_fault_end();
		nvm_file_close(&f);
	} else if (!file_fault_end() || fault > FILE_INTERRUPTED) {
		/* Nothing is transferred yet, and the owner is not asked for. */
		WANT(err == (large ? -EINVAL : readable ? -EACCES : locked ? -EBUSY : 1));
	} else {
		WANT(err == (fault == FILE_FAILS ? -EIO : -EINTR));
	}
	close(other);
	close(fd);
}

/* What is no image: nothing, a pipe, a folder */
static void try_other(uint8_t how)
{
	static const int errors[] = { -ENOENT, -EINVAL, -EISDIR };
	char path[64] = "/proc/self/fd/none";
	struct nvm_file f;
	int ends[2];

	WANT(!pipe2(ends, O_CLOEXEC));
	if (how % 3 == 1)
		snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	WANT(nvm_file_open(&f, how % 3 == 2 ? "/" : path) == errors[how % 3]);
	close(ends[0]);
	close(ends[1]);
}

/* A new image: erased, private and of use to a module, or none at all */
static void try_new(struct input *in)
{
	char folder[] = "/tmp/smpair-fuzz-XXXXXX", path[64];
	struct sm_perso perso = test_perso();
	bool exists = take8(in) & 1;
	enum file_fault fault;
	struct nvm_file f, g;
	struct sm_port port;
	struct stat st;
	int err;

	WANT(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/image", folder);
	if (exists)
		WANT(!close(creat(path, 0600)));
	fault = arm(in);
	err = nvm_file_create(&f, path);
	if (exists) {
		WANT(err == -EEXIST && !stat(path, &st) && !st.st_size);
	} else if (err) {
		WANT(file_fault_end() && err == (fault == FILE_INTERRUPTED ? -EINTR : -EIO));
		WANT(stat(path, &st) && errno == ENOENT);
	} else {
		WANT(f.size == NVM_FILE_SIZE);
		WANT(!stat(path, &st) && st.st_size == NVM_FILE_SIZE &&
		     (st.st_mode & 0777) == 0600);
		linux_port_init(&port, &f);
		err = sm_personalise(&port, &perso);
		if (!err)
			err = sm_power_up(&m, &port, &softmod_app);
		WANT(file_fault_end() || !err);
		WANT(nvm_file_open(&g, path) == -EBUSY);
		nvm_file_close(&f);
	}
	file_fault_end();
	unlink(path);
	WANT(!rmdir(folder));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		uint32_t size, block;
	} geometries[] = {
		{ TEST_FLASH_SIZE, 0 }, { TEST_FLASH_SIZE, 4096 }, { 8192, 2048 },
		{ TEST_FLASH_SIZE - 1, 2048 }, { 0, 2048 },
	};
	struct input in = { data, size };
	uint8_t how = take8(&in);
	int err;

	if (!bases[0][0])
		make_bases();
	test_port_init(&tp);
	build(&in);
	if (how >= 0xf8) {
		tp.port.flash_size = geometries[how % 5].size;
		tp.port.flash_block = geometries[how % 5].block;
		err = sm_power_up(&m, &tp.port, &softmod_app);
		/* An erased region of another geometry may yet become a module's. */
		WANT(err == SM_EDAMAGED || (err == SM_EVIRGIN && how % 5 == 1));
		answers_to_nobody();
	} else if (how >= 0xf4) {
		try_file(&in);
	} else if (how >= 0xf1) {
		try_new(&in);
	} else if (how == 0xf0) {
		try_other(take8(&in));
	} else {
		try_image(&in);
	}
	return 0;
}
