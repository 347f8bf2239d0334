// SPDX-License-Identifier: GPL-2.0
/*
 * Host secrets in a key, host cryptograms beside them, and PINs: the driver's
 * reading of them, which must agree with what libsmpair lets pass.
 */
#include <keys/encrypted-type.h>
#include <keys/trusted-type.h>
#include <keys/user-type.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <errno.h>
#include <fcntl.h>
#include <smpair/key.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "input.h"
#include "kernel/hostkey.h"

#define CY_MAX		10
#define KEY_MAX		400

struct key_type key_type_logon = { "logon" };
struct key_type key_type_encrypted = { "encrypted" };
struct key_type key_type_trusted = { "trusted" };
static struct key_type key_type_user = { "user" };

static struct key key;
static int lookup_error;
static unsigned int references;

key_ref_t lookup_user_key(s32 serial, unsigned long flags, unsigned int need)
{
	WANT(serial > 0 && !flags && need == KEY_NEED_SEARCH);
	if (lookup_error)
		return ERR_PTR(lookup_error);
	references++;
	return &key;
}

void key_put(struct key *k)
{
	WANT(k == &key && references);
	references--;
}

/* A key of some type that holds these bytes, or lost them */
static void make_key(u8 how, const u8 *bytes, size_t len)
{
	struct encrypted_key_payload *encrypted;
	struct trusted_key_payload *trusted;
	struct user_key_payload *user;

	memset(&key, 0, sizeof(key));
	switch (how & 7) {
	case 5:
		key.type = &key_type_encrypted;
		encrypted = malloc(sizeof(*encrypted));
		encrypted->decrypted_datalen = len;
		encrypted->decrypted_data = memcpy(malloc(len + 1), bytes, len);
		key.payload.data[0] = encrypted;
		break;
	case 6:
		key.type = &key_type_trusted;
		trusted = malloc(sizeof(*trusted));
		len = min(len, sizeof(trusted->key));
		trusted->key_len = len;
		memcpy(trusted->key, bytes, len);
		key.payload.data[0] = trusted;
		break;
	default:
		key.type = (how & 7) == 7 ? &key_type_user : &key_type_logon;
		user = malloc(sizeof(*user) + len);
		user->datalen = len;
		memcpy(user->data, bytes, len);
		key.payload.data[0] = user;
		break;
	}
	if (how & 8) {
		if (key.type == &key_type_encrypted)
			free(encrypted->decrypted_data);
		free(key.payload.data[0]);
		key.payload.data[0] = NULL;
	}
}

static void drop_key(void)
{
	WANT(!references && !key.sem.readers);
	if (key.type == &key_type_encrypted && key.payload.data[0])
		free(((struct encrypted_key_payload *)key.payload.data[0])->decrypted_data);
	free(key.payload.data[0]);
}

/* Secrets as they should be, for the input to spoil */
static size_t make_payload(struct input *in, u8 *payload)
{
	u8 how = take8(in), count = how & 7, i;
	size_t len = SMPAIR_HOST_HEADER_LEN;

	if (how & 0x80) {
		len = take_length(in, KEY_MAX);
		take(in, payload, len);
		return len;
	}
	memset(payload, 0, KEY_MAX);
	memcpy(payload, SMPAIR_HOST_MAGIC, 4);
	payload[4] = SMPAIR_HOST_VERSION;
	payload[5] = count;
	take(in, payload + 8, 1);
	for (i = 0; i < count; i++, len += SMPAIR_HOST_ENTRY_LEN)
		put_unaligned_be16(how & 0x40 ? take8(in) : 7 * i % 5, payload + len);
	if (how & 0x20)
		payload[take16(in) % len] ^= take8(in);
	if (how & 0x10)
		len = take_length(in, KEY_MAX);
	return len;
}

static unsigned int make_cys(struct input *in, u8 cy[CY_MAX][PDT1_CY_LEN], bool *good)
{
	u8 how = take8(in);
	unsigned int count = how % (CY_MAX + 1), i, j;

	*good = count >= 1 && count <= SMPAIR_CY_MAX;
	memset(cy, 0, CY_MAX * PDT1_CY_LEN);
	for (i = 0; i < count; i++) {
		cy[i][0] = PDT1_CY_VERSION;
		cy[i][1] = PDT1_CY_TYPE;
		cy[i][PDT1_CY_OFF_G + 1] = i + 1;
		if (how & 0x80)
			cy[i][take8(in) % PDT1_CY_LEN] ^= take8(in);
		*good &= cy[i][0] == PDT1_CY_VERSION && cy[i][1] == PDT1_CY_TYPE &&
			 get_unaligned_be16(cy[i] + PDT1_CY_OFF_G);
		for (j = 0; j < i; j++)
			*good &= !!memcmp(cy[i] + 2, cy[j] + 2, 6);
	}
	return count;
}

static void load_host(struct input *in, u8 how)
{
	u8 payload[KEY_MAX], cy[CY_MAX][PDT1_CY_LEN], *exact, id[8];
	struct netlink_ext_ack extack = { };
	struct smpair_host *before, *host;
	unsigned int count, i;
	bool cys_good, good;
	size_t len;
	int ret;

	len = make_payload(in, payload);
	count = make_cys(in, cy, &cys_good);
	exact = memcpy(malloc(len + 1), payload, len);
	good = !smpair_hostkey_check(exact, len, id) && cys_good;

	before = smpair_host_get();
	make_key(how, payload, len);
	ret = smpair_host_load(how & 16 ? (s32)take32(in) : 1, cy, count, &extack);
	host = smpair_host_get();
	/* Whoever is refused is told why, and loses nothing. */
	WANT(!ret || ret == -ENOMEM || (extack.msg && strchr(extack.msg, ' ')));
	WANT(!ret || host == before);
	if (!ret) {
		WANT(good && !memcmp(host->sn, id, 8));
		WANT(host->gen_count == payload[5] && host->cy_count == count);
		for (i = 1; i < host->gen_count; i++)
			WANT(host->gen[i].m < host->gen[i - 1].m);
	} else if (good && key.type == &key_type_logon && !(how & (8 | 16)) && !lookup_error) {
		WANT(ret == -ENOMEM);
	}
	smpair_host_put(before);
	smpair_host_put(host);
	drop_key();
	free(exact);
}

static void load_pin(struct input *in, u8 how)
{
	struct netlink_ext_ack extack = { };
	u8 bytes[16], pin[PDT1_PIN_LEN + 1] = { };
	size_t len = take8(in) & 7 ? PDT1_PIN_LEN : take_length(in, sizeof(bytes)), i;
	bool digits = len == PDT1_PIN_LEN;
	int ret;

	take(in, bytes, len);
	for (i = 0; i < len; i++) {
		if (how & 32)
			bytes[i] = '0' + bytes[i] % 10;
		digits &= bytes[i] >= '0' && bytes[i] <= '9';
	}
	make_key(how, bytes, len);
	pin[PDT1_PIN_LEN] = 0xa5;
	ret = smpair_pin_load(how & 16 ? (s32)take32(in) : 1, pin, &extack);
	WANT(pin[PDT1_PIN_LEN] == 0xa5);
	WANT(ret || (digits && key.type == &key_type_logon && !memcmp(pin, bytes, len)));
	WANT(!ret || ret == -ENOMEM || extack.msg);
	/* Used once; left alone where it was given by mistake */
	WANT(key.invalid == !ret);
	drop_key();
}

static int file = -1;

int __wrap_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
	WANT(*path && flags & O_NOFOLLOW && flags & O_CLOEXEC);
	if (file < 0)
		errno = ENOENT;
	return file;
}

/* No file, one of another kind, or one that is regular and new */
static int make_file(u8 how)
{
	int ends[2];

	switch (how & 0xc0) {
	case 0x80:
		return -1;
	case 0xc0:
		WANT(!pipe2(ends, O_CLOEXEC));
		close(ends[1]);
		return ends[0];
	default:
		return memfd_create("key", MFD_CLOEXEC);
	}
}

/* The same bytes in a file: taken by the same rule, where nobody else reads it */
static void read_file(struct input *in, u8 how)
{
	static const mode_t modes[] = { 0600, 0400, 0640, 0604, 0700 };
	u8 payload[KEY_MAX], id[8], fault = how & 0x20 ? take8(in) : 0, at = fault / FILE_FAULTS;
	struct smpair_secret *secret = NULL;
	mode_t mode = modes[how % 5];
	bool regular = !(how & 0x80);
	int ret, want;
	size_t len;

	len = make_payload(in, payload);
	file = make_file(how);
	if (regular)
		WANT(!fchmod(file, mode) && write(file, payload, len) == (ssize_t)len &&
		     !lseek(file, 0, SEEK_SET));
	/* fstat() comes first, then what reads. */
	file_fault(at, fault % FILE_FAULTS);
	ret = smpair_hostkey_read("key", &secret);
	fault = file_fault_end() ? fault % FILE_FAULTS : FILE_FAULTS;

	if (file < 0)
		want = -ENOENT;
	else if (fault == FILE_FAILS)
		want = -EIO;
	else if (fault == FILE_INTERRUPTED && at == 1)
		want = -EINTR;
	else if (!regular)
		want = -EINVAL;
	else if (fault == FILE_FOREIGN)
		want = -EPERM;
	else if (mode & 077)
		want = -EKEYREJECTED;
	else
		want = smpair_hostkey_check(payload, fault == FILE_END && at == 2 ? 0 : len, id);
	WANT(ret == want);
	WANT(!ret == !!secret);
	if (secret)
		WANT(smpair_secret_size(secret) == len &&
		     !memcmp(smpair_secret_data(secret), payload, len));
	smpair_secret_free(secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int errors[] = {
		0, -EACCES, -EKEYEXPIRED, -EKEYREVOKED, -ENOMEM, -ENOKEY,
	};
	struct input in = { data, size };
	unsigned int steps;

	for (steps = 0; in.left && steps < 8; steps++) {
		u8 what = take8(&in), how = take8(&in);

		lookup_error = what & 0x80 ? errors[(what & 0x7f) % 6] : 0;
		shim_alloc_fail = what & 0x40 ? 1 + take8(&in) % 3 : 0;
		if (what & 4)
			read_file(&in, how);
		else if (what & 1)
			load_pin(&in, how);
		else
			load_host(&in, how);
		shim_alloc_fail = 0;
		if (what & 2)
			smpair_host_clear();
	}
	smpair_host_clear();
	return 0;
}
