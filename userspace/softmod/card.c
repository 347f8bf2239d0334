// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "softmod/app.h"
#include "softmod/card.h"

/*
 * Answer-to-reset: T=1 only, and historical bytes that say selection by full
 * name, extended length, and "PDT1" as card issuer's data.
 */
static const uint8_t atr[] = {
	0x3b, 0x8a, 0x01, 0x80, 0x73, 0x80, 0x01, 0x40, 0x54, 'P', 'D', 'T',
	'1', 0x9c,
};

static void add(struct card_counters *sum, const struct sm_module *m)
{
	sum->nvm_writes += m->store.nvm.writes;
	sum->traffic.apdus += m->counters.apdus;
	sum->traffic.bytes_in += m->counters.bytes_in;
	sum->traffic.bytes_out += m->counters.bytes_out;
}

void card_count(const struct card *card, struct card_counters *start,
		struct card_counters *insertion)
{
	*start = card->start;
	*insertion = card->insertion;
	add(start, &card->module);
	add(insertion, &card->module);
}

static void power_off(struct card *card)
{
	add(&card->start, &card->module);
	add(&card->insertion, &card->module);
	sm_power_down(&card->module);
}

/* Power may fail in any write: the module is then as if it were not there. */
static bool check_power(struct card *card)
{
	if (!card->image.dead)
		return true;
	power_off(card);
	card->dead = true;
	return false;
}

static void power_on(struct card *card)
{
	if (card->module.state != SM_OFF)
		return;
	sm_power_up(&card->module, &card->port, &softmod_app);
	check_power(card);
}

int card_insert(struct card *card)
{
	int err;

	if (card->inserted)
		return -EALREADY;

	nvm_file_restore(&card->image);
	card->dead = false;
	card->port.link_maxc = card->link.ops->maxc;
	card->port.link_maxr = card->link.ops->maxr;
	memset(&card->insertion, 0, sizeof(card->insertion));
	if (!card->link.ops->reader_power)
		power_on(card);

	err = link_insert(&card->link, atr, sizeof(atr));
	if (err) {
		power_off(card);
		return err;
	}
	card->inserted = true;
	return 0;
}

int card_remove(struct card *card)
{
	if (!card->inserted)
		return -EALREADY;
	link_remove(&card->link);
	power_off(card);
	card->inserted = false;
	return 0;
}

int card_reset(struct card *card)
{
	if (card->module.state == SM_OFF)
		return -ENODEV;
	sm_reset(&card->module);
	check_power(card);
	return 0;
}

static int command(struct card *card, const uint8_t *cmd, size_t len)
{
	size_t rsp_len;
	int err = 0;

	power_on(card);
	if (sm_apdu(&card->module, cmd, len, card->rsp, sizeof(card->rsp),
		    &rsp_len))
		return 0;
	if (check_power(card))
		err = card->link.ops->send(&card->link, card->rsp, rsp_len);
	explicit_bzero(card->rsp, rsp_len);
	return err;
}

static int handle(struct card *card, int event, const uint8_t *cmd, size_t len)
{
	const struct link_ops *ops = card->link.ops;

	switch (event) {
	case LINK_COMMAND:
		return command(card, cmd, len);
	case LINK_RESET:
		card_reset(card);
		if (!ops->reset_atr || card->dead)
			return 0;
		return ops->send_atr(&card->link, atr, sizeof(atr));
	case LINK_ASK_ATR:
		return ops->send_atr(&card->link, atr, sizeof(atr));
	case LINK_POWER_ON:
		power_on(card);
		return 0;
	case LINK_POWER_OFF:
		power_off(card);
		return 0;
	default:
		return 0;
	}
}

int card_serve(struct card *card)
{
	const uint8_t *cmd = NULL;
	size_t len = 0;
	int event, err;

	event = link_receive(&card->link, &cmd, &len);
	err = event < 0 ? event : 0;
	/* A dead module takes no notice, until its reader gives up */
	if (!err && !card->dead)
		err = handle(card, event, cmd, len);
	if (!err && card->dead && card->link.ops->reader_power)
		err = -EIO;
	if (err) {
		card_remove(card);
		return err;
	}
	return 0;
}
