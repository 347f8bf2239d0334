// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Masters in a PKCS#11 token: generic secret keys labelled "mpin.1", "mmgt.1" and
 * so on, for CKM_SHA256_HMAC. Nothing is ever read out of the token but labels.
 *
 * A token that goes away, for a moment or because its server was restarted, makes
 * calls fail with -EAGAIN; each later call looks for it again, at most once a
 * second. A PIN that the token refuses is not tried a second time: three wrong
 * ones lock most tokens.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#include "centre/mac.h"
#include "domain/file.h"
#include "domain/secret.h"

#define MASTERS_MAX	32
#define SLOTS_MAX	64
#define LABEL_MAX	32
#define PIN_MAX		256
#define RETRY_S		1

struct held {
	enum master kind;
	uint16_t generation;
	CK_OBJECT_HANDLE key;
};

struct mac {
	pthread_mutex_t lock;	/* everything below: one session, one signer */
	char *spec;		/* owns the texts below */
	const char *path;
	const char *token;
	const char *pin_file;
	CK_FUNCTION_LIST *p11;
	bool initialised;
	bool open;
	bool pin_refused;
	time_t tried;
	CK_SESSION_HANDLE session;
	unsigned int count;
	struct held held[MASTERS_MAX];
};

static int refuse(struct mac *mac, const char *what, CK_RV rv,
		  struct domain_error *error)
{
	return domain_fail(error, -EAGAIN, "token %s: %s: %s", mac->token, what,
			   p11_kit_strerror(rv));
}

static bool token_is(const CK_TOKEN_INFO *info, const char *label)
{
	size_t len = sizeof(info->label);

	while (len && info->label[len - 1] == ' ')
		len--;
	return len == strlen(label) && !memcmp(info->label, label, len);
}

static int find_slot(struct mac *mac, CK_SLOT_ID *slot, struct domain_error *error)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX, i;
	CK_TOKEN_INFO info;
	CK_RV rv;

	rv = mac->p11->C_GetSlotList(CK_TRUE, slots, &count);
	if (rv != CKR_OK)
		return refuse(mac, "listing slots", rv, error);
	for (i = 0; i < count; i++) {
		rv = mac->p11->C_GetTokenInfo(slots[i], &info);
		if (rv == CKR_OK && token_is(&info, mac->token)) {
			*slot = slots[i];
			return 0;
		}
	}
	return domain_fail(error, -EAGAIN,
			   "%s shows no token %s; plug it in, or correct --mac",
			   mac->path, mac->token);
}

static int log_in(struct mac *mac, struct domain_error *error)
{
	uint8_t *pin;
	size_t len;
	CK_RV rv;
	int err;

	err = domain_file_read(mac->pin_file, true, PIN_MAX, &pin, &len, error);
	if (err)
		return err;
	while (len && (pin[len - 1] == '\n' || pin[len - 1] == '\r'))
		len--;
	rv = mac->p11->C_Login(mac->session, CKU_USER, pin, len);
	domain_secret_free(pin);
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return 0;
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED ||
	    rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_EXPIRED) {
		mac->pin_refused = true;
		return domain_fail(error, -EACCES,
				   "token %s refuses the PIN of %s (%s) and is not asked again; correct the file and start anew",
				   mac->token, mac->pin_file,
				   p11_kit_strerror(rv));
	}
	return refuse(mac, "signing in", rv, error);
}

/* A key that could be read out, or cannot compute, is none. */
static bool fit(struct mac *mac, CK_OBJECT_HANDLE key)
{
	CK_BBOOL sensitive = CK_FALSE, extractable = CK_TRUE, sign = CK_FALSE;
	CK_ATTRIBUTE wanted[] = {
		{ CKA_SENSITIVE, &sensitive, sizeof(sensitive) },
		{ CKA_EXTRACTABLE, &extractable, sizeof(extractable) },
		{ CKA_SIGN, &sign, sizeof(sign) },
	};

	return mac->p11->C_GetAttributeValue(mac->session, key, wanted, 3) ==
		       CKR_OK && sensitive && !extractable && sign;
}

static int take_key(struct mac *mac, CK_OBJECT_HANDLE key,
		    struct domain_error *error)
{
	char label[LABEL_MAX];
	CK_ATTRIBUTE attribute = { CKA_LABEL, label, sizeof(label) };
	struct held *held = &mac->held[mac->count];

	if (mac->p11->C_GetAttributeValue(mac->session, key, &attribute, 1) !=
	    CKR_OK || mac_label(label, attribute.ulValueLen, &held->kind,
				&held->generation))
		return 0;
	if (!fit(mac, key))
		return domain_fail(error, -EPERM,
				   "key %.*s of token %s may leave the token, or may not compute; make it sensitive, not extractable, and for signing",
				   (int)attribute.ulValueLen, label, mac->token);
	held->key = key;
	mac->count++;
	return 0;
}

static int find_keys(struct mac *mac, struct domain_error *error)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_ATTRIBUTE filter = { CKA_CLASS, &class, sizeof(class) };
	CK_OBJECT_HANDLE keys[MASTERS_MAX];
	CK_ULONG count = 0, i;
	CK_RV rv;
	int err = 0;

	mac->count = 0;
	rv = mac->p11->C_FindObjectsInit(mac->session, &filter, 1);
	if (rv == CKR_OK) {
		rv = mac->p11->C_FindObjects(mac->session, keys, MASTERS_MAX,
					     &count);
		mac->p11->C_FindObjectsFinal(mac->session);
	}
	if (rv != CKR_OK)
		return refuse(mac, "listing keys", rv, error);
	for (i = 0; i < count && !err; i++)
		err = take_key(mac, keys[i], error);
	if (!err && !mac->count)
		err = domain_fail(error, -ENOKEY,
				  "token %s holds no key mpin.1; put the masters there, as smpair-centre(8) shows",
				  mac->token);
	return err;
}

/* What is known of the token's objects stays: it says what will be there. */
static void disconnect(struct mac *mac)
{
	if (mac->open)
		mac->p11->C_CloseSession(mac->session);
	mac->open = false;
	if (mac->initialised)
		p11_kit_module_finalize(mac->p11);
	mac->initialised = false;
}

static int connect_token(struct mac *mac, struct domain_error *error)
{
	CK_SLOT_ID slot;
	CK_RV rv;
	int err;

	/* Also how a process that was forked gets on: its parent's state is of
	 * no use to it.
	 */
	rv = p11_kit_module_initialize(mac->p11);
	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return refuse(mac, mac->path, rv, error);
	mac->initialised = true;
	err = find_slot(mac, &slot, error);
	if (err)
		return err;
	rv = mac->p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL,
				     &mac->session);
	if (rv != CKR_OK)
		return refuse(mac, "opening a session", rv, error);
	mac->open = true;
	err = log_in(mac, error);
	return err ? err : find_keys(mac, error);
}

static int reconnect(struct mac *mac, struct domain_error *error)
{
	struct timespec now;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (mac->pin_refused)
		return domain_fail(error, -EACCES,
				   "token %s refused its PIN and is not asked again; correct %s and start anew",
				   mac->token, mac->pin_file);
	if (mac->tried && now.tv_sec - mac->tried < RETRY_S)
		return domain_fail(error, -EAGAIN,
				   "token %s is away; it is looked for every second",
				   mac->token);
	err = connect_token(mac, error);
	mac->tried = err ? now.tv_sec : 0;
	if (err)
		disconnect(mac);
	return err;
}

static CK_OBJECT_HANDLE find(const struct mac *mac, enum master kind,
			     uint16_t generation)
{
	unsigned int i;

	for (i = 0; i < mac->count; i++)
		if (mac->held[i].kind == kind &&
		    mac->held[i].generation == generation)
			return mac->held[i].key;
	return CK_INVALID_HANDLE;
}

static bool pkcs11_has(const struct mac *mac, enum master kind,
		       uint16_t generation)
{
	struct mac *m = (struct mac *)mac;
	bool has;

	pthread_mutex_lock(&m->lock);
	has = find(mac, kind, generation) != CK_INVALID_HANDLE;
	pthread_mutex_unlock(&m->lock);
	return has;
}

static uint16_t pkcs11_newest(const struct mac *mac, enum master kind)
{
	struct mac *m = (struct mac *)mac;
	uint16_t newest = 0;
	unsigned int i;

	pthread_mutex_lock(&m->lock);
	for (i = 0; i < mac->count; i++)
		if (mac->held[i].kind == kind &&
		    mac->held[i].generation > newest)
			newest = mac->held[i].generation;
	pthread_mutex_unlock(&m->lock);
	return newest;
}

static CK_RV sign(struct mac *mac, CK_OBJECT_HANDLE key, const void *data,
		  size_t len, uint8_t out[PDT1_HASH_LEN])
{
	CK_MECHANISM mechanism = { CKM_SHA256_HMAC, NULL, 0 };
	CK_ULONG out_len = PDT1_HASH_LEN;
	CK_RV rv;

	rv = mac->p11->C_SignInit(mac->session, &mechanism, key);
	if (rv == CKR_OK)
		rv = mac->p11->C_Sign(mac->session, (CK_BYTE *)data, len, out,
				      &out_len);
	return rv == CKR_OK && out_len != PDT1_HASH_LEN ? CKR_DEVICE_ERROR : rv;
}

static int locked_hmac(struct mac *mac, enum master kind, uint16_t generation,
		       const void *data, size_t len, uint8_t out[PDT1_HASH_LEN],
		       struct domain_error *error)
{
	CK_OBJECT_HANDLE key;
	CK_RV rv = CKR_OK;
	int err, tries;

	/* A session that went stale is opened anew, once, at no loss. */
	for (tries = 0; tries < 2; tries++) {
		err = mac->open ? 0 : reconnect(mac, error);
		if (err)
			return err;
		key = find(mac, kind, generation);
		if (key == CK_INVALID_HANDLE)
			return domain_fail(error, -ENOKEY,
					   "token %s lost generation %u of a master; put it back",
					   mac->token, generation);
		rv = sign(mac, key, data, len, out);
		if (rv == CKR_OK)
			return 0;
		disconnect(mac);
	}
	return refuse(mac, "computing", rv, error);
}

static int pkcs11_hmac(struct mac *mac, enum master kind, uint16_t generation,
		       const void *data, size_t len, uint8_t out[PDT1_HASH_LEN],
		       struct domain_error *error)
{
	int err;

	pthread_mutex_lock(&mac->lock);
	err = locked_hmac(mac, kind, generation, data, len, out, error);
	pthread_mutex_unlock(&mac->lock);
	return err;
}

static int parse(struct mac *mac, struct domain_error *error)
{
	char *item, *value, *rest = mac->spec;
	const char **field;

	while ((item = strsep(&rest, ";"))) {
		value = strchr(item, '=');
		if (value)
			*value++ = '\0';
		field = !strcmp(item, "module") ? &mac->path :
			!strcmp(item, "token") ? &mac->token :
			!strcmp(item, "pin-file") ? &mac->pin_file : NULL;
		if (!field || *field || !value || !*value)
			break;
		*field = value;
	}
	if (item || !mac->path || !mac->token || !mac->pin_file)
		return domain_fail(error, -EDOM,
				   "--mac pkcs11 takes module=PATH;token=LABEL;pin-file=PATH, each once");
	return 0;
}

static void pkcs11_close(struct mac *mac)
{
	if (mac->p11) {
		disconnect(mac);
		p11_kit_module_release(mac->p11);
	}
	pthread_mutex_destroy(&mac->lock);
	free(mac->spec);
	free(mac);
}

static int pkcs11_open(struct mac **out, const char *spec,
		       const char *domain_path, struct domain_error *error)
{
	struct mac *mac = calloc(1, sizeof(*mac));
	int err;

	(void)domain_path;
	if (!mac)
		return domain_fail(error, -ENOMEM, "out of memory");
	pthread_mutex_init(&mac->lock, NULL);
	mac->spec = strdup(spec);
	err = mac->spec ? parse(mac, error) :
	      domain_fail(error, -ENOMEM, "out of memory");
	if (!err) {
		mac->p11 = p11_kit_module_load(mac->path,
					       P11_KIT_MODULE_CRITICAL);
		if (!mac->p11)
			err = domain_fail(error, -ENOENT,
					  "%s cannot be loaded: %s; name the token's PKCS#11 module",
					  mac->path, p11_kit_message());
	}
	if (!err)
		err = reconnect(mac, error);
	if (err)
		pkcs11_close(mac);
	else
		*out = mac;
	return err;
}

const struct mac_ops mac_pkcs11 = {
	.name = "pkcs11",
	.derived = &domain_mac_library,
	.open = pkcs11_open,
	.close = pkcs11_close,
	.has = pkcs11_has,
	.newest = pkcs11_newest,
	.hmac = pkcs11_hmac,
};
