// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "centre/states.h"
#include "domain/bytes.h"
#include "domain/pin.h"

struct build {
	struct states *states;
	struct store *store;
	struct provider *provider;
	const struct store_module *module;
	uint32_t n;
	uint16_t mpin;			/* of the states that are added */
	uint16_t tags[STATES_TAGS];	/* MPIN of the pairing that led to the next one */
	unsigned int tag_count;
	const uint8_t *sn;		/* by request code … */
	uint32_t code;
	const uint8_t *ft;		/* … or by fork tag */
	struct domain_error *error;
};

static int computing(struct domain_error *error, int err)
{
	return err ? domain_fail(error, err, "computing with a PIN key: %s",
				 strerror(-err)) : 0;
}

static const uint8_t *find_kpin(const struct states *states, uint16_t mpin)
{
	unsigned int i;

	for (i = 0; i < states->keys; i++)
		if (states->mpin[i] == mpin)
			return states->kpin[i];
	return NULL;
}

static int need_kpin(struct build *b, uint16_t mpin, const uint8_t **kpin)
{
	struct states *states = b->states;
	int err;

	*kpin = find_kpin(states, mpin);
	if (*kpin)
		return 0;
	if (states->keys == STATES_KEYS)
		return domain_fail(b->error, -EOVERFLOW,
				   "the module had more PIN keys than can be compared; replace it");
	err = provider_kpin(b->provider, mpin, b->module->mid,
			    states->kpin[states->keys], b->error);
	if (err)
		return err;
	*kpin = states->kpin[states->keys];
	states->mpin[states->keys++] = mpin;
	return 0;
}

static int fits(struct build *b, const uint8_t ft[PDT1_FT_LEN], bool *fit)
{
	const uint8_t *kpin;
	uint32_t code;
	int err;

	if (b->ft) {
		*fit = !memcmp(b->ft, ft, PDT1_FT_LEN);
		return 0;
	}
	err = need_kpin(b, b->mpin, &kpin);
	if (err)
		return err;
	err = domain_request_code(provider_mac(b->provider), kpin,
				  b->module->pin_policy, b->module->mid, b->sn,
				  b->n, ft, &code);
	*fit = !err && code == b->code;
	return computing(b->error, err);
}

static int add(struct build *b, enum rule_state_kind kind, uint32_t n,
	       const uint8_t ft[PDT1_FT_LEN], const uint8_t *sn)
{
	struct states *states = b->states;
	struct state_detail *detail = &states->detail[states->count];
	struct rule_state *state = &states->of[states->count];
	int err;

	if (states->count == STATES_MAX)
		return domain_fail(b->error, -EOVERFLOW,
				   "more states of the module are kept than can be; restore the database from its backup");
	if (!rule_state_applies(b->module->pin_policy, kind, n, b->n))
		return 0;
	err = fits(b, ft, &state->fits);
	if (err)
		return err;
	state->kind = kind;
	state->n = n;
	memcpy(detail->ft, ft, PDT1_FT_LEN);
	if (sn)
		memcpy(detail->sn, sn, PDT1_ID_LEN);
	detail->mpin = b->mpin;
	states->count++;
	return 0;
}

static int add_next_under(struct build *b, const uint8_t sn[PDT1_ID_LEN], uint16_t mpin)
{
	uint8_t ft[PDT1_FT_LEN];
	const uint8_t *kpin;
	int err;

	err = need_kpin(b, mpin, &kpin);
	if (err)
		return err;
	err = domain_fork_tag(provider_mac(b->provider), kpin, b->module->ft,
			      sn, b->module->n, ft);
	if (err)
		return computing(b->error, err);
	return add(b, RULE_STATE_NEXT, b->module->n + 1, ft, sn);
}

static int add_next(const uint8_t sn[PDT1_ID_LEN], void *arg)
{
	struct build *b = arg;
	unsigned int i;
	int err = 0;

	/* Only the indexed policy moves the tag, and asks each time. */
	if (b->module->pin_policy != PDT1_PIN_INDEXED)
		return 0;
	for (i = 0; !err && i < b->tag_count; i++)
		err = add_next_under(b, sn, b->tags[i]);
	return err;
}

/* A generation that was retired since leads nowhere that could be computed. */
static void add_tag(struct build *b, uint16_t mpin)
{
	unsigned int i;

	for (i = 0; i < b->tag_count; i++)
		if (b->tags[i] == mpin)
			return;
	if (b->tag_count < STATES_TAGS &&
	    (mpin == b->module->mpin ||
	     provider_has(b->provider, MASTER_MPIN, mpin)))
		b->tags[b->tag_count++] = mpin;
}

/* It may have paired before it took the key that it has now. */
static int add_tag_before(const uint8_t ft[PDT1_FT_LEN], uint16_t mpin, bool copy,
			  void *arg)
{
	struct build *b = arg;

	if (!copy && !memcmp(ft, b->module->ft, PDT1_FT_LEN))
		add_tag(b, mpin);
	return 0;
}

static int add_former(const uint8_t ft[PDT1_FT_LEN], uint16_t mpin, bool copy,
		      void *arg)
{
	struct build *b = arg;

	b->mpin = mpin;
	return add(b, copy ? RULE_STATE_COPY : RULE_STATE_FORMER, b->n, ft, NULL);
}

/* What the module may have become through commands of which no receipt came. */
struct pending {
	uint16_t mpin;
	bool has_ft;
	uint8_t ft[PDT1_FT_LEN];
	uint32_t kpin_receipted;
};

static int find_pending(const struct store_command *command, void *arg)
{
	struct pending *pending = arg;

	/* A report tells the fork tag, but not which PIN key there is. */
	if (command->op == PDT1_OP_SET_KPIN && command->body_len == 2 &&
	    command->seq > pending->kpin_receipted)
		pending->mpin = get_be16(command->body);
	if (command->op == PDT1_OP_SET_FT && command->body_len == PDT1_FT_LEN &&
	    !command->lost) {
		pending->has_ft = true;
		memcpy(pending->ft, command->body, PDT1_FT_LEN);
	}
	return 0;
}

static int add_live(struct build *b, uint16_t mpin, const struct pending *pending)
{
	int err;

	b->mpin = mpin;
	err = add(b, RULE_STATE_CURRENT, b->module->n, b->module->ft, NULL);
	if (!err && pending->has_ft)
		err = add(b, RULE_STATE_CURRENT, b->module->n, pending->ft, NULL);
	if (!err)
		err = store_each_issue(b->store, b->module->mid, b->module->n,
				       add_next, b, b->error);
	return err;
}

static int build(struct build *b)
{
	struct pending pending = { .mpin = b->module->mpin };
	int err;

	memset(b->states, 0, sizeof(*b->states));
	err = store_max_receipt(b->store, b->module->mid, PDT1_OP_SET_KPIN,
				&pending.kpin_receipted, b->error);
	if (!err)
		err = store_each_unreceipted(b->store, b->module->mid,
					     find_pending, &pending, b->error);
	add_tag(b, b->module->mpin);
	if (!err)
		err = store_each_former(b->store, b->module->mid, b->module->n,
					add_tag_before, b, b->error);
	if (!err)
		err = add_live(b, b->module->mpin, &pending);
	/* Whoever asked under the new key would be known to have it. */
	if (!err && pending.mpin != b->module->mpin)
		err = add_live(b, pending.mpin, &pending);
	if (!err)
		err = store_each_former(b->store, b->module->mid, b->n,
					add_former, b, b->error);
	return err;
}

/**
 * states_ahead() - Ask ahead for what states are made of.
 * @store: The database, after store_ahead().
 * @mid: The module.
 * @n: The pairing index that is shown; where the module is at another one, what
 *	belongs to that is asked for later.
 * @error: Scratch.
 */
void states_ahead(struct store *store, const uint8_t mid[PDT1_ID_LEN], uint32_t n,
		  struct domain_error *error)
{
	uint32_t seq;

	store_max_receipt(store, mid, PDT1_OP_SET_KPIN, &seq, error);
	store_each_unreceipted(store, mid, NULL, NULL, error);
	store_each_former(store, mid, n, NULL, NULL, error);
	store_each_issue(store, mid, n, NULL, NULL, error);
}

/**
 * states_by_code() - Which states a request code is right for.
 * @states: Receives them; wiped with states_wipe() whatever is returned.
 * @store: The database.
 * @provider: Who computes.
 * @module: The module as the database has it.
 * @sn: The host that shows the code.
 * @n: Pairing index that it shows.
 * @code: The code.
 * @error: Receives the reason of a failure.
 *
 * While it is not known whether the module took another PIN key, both are tried.
 *
 * Return: 0 or a negative errno.
 */
int states_by_code(struct states *states, struct store *store,
		   struct provider *provider, const struct store_module *module,
		   const uint8_t sn[PDT1_ID_LEN], uint32_t n, uint32_t code,
		   struct domain_error *error)
{
	struct build b = {
		.states = states, .store = store,
		.provider = provider, .module = module, .n = n, .sn = sn, .code = code,
		.error = error,
	};

	return build(&b);
}

/**
 * states_by_tag() - Which states a reported index and fork tag are.
 * @states: Receives them; wiped with states_wipe() whatever is returned.
 * @store: The database.
 * @provider: Who computes.
 * @module: The module as the database has it.
 * @n: Pairing index that it reports.
 * @ft: Fork tag that it reports.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int states_by_tag(struct states *states, struct store *store,
		  struct provider *provider, const struct store_module *module,
		  uint32_t n, const uint8_t ft[PDT1_FT_LEN],
		  struct domain_error *error)
{
	struct build b = {
		.states = states, .store = store,
		.provider = provider, .module = module, .n = n, .ft = ft, .error = error,
	};

	return build(&b);
}

static bool is_at(const struct store_module *module,
		  const struct state_detail *detail, uint32_t n)
{
	return module->n == n && module->mpin == detail->mpin &&
	       !memcmp(module->ft, detail->ft, PDT1_FT_LEN);
}

/**
 * states_move() - The module is in a state, and perhaps was in another.
 * @states: The states that were compared.
 * @store: The database, in a transaction.
 * @module: The module; its index, fork tag and generation of MPIN become those of
 *	@to. The caller writes it.
 * @to: Where it is.
 * @n: Its pairing index.
 * @error: Receives the reason of a failure.
 *
 * Keeps the state that it left, and under the indexed policy those in which only
 * copies of it can be, since each other host that got a PIN leads to another fork
 * tag.
 *
 * Return: 0 or a negative errno.
 */
int states_move(const struct states *states, struct store *store,
		struct store_module *module, const struct rule_state *to,
		uint32_t n, struct domain_error *error)
{
	const struct state_detail *detail = &states->detail[to - states->of];
	const struct rule_state *state;
	size_t i;
	int err;

	if (is_at(module, detail, n))
		return 0;
	err = store_add_former(store, module->mid, module->n, module->ft,
			       module->mpin, false, error);
	for (i = 0; !err && i < states->count; i++) {
		state = &states->of[i];
		if (n != module->n && state != to &&
		    state->kind == RULE_STATE_NEXT &&
		    states->detail[i].mpin == detail->mpin)
			err = store_add_former(store, module->mid, state->n,
					       states->detail[i].ft,
					       states->detail[i].mpin, true,
					       error);
	}
	if (!err && to->kind == RULE_STATE_NEXT)
		err = store_prove_pairing(store, module->mid, module->n,
					  detail->sn, error);
	module->n = n;
	module->mpin = detail->mpin;
	memcpy(module->ft, detail->ft, PDT1_FT_LEN);
	return err;
}

/**
 * states_pin() - The PIN that a module in a state expects.
 * @states: The states that were compared.
 * @provider: Who computes.
 * @module: The module.
 * @state: The state that fits.
 * @sn: The host.
 * @n: Pairing index.
 * @pin: Receives eight digits; the caller wipes them.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int states_pin(const struct states *states, struct provider *provider,
	       const struct store_module *module, const struct rule_state *state,
	       const uint8_t sn[PDT1_ID_LEN], uint32_t n, char pin[PDT1_PIN_LEN],
	       struct domain_error *error)
{
	uint16_t mpin = states->detail[state - states->of].mpin;
	int err;

	err = domain_pin(provider_mac(provider), find_kpin(states, mpin),
			 module->pin_policy, sn, n, pin);
	return computing(error, err);
}

/**
 * states_wipe() - Forget the PIN keys.
 * @states: The states.
 */
void states_wipe(struct states *states)
{
	explicit_bzero(states, sizeof(*states));
}
