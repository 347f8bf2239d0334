// SPDX-License-Identifier: GPL-2.0
/*
 * kfuzz SECONDS [FOLDER...]: inputs to the running driver, guided by the code that
 * they reach in it. Those in the folders come first; what reaches something new is
 * kept, and written to the last folder. Each input is printed before it runs, so
 * that a kernel that does not survive it leaves it behind.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "call.h"
#include "kcov.h"

#define INPUT_MAX	384
#define CORPUS_MAX	4096

struct kept {
	uint8_t data[INPUT_MAX];
	size_t len;
};

static struct kept corpus[CORPUS_MAX];
static unsigned int corpus_count;
static uint64_t state = 0x2545f4914f6cdd1dULL;

static unsigned int below(unsigned int n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 33) % n;
}

static void mutate(struct kept *k)
{
	unsigned int rounds = 1 + below(4), at, n;
	const struct kept *other;

	while (rounds--) {
		switch (below(6)) {
		case 0:
			if (k->len)
				k->data[below(k->len)] ^= 1 << below(8);
			break;
		case 1:
			if (k->len)
				k->data[below(k->len)] = below(256);
			break;
		case 2:
			n = 1 + below(8);
			if (k->len + n > INPUT_MAX)
				break;
			at = below(k->len + 1);
			memmove(k->data + at + n, k->data + at, k->len - at);
			for (k->len += n; n--; at++)
				k->data[at] = below(256);
			break;
		case 3:
			if (k->len < 2)
				break;
			n = 1 + below(k->len / 2);
			at = below(k->len - n + 1);
			memmove(k->data + at, k->data + at + n, k->len - at - n);
			k->len -= n;
			break;
		default:
			if (!corpus_count)
				break;
			/* The end of another one in place of its own */
			other = &corpus[below(corpus_count)];
			at = below(k->len + 1);
			n = other->len ? below(other->len) : 0;
			if (at + n > INPUT_MAX)
				n = INPUT_MAX - at;
			memcpy(k->data + at, other->data + other->len - n, n);
			k->len = at + n;
			break;
		}
	}
}

/* Named by its content, so that no run overwrites what another one found */
static void store(const struct kept *k, const char *folder)
{
	uint64_t name = 0xcbf29ce484222325ULL;
	char path[256];
	size_t i;
	FILE *f;

	for (i = 0; i < k->len; i++)
		name = (name ^ k->data[i]) * 0x100000001b3ULL;
	snprintf(path, sizeof(path), "%s/%016llx", folder, (unsigned long long)name);
	f = fopen(path, "w");
	if (!f)
		return;
	fwrite(k->data, 1, k->len, f);
	fclose(f);
}

/* Runs it; true: it was kept. */
static bool run(const struct kept *k, const char *folder)
{
	size_t i;

	printf("> ");
	for (i = 0; i < k->len; i++)
		printf("%02x", k->data[i]);
	printf("\n");
	fflush(stdout);

	kcov_start();
	call_input(k->data, k->len);
	if (!kcov_stop() || corpus_count == CORPUS_MAX)
		return false;
	corpus[corpus_count++] = *k;
	if (folder)
		store(k, folder);
	return true;
}

static unsigned int run_folder(const char *folder)
{
	unsigned int runs = 0;
	struct dirent *entry;
	DIR *dir = opendir(folder);
	char path[512];

	while (dir && (entry = readdir(dir))) {
		struct kept k;
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		f = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!f)
			continue;
		k.len = fread(k.data, 1, sizeof(k.data), f);
		fclose(f);
		run(&k, NULL);
		runs++;
	}
	if (dir)
		closedir(dir);
	return runs;
}

int main(int argc, char **argv)
{
	unsigned int runs = 0, kept = 0, seeds;
	time_t end;
	int i, err;

	if (argc < 2) {
		fprintf(stderr, "usage: kfuzz SECONDS [FOLDER...]\n");
		return 2;
	}
	printf("TAP version 13\n1..1\n");
	err = kcov_open();
	if (err) {
		printf("ok 1 # SKIP this kernel has no KCOV: %s\n", strerror(-err));
		return 0;
	}
	err = call_open();
	if (err) {
		printf("not ok 1 the driver answers: %s\n", strerror(-err));
		return 1;
	}
	for (i = 2; i < argc; i++)
		runs += run_folder(argv[i]);
	seeds = corpus_count;

	end = time(NULL) + atol(argv[1]);
	while (time(NULL) < end || !atol(argv[1])) {
		struct kept k = { .len = 0 };

		if (corpus_count)
			k = corpus[below(corpus_count)];
		mutate(&k);
		kept += run(&k, argc > 2 ? argv[argc - 1] : NULL);
		runs++;
	}
	printf("# %u executions, %u blocks of the driver reached, %u inputs at the start, %u new\n",
	       runs, kcov_blocks(), seeds, kept);
	printf("%s 1 driver_survives_netlink_and_virtual_devices\n",
	       kcov_blocks() > 300 ? "ok" : "not ok");
	return kcov_blocks() > 300 ? 0 : 1;
}
