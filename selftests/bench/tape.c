// SPDX-License-Identifier: GPL-2.0
#include "tape.h"

#include <string.h>

#include "clock.h"

#define HEADER_LEN	4	/* CLA INS P1 P2 */
#define SW_LEN		2

/* Length of the data field, as Lc says: ISO/IEC 7816-4, short or extended form */
static size_t data_len(const uint8_t *cmd, size_t len)
{
	if (len <= HEADER_LEN + 1)
		return 0;
	if (cmd[HEADER_LEN])
		return cmd[HEADER_LEN];
	return len >= HEADER_LEN + 3 ? cmd[HEADER_LEN + 1] << 8 | cmd[HEADER_LEN + 2] : 0;
}

static void record(void *ctx, struct rig_xchg *x)
{
	struct tape *tape = ctx;
	uint64_t now = clock_ns();

	pthread_mutex_lock(&tape->lock);
	if (!x->rsp_len) {
		tape->began = now;
	} else {
		tape->work_ns += now - tape->began;
		if (tape->count < TAPE_MAX)
			tape->entry[tape->count] = (struct tape_entry){
				.ins = x->cmd[1],
				.command = x->cmd_len,
				.command_data = data_len(x->cmd, x->cmd_len),
				.answer = x->rsp_len,
				.answer_data = x->rsp_len - SW_LEN,
			};
		tape->count++;
	}
	pthread_mutex_unlock(&tape->lock);
}

void tape_init(struct tape *tape, struct rig_module *mod)
{
	memset(tape, 0, sizeof(*tape));
	pthread_mutex_init(&tape->lock, NULL);
	rig_module_hook(mod, record, tape);
}

void tape_clear(struct tape *tape)
{
	pthread_mutex_lock(&tape->lock);
	tape->count = 0;
	tape->work_ns = 0;
	pthread_mutex_unlock(&tape->lock);
}

struct tape_sum tape_sum(struct tape *tape, uint8_t a, uint8_t b)
{
	struct tape_sum sum = { 0 };
	size_t i;

	pthread_mutex_lock(&tape->lock);
	for (i = 0; i < tape->count && i < TAPE_MAX; i++) {
		const struct tape_entry *e = &tape->entry[i];

		if (e->ins != a && e->ins != b)
			continue;
		sum.trips++;
		sum.apdu += e->command + e->answer;
		sum.data += e->command_data + e->answer_data;
	}
	pthread_mutex_unlock(&tape->lock);
	return sum;
}

size_t tape_count(struct tape *tape)
{
	size_t count;

	pthread_mutex_lock(&tape->lock);
	count = tape->count;
	pthread_mutex_unlock(&tape->lock);
	return count;
}

uint64_t tape_work_ns(struct tape *tape)
{
	uint64_t ns;

	pthread_mutex_lock(&tape->lock);
	ns = tape->work_ns;
	pthread_mutex_unlock(&tape->lock);
	return ns;
}

bool tape_only(struct tape *tape, struct tape_entry *entry)
{
	bool only;

	pthread_mutex_lock(&tape->lock);
	only = tape->count == 1;
	*entry = tape->entry[0];
	pthread_mutex_unlock(&tape->lock);
	return only;
}
