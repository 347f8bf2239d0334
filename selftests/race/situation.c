// SPDX-License-Identifier: GPL-2.0
/* How each situation comes about. Each ends when the driver is seen to be there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "race.h"
#include "rig/setting.h"
#include "softmod/app.h"

/* How long a module that does not answer holds up the sleep of the system */
#define SUSPEND_PATIENCE_MS	"5000"

static int run_smpairctl(struct race *race, const char *input, const char *verb,
			 const char *option, const char *value)
{
	char name[SMPAIR_NAME_SIZE];
	const char *argv[] = { "smpairctl", verb, name, option, value, NULL };

	snprintf(name, sizeof(name), "smpair%u", race->rig.dev);
	return peer_smpairctl(&race->helper, input, argv);
}

static int await(struct rig *rig, enum smpair_state state)
{
	int seen = rig_wait_state(rig, state);

	if (seen == (int)state)
		return 0;
	printf("# wanted state %u, got %d\n", state, seen);
	return seen < 0 ? seen : -ETIME;
}

/* Where nothing is under way that a helper could be in the middle of, it watches. */
static int watch(struct race *race)
{
	static const char * const monitor[] = { "smpairctl", "monitor", NULL };

	if (!race->with_helper)
		return 0;
	return peer_smpairctl(&race->helper, "", monitor) ?: peer_await_monitor(&race->helper);
}

static int insert_unpaired(struct race *race)
{
	return rig_use_host(&race->rig, 0) ?: rig_insert(&race->rig) ?:
	       await(&race->rig, SMPAIR_STATE_UNPAIRED);
}

static int make_paired(struct race *race)
{
	return rig_make_pairing(&race->rig, 0) ? 0 : -EIO;
}

static int make_closed(struct race *race)
{
	struct smpair_outcome out;
	int err = make_paired(race) ?: rig_do(&race->rig, smpair_op_close, &out);

	return err ? err : -(int)out.error;
}

/*
 * The next command @ins is held. Where nobody will answer it, the driver must not wait for
 * as long as it may: the system cannot sleep before. Other commands keep the time they have.
 */
static int arm(struct race *race, uint8_t ins)
{
	int err = race->with_suspend ? setting_write(SETTING_VIRT_TIMEOUT, SUSPEND_PATIENCE_MS) : 0;

	return err ? err : hold_arm(&race->hold, &race->rig.mod, ins);
}

static int reached(struct race *race)
{
	return hold_wait(&race->hold) ?: setting_write(SETTING_VIRT_TIMEOUT, race->virt_timeout);
}

/* Asks for something in this process or by smpairctl, and waits for the command to come. */
static int ask_and_hold(struct race *race, uint8_t ins, rig_op op, const char *verb)
{
	int err = arm(race, ins);

	if (err)
		return err;
	if (race->with_helper)
		err = run_smpairctl(race, "", verb, NULL, NULL);
	else
		err = op(race->rig.client, race->rig.dev, &race->op);
	return err ? err : reached(race);
}

/* The rest of a pairing, as far as agents see it */

static int accept_and_answer(struct race *race)
{
	return peer_ask(&race->agent, PEER_ACCEPT) ?: peer_ask(&race->agent, PEER_ANSWER);
}

static int answer(struct race *race)
{
	return peer_ask(&race->agent, PEER_ANSWER);
}

/* States that last */

static int enter_probing(struct race *race)
{
	return watch(race) ?: rig_use_host(&race->rig, 0) ?:
	       arm(race, PDT1_INS_SELECT) ?:
	       rig_insert(&race->rig) ?: reached(race);
}

static void know_nothing(void *ctx, struct rig_xchg *x)
{
	x->rsp[0] = PDT1_SW_NOT_FOUND >> 8;
	x->rsp[1] = PDT1_SW_NOT_FOUND & 0xff;
	x->rsp_len = 2;
	x->skip = true;
}

static int enter_unsupported(struct race *race)
{
	rig_module_hook(&race->rig.mod, know_nothing, NULL);
	return watch(race) ?: rig_insert(&race->rig) ?:
	       await(&race->rig, SMPAIR_STATE_UNSUPPORTED);
}

/* OPEN, which shows the driver what the centre has changed in the module meanwhile. */
static int find_out(struct race *race, enum smpair_state state)
{
	struct smpair_outcome out;

	return rig_do(&race->rig, smpair_op_open, &out) ?: await(&race->rig, state);
}

static int enter_unserviceable(struct race *race)
{
	struct sm_store *store = &race->rig.mod.m->store;
	struct sm_meta meta;
	int err = watch(race) ?: insert_unpaired(race);

	if (err)
		return err;
	meta = store->meta;
	meta.frozen = true;
	return sm_store_meta(store, &meta) ? -EIO : find_out(race, SMPAIR_STATE_UNSERVICEABLE);
}

static int enter_identified(struct race *race)
{
	return watch(race) ?: rig_insert(&race->rig) ?:
	       await(&race->rig, SMPAIR_STATE_IDENTIFIED);
}

static int enter_unpaired(struct race *race)
{
	return watch(race) ?: insert_unpaired(race);
}

static int enter_paired(struct race *race)
{
	return watch(race) ?: make_paired(race);
}

static int enter_restricted(struct race *race)
{
	struct sm_store *store = &race->rig.mod.m->store;
	int err = watch(race) ?: make_paired(race);
	struct sm_cfg cfg;

	if (err)
		return err;
	cfg = store->cfg;
	cfg.m_min = race->rig.host.m[0] + 1;
	return sm_store_cfg(store, &cfg) ? -EIO : find_out(race, SMPAIR_STATE_RESTRICTED);
}

static int enter_closed(struct race *race)
{
	return watch(race) ?: make_closed(race);
}

/* In the answer to OPEN, behind RM, flags, N and XM */
#define PDC_AT	(PDT1_RAND_LEN + 2 + 4 + PDT1_X25519_LEN)

static void spoil_pdc(void *ctx, struct rig_xchg *x)
{
	if (x->rsp_len > PDC_AT && x->cmd[1] == PDT1_INS_OPEN)
		x->rsp[PDC_AT] ^= 1;
}

static int enter_alarmed(struct race *race)
{
	int err = watch(race) ?: make_paired(race);

	if (err)
		return err;
	rig_module_hook(&race->rig.mod, spoil_pdc, NULL);
	return rig_clear_host(&race->rig) ?: rig_use_host(&race->rig, 0) ?:
	       await(&race->rig, SMPAIR_STATE_ALARM);
}

/* States that pass */

static int enter_opening(struct race *race)
{
	return make_closed(race) ?: ask_and_hold(race, PDT1_INS_OPEN, smpair_op_open, "open");
}

static int enter_first_envelope(struct race *race)
{
	return make_closed(race) ?:
	       ask_and_hold(race, PDT1_INS_ENVELOPE, smpair_op_open, "open");
}

static int op_pair(struct smpair_client *client, uint32_t dev, uint64_t *op)
{
	return smpair_op_pair(client, dev, 0, 0, op);
}

static int enter_begin(struct race *race)
{
	return insert_unpaired(race) ?:
	       ask_and_hold(race, PDT1_INS_PAIR_BEGIN, op_pair, "pair");
}

static int enter_queued(struct race *race)
{
	int err = insert_unpaired(race);

	if (err)
		return err;
	if (race->with_helper)
		err = run_smpairctl(race, "", "pair", "--agent", NULL);
	else
		err = op_pair(race->rig.client, race->rig.dev, &race->op);
	return err ? err : peer_ask(&race->agent, PEER_AWAIT_REQUEST);
}

static int enter_accepted(struct race *race)
{
	int err;

	if (!race->with_helper)
		return enter_queued(race) ?: peer_ask(&race->agent, PEER_ACCEPT);
	err = insert_unpaired(race) ?: run_smpairctl(race, "", "pair", "--pin-fd", "3");
	/* It tells what is offered when it has accepted, and then reads the PIN. */
	return err ? err : peer_await_word(&race->helper);
}

static int enter_confirm(struct race *race)
{
	char pin[PDT1_PIN_LEN + 2] = "";
	int err = insert_unpaired(race) ?:
		  arm(race, PDT1_INS_PAIR_CONFIRM);

	if (err)
		return err;
	if (race->with_helper) {
		rig_pin(&race->rig.mod.perso, &race->rig.host, 0, pin);
		strcat(pin, "\n");
		err = run_smpairctl(race, pin, "pair", "--pin-fd", "3");
	} else {
		err = op_pair(race->rig.client, race->rig.dev, &race->op) ?:
		      accept_and_answer(race);
	}
	return err ? err : reached(race);
}

/* Files that are in use */

static int enter_dump(struct race *race)
{
	int err = race->with_helper ? peer_start(&race->helper, &race->rig) : 0;

	err = err ?: dump_fill(&race->dump) ?: make_paired(race);
	if (err)
		return err;
	return race->with_helper ? peer_ask(&race->helper, PEER_DUMP) : dump_begin(&race->dump);
}

static const uint8_t message[] = { APP_ECHO, 1 };

static void *read_answer(void *arg)
{
	struct race *race = arg;
	uint8_t answer[8];

	race->got = read(race->node, answer, sizeof(answer));
	if (race->got < 0)
		race->got = -errno;
	return NULL;
}

static void *write_and_read(void *arg)
{
	struct race *race = arg;

	if (write(race->node, message, sizeof(message)) == sizeof(message))
		return read_answer(race);
	race->got = -errno;
	return NULL;
}

/* One that does not wait for its write, but for its read */
static int write_ahead(struct race *race)
{
	if (fcntl(race->node, F_SETFL, O_NONBLOCK) ||
	    write(race->node, message, sizeof(message)) < 0 ||
	    fcntl(race->node, F_SETFL, 0))
		return -errno;
	return 0;
}

static int enter_user(struct race *race, bool ahead)
{
	int err = make_paired(race) ?:
		  arm(race, PDT1_INS_ENVELOPE);

	if (err)
		return err;
	if (race->with_helper)
		return run_smpairctl(race, "", "exchange", "--hex", "0001") ?:
		       reached(race);

	race->node = rig_open_node(race->rig.dev, O_RDWR);
	if (race->node < 0)
		return race->node;
	err = ahead ? write_ahead(race) : 0;
	if (err)
		return err;
	err = -pthread_create(&race->user, NULL, ahead ? read_answer : write_and_read, race);
	race->using = !err;
	return err ? err : reached(race);
}

static int enter_reader(struct race *race)
{
	return enter_user(race, true);
}

static int enter_writer(struct race *race)
{
	return enter_user(race, false);
}

const struct situation situations[SITUATION_COUNT] = {
	[AT_probing] = {
		.enter = enter_probing,
		.state = SMPAIR_STATE_PROBING,
		.rest = SMPAIR_STATE_UNPAIRED,
		.held = true,
	},
	[AT_unsupported] = {
		.enter = enter_unsupported,
		.state = SMPAIR_STATE_UNSUPPORTED,
		.rest = SMPAIR_STATE_UNSUPPORTED,
	},
	[AT_unserviceable] = {
		.enter = enter_unserviceable,
		.state = SMPAIR_STATE_UNSERVICEABLE,
		.rest = SMPAIR_STATE_UNSERVICEABLE,
	},
	[AT_identified] = {
		.enter = enter_identified,
		.state = SMPAIR_STATE_IDENTIFIED,
		.rest = SMPAIR_STATE_IDENTIFIED,
	},
	[AT_unpaired] = {
		.enter = enter_unpaired,
		.state = SMPAIR_STATE_UNPAIRED,
		.rest = SMPAIR_STATE_UNPAIRED,
	},
	[AT_paired] = {
		.enter = enter_paired,
		.state = SMPAIR_STATE_PAIRED,
		.rest = SMPAIR_STATE_PAIRED,
	},
	[AT_restricted] = {
		.enter = enter_restricted,
		.state = SMPAIR_STATE_RESTRICTED,
		.rest = SMPAIR_STATE_RESTRICTED,
	},
	[AT_closed] = {
		.enter = enter_closed,
		.state = SMPAIR_STATE_CLOSED,
		.rest = SMPAIR_STATE_PAIRED,
	},
	[AT_alarmed] = {
		.enter = enter_alarmed,
		.state = SMPAIR_STATE_ALARM,
		.rest = SMPAIR_STATE_ALARM,
	},
	[AT_opening] = {
		.enter = enter_opening,
		.state = SMPAIR_STATE_OPENING,
		.rest = SMPAIR_STATE_PAIRED,
		.held = true,
		.suspended = SMPAIR_CAUSE_TIMEOUT,
	},
	/* An envelope without an answer costs the session; OPEN is repeated. */
	[AT_opening_sends_its_first_envelope] = {
		.enter = enter_first_envelope,
		.state = SMPAIR_STATE_OPENING,
		.rest = SMPAIR_STATE_PAIRED,
		.held = true,
	},
	[AT_pairing_begins] = {
		.enter = enter_begin,
		.state = SMPAIR_STATE_PAIRING,
		.rest = SMPAIR_STATE_UNPAIRED,
		.pairs = true,
		.held = true,
		.go_on = accept_and_answer,
		.agent_killed = SMPAIR_CAUSE_NO_AGENT,
		.helper_killed = SMPAIR_CAUSE_AGENT_LOST,
		.suspended = SMPAIR_CAUSE_TIMEOUT,
	},
	[AT_pairing_has_a_queued_request] = {
		.enter = enter_queued,
		.state = SMPAIR_STATE_PAIRING,
		.rest = SMPAIR_STATE_UNPAIRED,
		.pairs = true,
		.go_on = accept_and_answer,
		.agent_killed = SMPAIR_CAUSE_AGENT_LOST,
		.suspended = SMPAIR_CAUSE_SUSPENDED,
	},
	[AT_pairing_awaits_the_answer] = {
		.enter = enter_accepted,
		.state = SMPAIR_STATE_PAIRING,
		.rest = SMPAIR_STATE_UNPAIRED,
		.pairs = true,
		.go_on = answer,
		.agent_killed = SMPAIR_CAUSE_AGENT_LOST,
		.helper_killed = SMPAIR_CAUSE_AGENT_LOST,
		.suspended = SMPAIR_CAUSE_SUSPENDED,
	},
	/* After a CONFIRM without an answer the driver finds out, and sends the PIN once more. */
	[AT_pairing_awaits_confirm] = {
		.enter = enter_confirm,
		.state = SMPAIR_STATE_PAIRING,
		.rest = SMPAIR_STATE_UNPAIRED,
		.pairs = true,
		.held = true,
	},
	[AT_a_dump_is_half_read] = {
		.enter = enter_dump,
		.state = SMPAIR_STATE_PAIRED,
		.rest = SMPAIR_STATE_PAIRED,
	},
	[AT_a_reader_waits] = {
		.enter = enter_reader,
		.state = SMPAIR_STATE_PAIRED,
		.rest = SMPAIR_STATE_PAIRED,
		.held = true,
		.exchanges = true,
	},
	[AT_a_writer_waits] = {
		.enter = enter_writer,
		.state = SMPAIR_STATE_PAIRED,
		.rest = SMPAIR_STATE_PAIRED,
		.held = true,
		.exchanges = true,
	},
};
