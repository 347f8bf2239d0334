// SPDX-License-Identifier: GPL-2.0
/*
 * search FILE: which of the needles on standard input, lines "NAME HEX", FILE holds
 * anywhere; prints "NAME OFFSET" once for each. All are looked for in one pass.
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEEDLES_MAX	4096
#define NEEDLE_MIN	8
#define NEEDLE_MAX	32

struct needle {
	char name[64];
	uint8_t data[NEEDLE_MAX];
	size_t len;
	bool found;
};

static struct needle needle[NEEDLES_MAX];
static unsigned int needles;
/* Whether some needle begins with these three bytes */
static uint8_t may_begin[1 << 21];

static uint32_t beginning(const uint8_t *p)
{
	return p[0] | p[1] << 8 | (uint32_t)p[2] << 16;
}

static void take(const char *line)
{
	struct needle *n = &needle[needles];
	char hex[2 * NEEDLE_MAX + 1];
	size_t i;

	if (needles == NEEDLES_MAX || sscanf(line, "%63s %64s", n->name, hex) != 2 ||
	    strlen(hex) < 2 * NEEDLE_MIN)
		errx(2, "cannot look for: %s", line);
	n->len = strlen(hex) / 2;
	for (i = 0; i < n->len; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &n->data[i]) != 1)
			errx(2, "cannot look for: %s", line);
	may_begin[beginning(n->data) >> 3] |= 1 << (beginning(n->data) & 7);
	needles++;
}

static void compare(const uint8_t *p, size_t left, size_t offset)
{
	unsigned int i;

	for (i = 0; i < needles; i++) {
		if (needle[i].found || needle[i].len > left ||
		    memcmp(p, needle[i].data, needle[i].len))
			continue;
		needle[i].found = true;
		printf("%s %#zx\n", needle[i].name, offset);
	}
}

int main(int argc, char **argv)
{
	const uint8_t *p;
	struct stat st;
	char line[160];
	size_t i;
	int fd;

	if (argc != 2)
		errx(2, "usage: search FILE");
	while (fgets(line, sizeof(line), stdin))
		take(line);
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", argv[1]);
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		err(1, "%s", argv[1]);
	for (i = 0; i + NEEDLE_MIN <= (size_t)st.st_size; i++)
		if (may_begin[beginning(p + i) >> 3] & 1 << (beginning(p + i) & 7))
			compare(p + i, st.st_size - i, i);
	return 0;
}
