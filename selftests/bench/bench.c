// SPDX-License-Identifier: GPL-2.0
/*
 * Measures the driver with the real software module behind /dev/smpair_virt.
 * Counts are checked: exit status 1 when one is not what the protocol says.
 * Times are printed and never judged, but for the verdict on the goal.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cpu.h"
#include "loopback.h"
#include "probe.h"
#include "report.h"

static const size_t sizes[SPEED_SIZES] = { 64, 1024, REPORT_GOAL_SIZE, SPEED_LARGEST };

static const char *measure_messages(struct report *report, struct rig *rig, struct tape *tape)
{
	const char *failed = NULL;
	struct bench_file file;
	struct gcm gcm;
	size_t i, round;

	if (gcm_open(&gcm, SPEED_LARGEST + PDT1_ENV_RSP_HEADER_LEN))
		return "the kernel offers no gcm(aes) through AF_ALG";
	if (speed_open(&file, rig->dev)) {
		gcm_close(&gcm);
		return "/dev/smpairN cannot be opened";
	}
	for (i = 0; i < SPEED_SIZES && !failed; i++) {
		report->speed[i].size = sizes[i];
		failed = speed_overhead(&report->counts, &file, tape, sizes[i]);
	}
	/* Sizes take turns, so that what disturbs the machine disturbs all alike. */
	for (round = 0; round < BENCH_ROUNDS && !failed; round++) {
		for (i = 0; i < SPEED_SIZES && !failed; i++)
			failed = speed_round(&report->speed[i], &file, &gcm);
		rounds_add(&report->gcm_floor, speed_gcm_floor(&gcm));
	}
	report->no_probes = probe_set_up();
	for (round = 0; round < BENCH_ROUNDS && !failed && !report->no_probes; round++)
		for (i = 0; i < SPEED_SIZES && !failed; i++)
			failed = speed_round_probed(&report->speed[i], &file, tape);
	if (!report->no_probes)
		probe_tear_down();
	speed_close(&file);
	gcm_close(&gcm);
	return failed;
}

static const char *measure(struct report *report, struct rig *rig)
{
	const char *failed;
	struct tape tape;
	size_t i;

	tape_init(&tape, &rig->mod);
	failed = count_pairing(&report->counts, rig, &tape);
	for (i = 0; i < BENCH_ROUNDS && !failed; i++)
		failed = count_arrival(&report->counts, &report->arrival, rig, &tape);
	if (!failed)
		failed = count_open(&report->counts, rig, &tape);
	if (!failed)
		failed = measure_messages(report, rig, &tape);
	rig_module_hook(&rig->mod, NULL, NULL);
	return failed;
}

static int usage(int status)
{
	fprintf(status ? stderr : stdout,
		"usage: bench [--json | --loopback]\n"
		"Measures smpair on this machine; needs root and the modules loaded.\n"
		"--loopback: only a bare TCP round trip, in microseconds; needs neither.\n"
		"Exit status: 0; 1 a count is wrong, or something failed; 2 usage.\n");
	return status;
}

static int loopback(void)
{
	double us = loopback_us();

	if (us)
		printf("%.1f\n", us);
	return !us;
}

/*
 * Probes and the CPU are given back at the end, which comes soon: whoever wants
 * to interrupt waits for it.
 */
static void hold_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(how, &set, NULL);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "loopback", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct report report = { 0 };
	const char *failed = rig_missing();
	bool json = false;
	struct rig rig;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (opt == 'h')
			return usage(0);
		if (opt == 'l')
			return loopback();
		if (opt != 'j')
			return usage(2);
		json = true;
	}
	if (optind != argc)
		return usage(2);

	if (!failed) {
		hold_signals(SIG_BLOCK);
		report.one_cpu = cpu_use_one();
		if (rig_init(&rig, NULL))
			failed = "the rig could not be set up";
		else
			failed = measure(&report, &rig);
		rig_exit(&rig);
		if (report.one_cpu)
			cpu_restore();
		hold_signals(SIG_UNBLOCK);
	}
	if (failed) {
		fprintf(stderr, "bench: %s\n", failed);
		return 1;
	}
	if (json)
		report_json(&report);
	else
		report_table(&report);
	return counts_right(&report.counts) ? 0 : 1;
}
