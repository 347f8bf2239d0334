// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Files with host secrets. Format: "SMPH", version, u8 count, u16 zero, SN 8,
 * HS 32, then count times u16 generation and MHKey 32; big-endian.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <smpair/key.h>
#include <smpair/smpair.h>

#define HEADER_LEN	48
#define ENTRY_LEN	34
#define PAYLOAD_MIN	(HEADER_LEN + ENTRY_LEN)
#define PAYLOAD_MAX	(HEADER_LEN + SMPAIR_GENERATIONS_MAX * ENTRY_LEN)

static unsigned int generation(const uint8_t *payload, unsigned int i)
{
	const uint8_t *entry = payload + HEADER_LEN + i * ENTRY_LEN;

	return (unsigned int)entry[0] << 8 | entry[1];
}

/**
 * smpair_hostkey_check() - Judge the form of host secrets.
 * @payload: The bytes.
 * @len: How many.
 * @id: Receives SN, 8 bytes.
 *
 * Return: 0, or -EBADMSG where the length, the header or the generations are
 * not as they must be.
 */
int smpair_hostkey_check(const uint8_t *payload, size_t len, uint8_t id[8])
{
	static const uint8_t head[5] = { 'S', 'M', 'P', 'H', 1 };
	unsigned int count, i, j;

	if (len < PAYLOAD_MIN)
		return -EBADMSG;
	for (i = 0; i < sizeof(head); i++)
		if (payload[i] != head[i])
			return -EBADMSG;
	count = payload[5];
	if (count < 1 || count > SMPAIR_GENERATIONS_MAX || payload[6] || payload[7] ||
	    len != HEADER_LEN + (size_t)count * ENTRY_LEN)
		return -EBADMSG;
	for (i = 0; i < count; i++)
		for (j = 0; j < i; j++)
			if (generation(payload, i) == generation(payload, j))
				return -EBADMSG;
	for (i = 0; i < 8; i++)
		id[i] = payload[8 + i];
	return 0;
}

static int read_all(int fd, uint8_t *buf, size_t size, size_t *len)
{
	ssize_t n;

	for (*len = 0; *len < size; *len += (size_t)n) {
		n = read(fd, buf + *len, size - *len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return -errno;
		else if (!n)
			break;
	}
	return 0;
}

/**
 * smpair_hostkey_read() - Read host secrets from a file.
 * @path: A regular file that belongs to the caller or to root and that nobody
 *	else may read or write. Symbolic links are not followed.
 * @payload: Receives the secrets; free them with smpair_secret_free().
 *
 * Return: 0, or -EKEYREJECTED where others may read or write the file,
 * -EPERM where it belongs to somebody else, -EINVAL where it is no regular
 * file, -ELOOP where it is a symbolic link, -EBADMSG where its
 * content is malformed, or the error of open(2), read(2) or
 * smpair_secret_new(). smpair_hostkey_info() has a text for each.
 */
int smpair_hostkey_read(const char *path, struct smpair_secret **payload)
{
	struct smpair_secret *secret = NULL;
	uint8_t id[8];
	struct stat st;
	size_t len;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;

	if (fstat(fd, &st)) {
		err = -errno;
		goto out;
	}
	err = -EINVAL;
	if (!S_ISREG(st.st_mode))
		goto out;
	err = -EPERM;
	if (st.st_uid && st.st_uid != geteuid())
		goto out;
	err = -EKEYREJECTED;
	if (st.st_mode & 077)
		goto out;

	/* One byte more than the longest payload tells a longer file apart. */
	err = smpair_secret_new(PAYLOAD_MAX + 1, &secret);
	if (err)
		goto out;
	err = read_all(fd, smpair_secret_data(secret), PAYLOAD_MAX + 1, &len);
	if (err)
		goto out;
	err = smpair_hostkey_check(smpair_secret_data(secret), len, id);
	if (err)
		goto out;
	smpair_secret_trim(secret, len);
	*payload = secret;
	secret = NULL;
out:
	smpair_secret_free(secret);
	close(fd);
	return err;
}
