// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* Name of the implementation that the kernel takes for gcm(aes) */
static void gcm_driver(char *name, size_t size)
{
	char line[128], driver[64] = "";
	int best = -1, priority;
	bool here = false;
	FILE *f = fopen("/proc/crypto", "re");

	snprintf(name, size, "unknown");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "name ", 5))
			here = strstr(line, ": gcm(aes)\n");
		sscanf(line, "driver : %63s", driver);
		/* Internal ones cannot be asked for by the name gcm(aes). */
		if (here && !strncmp(driver, "__", 2))
			here = false;
		if (here && sscanf(line, "priority : %d", &priority) == 1 && priority > best) {
			best = priority;
			snprintf(name, size, "%s", driver);
		}
	}
	if (f)
		fclose(f);
}

static const struct speed *goal_speed(const struct report *report)
{
	size_t i;

	for (i = 0; i < SPEED_SIZES; i++)
		if (report->speed[i].size == REPORT_GOAL_SIZE)
			return &report->speed[i];
	return NULL;
}

static double per_second(const struct speed *s)
{
	return 1e6 / rounds_median(&s->exchange);
}

static double bytes_per_second(const struct speed *s)
{
	return per_second(s) * (2 * s->size - 1);
}

static void table_counts(const struct counts *counts)
{
	const struct count *c;
	size_t i;

	printf("Counts (checked)\n%-42s %7s %7s\n", "", "counted", "wanted");
	for (i = 0; i < counts->count; i++) {
		c = &counts->list[i];
		printf("%-42s %7zu %7zu %s\n", c->name, c->value, c->wanted,
		       c->value == c->wanted ? "ok" : "WRONG");
	}
	printf("Bytes are those of whole APDUs, from CLA to Le and from the first byte of the\n"
	       "answer to its status word. In data fields alone: pairing %zu, OPEN %zu, OPEN\n"
	       "with KA cached %zu. NVM writes are records committed to the journal.\n\n",
	       counts->pair_data, counts->open_data, counts->cached_data);
}

static void table_arrival(const struct arrival *a)
{
	double total = rounds_median(&a->total), work = rounds_median(&a->work);

	printf("Insertion of a paired module\n"
	       "%.1f times the module's own work on the commands: %.2f ms from its power-up to\n"
	       "\"paired\" (reset and %zu commands, of which %.2f ms in the module)\n\n",
	       total / work, total, a->trips, work);
}

static void table_speed(const struct report *report)
{
	const struct speed *s;

	printf("Messages through /dev/smpairN, echoed\n"
	       "%7s %10s | %11s %9s %10s %11s\n", "bytes", "/ gcm(aes)",
	       "exchanges/s", "KiB/s", "us", "gcm(aes) us");
	for (s = report->speed; s < report->speed + SPEED_SIZES; s++)
		printf("%7zu %10.2f | %11.0f %9.0f %10.1f %11.1f\n", s->size,
		       rounds_median(&s->gcm_ratio), per_second(s), bytes_per_second(s) / 1024,
		       rounds_median(&s->exchange), rounds_median(&s->gcm));
	printf("gcm(aes): what one exchange needs of it (encrypt a message, decrypt an answer),\n"
	       "by itself, through AF_ALG. Of each figure about %.1f us are AF_ALG's own (the same\n"
	       "calls with one byte). KiB/s: messages and answers together.\n\n",
	       rounds_median(&report->gcm_floor));
}

static void table_parts(const struct report *report)
{
	const struct speed *s;

	printf("What an exchange consists of, us\n"
	       "%7s %6s %6s %6s | %8s | %8s %8s %8s %8s %8s\n", "bytes", "adds", "kernel",
	       "/ link", "all", "module", "link", "crypto", "driver", "chardev");
	for (s = report->speed; s < report->speed + SPEED_SIZES; s++)
		printf("%7zu %5.1f%% %5.1f%% %6.2f | %8.1f | %8.1f %8.1f %8.1f %8.1f %8.1f\n",
		       s->size, 100 * rounds_median(&s->adds),
		       100 * rounds_median(&s->adds_kernel), rounds_median(&s->link_ratio),
		       rounds_median(&s->total), rounds_median(&s->work),
		       rounds_median(&s->link), rounds_median(&s->crypto),
		       rounds_median(&s->driver), rounds_median(&s->chardev));
	printf("link: a bare round trip on the virtual link, from the transport's call to its\n"
	       "return, less the module's own work on the command; the system calls by which\n"
	       "the far end reads and writes are in it. adds: driver and chardev, over crypto plus\n"
	       "link. kernel: driver alone, which is what users of smpair_exchange() see. / link:\n"
	       "all but the module, to link. Kernel probes watch these functions and cost time:\n"
	       "\"all\" may be longer than above. Medians, so parts need not add up.\n\n");
}

static void table_goal(const struct report *report)
{
	const struct speed *s = goal_speed(report);

	printf("Goal: at %u bytes the driver adds no more than %.0f %% to crypto plus link\n",
	       REPORT_GOAL_SIZE, 100 * REPORT_GOAL);
	if (report->no_probes)
		printf("not measured: %s\n", report->no_probes);
	else
		printf("%s: it adds %.1f %% through /dev/smpairN, %.1f %% for users in the kernel\n",
		       rounds_median(&s->adds) <= REPORT_GOAL ? "met" : "missed",
		       100 * rounds_median(&s->adds), 100 * rounds_median(&s->adds_kernel));
}

void report_table(const struct report *report)
{
	struct utsname u;
	char gcm[64];

	uname(&u);
	gcm_driver(gcm, sizeof(gcm));
	printf("Linux %s, gcm(aes) by %s; medians of %u rounds\n%s\n\n", u.release, gcm,
	       BENCH_ROUNDS, report->one_cpu ?
	       "All on one CPU: work and context switches count, waking an idle CPU does not." :
	       "On all CPUs: times include waking idle ones.");
	table_counts(&report->counts);
	table_arrival(&report->arrival);
	table_speed(report);
	if (!report->no_probes)
		table_parts(report);
	table_goal(report);
}

static void json_counts(const struct counts *counts)
{
	size_t i;

	printf("\"counts\":[");
	for (i = 0; i < counts->count; i++)
		printf("%s{\"name\":\"%s\",\"value\":%zu,\"wanted\":%zu}", i ? "," : "",
		       counts->list[i].name, counts->list[i].value, counts->list[i].wanted);
	printf("],\"data_bytes\":{\"pairing\":%zu,\"open\":%zu,\"open_cached\":%zu}",
	       counts->pair_data, counts->open_data, counts->cached_data);
}

static void json_speed(const struct report *report, const struct speed *s)
{
	printf("{\"bytes\":%zu,\"ratio_gcm\":%.4f,\"exchanges_per_s\":%.1f,"
	       "\"bytes_per_s\":%.0f,\"exchange_us\":%.2f,\"gcm_us\":%.2f", s->size,
	       rounds_median(&s->gcm_ratio), per_second(s), bytes_per_second(s),
	       rounds_median(&s->exchange), rounds_median(&s->gcm));
	if (!report->no_probes)
		printf(",\"probed\":{\"adds\":%.4f,\"adds_kernel\":%.4f,\"ratio_link\":%.4f,"
		       "\"all_us\":%.2f,\"module_us\":%.2f,\"link_us\":%.2f,\"crypto_us\":%.2f,"
		       "\"driver_us\":%.2f,\"chardev_us\":%.2f}",
		       rounds_median(&s->adds), rounds_median(&s->adds_kernel),
		       rounds_median(&s->link_ratio), rounds_median(&s->total),
		       rounds_median(&s->work), rounds_median(&s->link),
		       rounds_median(&s->crypto), rounds_median(&s->driver),
		       rounds_median(&s->chardev));
	printf("}");
}

void report_json(const struct report *report)
{
	const struct arrival *a = &report->arrival;
	struct utsname u;
	char gcm[64];
	size_t i;

	uname(&u);
	gcm_driver(gcm, sizeof(gcm));
	printf("{\"v\":1,\"kernel\":\"%s\",\"one_cpu\":%s,\"gcm\":\"%s\",\"rounds\":%u,", u.release,
	       report->one_cpu ? "true" : "false", gcm, BENCH_ROUNDS);
	json_counts(&report->counts);
	printf(",\"insertion\":{\"ratio_module\":%.3f,\"ms\":%.3f,\"module_ms\":%.3f,\"commands\":%zu}",
	       rounds_median(&a->total) / rounds_median(&a->work), rounds_median(&a->total),
	       rounds_median(&a->work), a->trips);
	printf(",\"af_alg_us\":%.2f,\"messages\":[", rounds_median(&report->gcm_floor));
	for (i = 0; i < SPEED_SIZES; i++) {
		printf("%s", i ? "," : "");
		json_speed(report, &report->speed[i]);
	}
	printf("],\"goal\":{\"bytes\":%u,\"adds_at_most\":%.2f,\"met\":%s}}\n", REPORT_GOAL_SIZE,
	       REPORT_GOAL, report->no_probes ? "null" :
	       rounds_median(&goal_speed(report)->adds) <= REPORT_GOAL ? "true" : "false");
}
