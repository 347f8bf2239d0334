// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Latency of a module behind pcscd: GET INFO again and again through
 * SCardTransmit(). Wants a running pcscd with a PDT1 module in a reader.
 */
#include <PCSC/winscard.h>
#include <err.h>
#include <linux/smpair_proto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WARM_UP	100

static const uint8_t select_cmd[] = { 0x00, PDT1_INS_SELECT, 4, 0, 10, 0xf0,
				      'P', 'D', 'T', '-', 'P', 'A', 'I', 'R',
				      1, 0 };
static const uint8_t info_cmd[] = { PDT1_CLA, PDT1_INS_GET_INFO, 0, 0, 0 };

static void check(LONG ret, const char *what)
{
	if (ret != SCARD_S_SUCCESS)
		errx(1, "%s: %s", what, pcsc_stringify_error(ret));
}

static void transmit(SCARDHANDLE card, const uint8_t *cmd, size_t len)
{
	uint8_t rsp[256];
	DWORD rsp_len = sizeof(rsp);

	check(SCardTransmit(card, SCARD_PCI_T1, cmd, len, NULL, rsp, &rsp_len),
	      "SCardTransmit");
	if (rsp_len < 2 || rsp[rsp_len - 2] != 0x90 || rsp[rsp_len - 1])
		errx(1, "the module refused the command");
}

static SCARDHANDLE find_module(SCARDCONTEXT ctx)
{
	char readers[4096];
	DWORD len = sizeof(readers);
	SCARDHANDLE card;
	DWORD protocol;
	const char *r;

	check(SCardListReaders(ctx, NULL, readers, &len), "SCardListReaders");
	for (r = readers; *r; r += strlen(r) + 1)
		if (SCardConnect(ctx, r, SCARD_SHARE_EXCLUSIVE,
				 SCARD_PROTOCOL_T1, &card,
				 &protocol) == SCARD_S_SUCCESS)
			return card;
	errx(1, "no module in any reader; start smpair-softmod run --link vpcd");
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000;
	double *us, start;
	SCARDCONTEXT ctx;
	SCARDHANDLE card;
	unsigned long i;

	if (argc > 2 || !count || count > 10000000)
		errx(2, "usage: smpair-bench-vpcd [COUNT]");
	us = calloc(count, sizeof(*us));
	if (!us)
		err(1, NULL);

	check(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx),
	      "is pcscd running? SCardEstablishContext");
	card = find_module(ctx);
	transmit(card, select_cmd, sizeof(select_cmd));
	for (i = 0; i < WARM_UP; i++)
		transmit(card, info_cmd, sizeof(info_cmd));

	start = now_us();
	for (i = 0; i < count; i++) {
		double before = now_us();

		transmit(card, info_cmd, sizeof(info_cmd));
		us[i] = now_us() - before;
	}
	start = now_us() - start;

	qsort(us, count, sizeof(*us), compare);
	printf("{\"v\":1,\"apdus\":%lu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"apdus_per_s\":%.0f}\n",
	       count, us[count / 2], us[count * 99 / 100],
	       (double)count * 1e6 / start);

	free(us);
	SCardDisconnect(card, SCARD_LEAVE_CARD);
	SCardReleaseContext(ctx);
	return 0;
}
