// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Masters in a PKCS#11 token are generic secret keys labelled "mpin.1", "mmgt.1"
 * and so on, for CKM_SHA256_HMAC. Nothing is ever read out of the token but
 * labels and whether a key could be read out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p11-kit/p11-kit.h>

#include "centre/mac.h"
#include "centre/provider.h"
#include "centre/token.h"
#include "domain/file.h"
#include "domain/secret.h"

#define SLOTS_MAX	64
#define FIND_AT_ONCE	16
#define LABEL_MAX	32
#define PIN_MAX		256

/**
 * token_refuse() - Tell that a token failed.
 * @token: The token.
 * @what: What was tried.
 * @rv: What it answered.
 * @error: Receives the reason.
 *
 * Return: -EAGAIN: a token may come back.
 */
int token_refuse(const struct token *token, const char *what, CK_RV rv,
		 struct domain_error *error)
{
	return domain_fail(error, -EAGAIN, "token %s: %s: %s", token->label, what,
			   p11_kit_strerror(rv));
}

static bool is_named(const CK_TOKEN_INFO *info, const char *label)
{
	size_t len = sizeof(info->label);

	while (len && info->label[len - 1] == ' ')
		len--;
	return len == strlen(label) && !memcmp(info->label, label, len);
}

static int find_slot(struct token *token, CK_SLOT_ID *slot,
		     struct domain_error *error)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX, i;
	CK_TOKEN_INFO info;
	CK_RV rv;

	rv = token->p11->C_GetSlotList(CK_TRUE, slots, &count);
	if (rv != CKR_OK)
		return token_refuse(token, "listing slots", rv, error);
	for (i = 0; i < count; i++) {
		rv = token->p11->C_GetTokenInfo(slots[i], &info);
		if (rv == CKR_OK && is_named(&info, token->label)) {
			*slot = slots[i];
			return 0;
		}
	}
	return domain_fail(error, -EAGAIN,
			   "%s shows no token %s; plug it in, or correct --mac",
			   token->path, token->label);
}

/* Three wrong PINs lock most tokens: one that was refused is not tried again. */
static int log_in(struct token *token, struct domain_error *error)
{
	uint8_t *pin;
	size_t len;
	CK_RV rv;
	int err;

	if (token->pin_refused)
		return domain_fail(error, -EACCES,
				   "token %s refused its PIN and is not asked again; correct %s and start anew",
				   token->label, token->pin_file);
	err = domain_file_read(token->pin_file, true, PIN_MAX, &pin, &len, error);
	if (err)
		return err;
	while (len && (pin[len - 1] == '\n' || pin[len - 1] == '\r'))
		len--;
	rv = token->p11->C_Login(token->session, CKU_USER, pin, len);
	domain_secret_free(pin);
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return 0;
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED ||
	    rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_EXPIRED) {
		token->pin_refused = true;
		return domain_fail(error, -EACCES,
				   "token %s refuses the PIN of %s (%s) and is not asked again; correct the file and start anew",
				   token->label, token->pin_file,
				   p11_kit_strerror(rv));
	}
	return token_refuse(token, "signing in", rv, error);
}

/**
 * token_connected() - Whether this process has a session.
 * @token: The token.
 *
 * A process that was forked has none: its parent's is no business of its own,
 * though it may seem to work.
 *
 * Return: Whether.
 */
bool token_connected(const struct token *token)
{
	return token->open && token->process == getpid();
}

/**
 * token_disconnect() - End the session, and all that this process has of the token.
 * @token: The token; connected or not.
 */
void token_disconnect(struct token *token)
{
	if (token_connected(token))
		token->p11->C_CloseSession(token->session);
	token->open = false;
	if (token->process == getpid())
		p11_kit_module_finalize(token->p11);
	token->process = 0;
}

static int open_session(struct token *token, bool write, struct domain_error *error)
{
	CK_FLAGS flags = CKF_SERIAL_SESSION | (write ? CKF_RW_SESSION : 0);
	CK_SLOT_ID slot;
	CK_RV rv;
	int err;

	rv = p11_kit_module_initialize(token->p11);
	if (rv != CKR_OK)
		return token_refuse(token, token->path, rv, error);
	token->process = getpid();
	err = find_slot(token, &slot, error);
	if (err)
		return err;
	rv = token->p11->C_OpenSession(slot, flags, NULL, NULL, &token->session);
	if (rv != CKR_OK)
		return token_refuse(token, "opening a session", rv, error);
	token->open = true;
	return log_in(token, error);
}

/**
 * token_connect() - Find the token and sign in.
 * @token: The token, loaded; not connected.
 * @write: Keys will be put there.
 * @error: Receives the reason of a failure.
 *
 * Begins with C_Initialize, which is how a token that was away is found again
 * and how a process gets on that was forked.
 *
 * Return: 0; -EAGAIN where the token is away; -EACCES where it refuses the PIN,
 * or did before; or another negative errno. Nothing is open then.
 */
int token_connect(struct token *token, bool write, struct domain_error *error)
{
	int err = open_session(token, write, error);

	if (err)
		token_disconnect(token);
	return err;
}

/* A key that could be read out, or cannot compute, is none. */
static bool is_fit(struct token *token, CK_OBJECT_HANDLE key)
{
	CK_BBOOL sensitive = CK_FALSE, extractable = CK_TRUE, sign = CK_FALSE;
	CK_ATTRIBUTE wanted[] = {
		{ CKA_SENSITIVE, &sensitive, sizeof(sensitive) },
		{ CKA_EXTRACTABLE, &extractable, sizeof(extractable) },
		{ CKA_SIGN, &sign, sizeof(sign) },
	};

	return token->p11->C_GetAttributeValue(token->session, key, wanted, 3) ==
		       CKR_OK && sensitive && !extractable && sign;
}

/* 1 where @handle is a master, 0 where it is something else. */
static int look_at(struct token *token, CK_OBJECT_HANDLE handle,
		   struct token_key *key, struct domain_error *error)
{
	char label[LABEL_MAX];
	CK_ATTRIBUTE attribute = { CKA_LABEL, label, sizeof(label) };

	/* A longer label is none of ours. */
	if (token->p11->C_GetAttributeValue(token->session, handle, &attribute, 1) !=
	    CKR_OK || mac_label(label, attribute.ulValueLen, &key->kind,
				&key->generation))
		return 0;
	if (!is_fit(token, handle))
		return domain_fail(error, -EPERM,
				   "key %.*s of token %s may leave the token, or may not compute; make it sensitive, not extractable, and for signing",
				   (int)attribute.ulValueLen, label, token->label);
	key->handle = handle;
	return 1;
}

static int add_key(struct token *token, CK_OBJECT_HANDLE handle,
		   struct token_key *keys, unsigned int max, unsigned int *count,
		   struct domain_error *error)
{
	struct token_key key;
	unsigned int i;
	int ret;

	ret = look_at(token, handle, &key, error);
	if (ret <= 0)
		return ret;
	for (i = 0; i < *count; i++)
		if (keys[i].kind == key.kind && keys[i].generation == key.generation)
			return domain_fail(error, -EEXIST,
					   "token %s holds generation %u of %s twice; remove the wrong one",
					   token->label, key.generation,
					   master_name(key.kind));
	if (*count == max)
		return domain_fail(error, -E2BIG,
				   "token %s holds more than %u masters; remove those that no module needs",
				   token->label, max);
	keys[(*count)++] = key;
	return 0;
}

/**
 * token_keys() - Look for masters.
 * @token: The token, connected.
 * @keys: Receives them.
 * @max: How many there is room for.
 * @count: Receives how many there are; 0 is no error.
 * @error: Receives the reason of a failure.
 *
 * Return: 0; -EPERM for a key that may leave the token or not compute; -EEXIST
 * for one that is there twice; -E2BIG; -EAGAIN where the token went away.
 */
int token_keys(struct token *token, struct token_key *keys, unsigned int max,
	       unsigned int *count, struct domain_error *error)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_ATTRIBUTE filter = { CKA_CLASS, &class, sizeof(class) };
	CK_OBJECT_HANDLE found[FIND_AT_ONCE];
	CK_ULONG n, i;
	CK_RV rv;
	int err = 0;

	*count = 0;
	rv = token->p11->C_FindObjectsInit(token->session, &filter, 1);
	if (rv != CKR_OK)
		return token_refuse(token, "listing keys", rv, error);
	do {
		n = 0;
		rv = token->p11->C_FindObjects(token->session, found, FIND_AT_ONCE, &n);
		for (i = 0; rv == CKR_OK && !err && i < n; i++)
			err = add_key(token, found[i], keys, max, count, error);
	} while (rv == CKR_OK && !err && n);
	token->p11->C_FindObjectsFinal(token->session);
	return rv == CKR_OK ? err : token_refuse(token, "listing keys", rv, error);
}

/**
 * token_hmac() - Compute HMAC-SHA-256 in the token.
 * @token: The token, connected.
 * @key: Handle of the key.
 * @data: @len bytes.
 * @len: How many.
 * @out: Receives the result; undefined on error.
 *
 * Return: What the token answers.
 */
CK_RV token_hmac(struct token *token, CK_OBJECT_HANDLE key, const void *data,
		 size_t len, uint8_t out[PDT1_HASH_LEN])
{
	CK_MECHANISM mechanism = { CKM_SHA256_HMAC, NULL, 0 };
	CK_ULONG out_len = PDT1_HASH_LEN;
	CK_RV rv;

	rv = token->p11->C_SignInit(token->session, &mechanism, key);
	if (rv == CKR_OK)
		rv = token->p11->C_Sign(token->session, (CK_BYTE *)data, len, out,
					&out_len);
	return rv == CKR_OK && out_len != PDT1_HASH_LEN ? CKR_DEVICE_ERROR : rv;
}

/**
 * token_put() - Put a master into the token, never to leave it.
 * @token: The token, connected for writing.
 * @key: Which; receives the handle.
 * @value: The master.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, or -EIO with what the token answered.
 */
int token_put(struct token *token, struct token_key *key,
	      const uint8_t value[PDT1_KEY_LEN], struct domain_error *error)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	char label[LABEL_MAX];
	CK_ATTRIBUTE attributes[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_KEY_TYPE, &type, sizeof(type) },
		{ CKA_TOKEN, &yes, sizeof(yes) },
		{ CKA_PRIVATE, &yes, sizeof(yes) },
		{ CKA_SENSITIVE, &yes, sizeof(yes) },
		{ CKA_EXTRACTABLE, &no, sizeof(no) },
		{ CKA_SIGN, &yes, sizeof(yes) },
		{ CKA_LABEL, label, 0 },
		{ CKA_VALUE, (void *)value, PDT1_KEY_LEN },
	};
	CK_RV rv;

	attributes[7].ulValueLen =
		(CK_ULONG)snprintf(label, sizeof(label), "%s.%u",
				   key->kind == MASTER_MPIN ? "mpin" : "mmgt",
				   key->generation);
	rv = token->p11->C_CreateObject(token->session, attributes,
					sizeof(attributes) / sizeof(attributes[0]),
					&key->handle);
	if (rv == CKR_OK)
		return 0;
	return domain_fail(error, -EIO, "token %s takes no key %s: %s",
			   token->label, label, p11_kit_strerror(rv));
}

static int parse(struct token *token, struct domain_error *error)
{
	char *item, *value, *rest = token->spec;
	const char **field;

	while ((item = strsep(&rest, ";"))) {
		value = strchr(item, '=');
		if (value)
			*value++ = '\0';
		field = !strcmp(item, "module") ? &token->path :
			!strcmp(item, "token") ? &token->label :
			!strcmp(item, "pin-file") ? &token->pin_file : NULL;
		if (!field || *field || !value || !*value)
			break;
		*field = value;
	}
	/* The text is kept for later runs, which may start in another folder. */
	if (item || !token->path || !token->label || !token->pin_file ||
	    token->path[0] != '/' || token->pin_file[0] != '/')
		return domain_fail(error, -EDOM,
				   "--mac pkcs11 takes module=/PATH;token=LABEL;pin-file=/PATH, each once");
	return 0;
}

/**
 * token_load() - Load a token's PKCS#11 module.
 * @token: Zeroed; ended with token_unload(), also after a failure.
 * @spec: "module=/PATH;token=LABEL;pin-file=/PATH" in any order.
 * @error: Receives the reason of a failure.
 *
 * Return: 0, -EDOM for wrong usage, -ENOENT, or -ENOMEM.
 */
int token_load(struct token *token, const char *spec, struct domain_error *error)
{
	int err;

	token->spec = strdup(spec);
	if (!token->spec)
		return domain_fail(error, -ENOMEM, "out of memory");
	err = parse(token, error);
	if (err)
		return err;
	token->p11 = p11_kit_module_load(token->path, P11_KIT_MODULE_CRITICAL);
	if (!token->p11)
		return domain_fail(error, -ENOENT,
				   "%s cannot be loaded: %s; name the token's PKCS#11 module",
				   token->path, p11_kit_message());
	return 0;
}

/**
 * token_unload() - End it.
 * @token: The token.
 */
void token_unload(struct token *token)
{
	if (token->p11) {
		token_disconnect(token);
		p11_kit_module_release(token->p11);
	}
	free(token->spec);
	memset(token, 0, sizeof(*token));
}
