// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One table says which settings there are, and of which kind; what is not in it
 * is refused, so that no misspelt setting is silently without effect.
 */
#include <errno.h>
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "smpaird/conf.h"

#define TIMEOUT_MIN	1
#define TIMEOUT_MAX	120
#define POLL_MAX	86400

struct reading {
	struct conf *conf;
	struct conf_issuer *issuer;	/* section that is being read */
	char section[32];
	char why[256];
};

enum kind { KIND_BOOL, KIND_UINT, KIND_TEXT, KIND_LIST, KIND_PATH, KIND_WORD };

struct setting {
	const char *section;
	const char *name;
	enum kind kind;
	size_t offset;
	size_t size;
	uint32_t min;
	uint32_t max;
	const char *const *words;
};

static const char *const policy_words[] = { "deny", "ask", "auto", NULL };
static const char *const evict_words[] = { "no", "ask", "yes", NULL };
static const char *const fallback_words[] = { "no", "ask", NULL };

#define IN_CONF(s, n, k, member) \
	.section = s, .name = n, .kind = k, .offset = offsetof(struct conf, member), \
	.size = sizeof(((struct conf *)0)->member)
#define IN_ISSUER(n, k, member) \
	.section = "issuer", .name = n, .kind = k, \
	.offset = offsetof(struct conf_issuer, member), \
	.size = sizeof(((struct conf_issuer *)0)->member)

static const struct setting settings[] = {
	{ IN_CONF("agent", "priority", KIND_UINT, priority), .max = UINT32_MAX },
	{ IN_CONF("agent", "pair", KIND_BOOL, pair) },
	{ IN_CONF("agent", "ask-password", KIND_BOOL, ask_password) },
	{ IN_CONF("agent", "state", KIND_PATH, state) },
	{ IN_CONF("agent", "socket", KIND_PATH, socket) },
	{ IN_CONF("agent", "group", KIND_TEXT, group) },
	{ IN_CONF("agent", "console", KIND_PATH, console) },
	{ IN_CONF("centre", "url", KIND_LIST, url) },
	{ IN_CONF("centre", "ca", KIND_PATH, ca) },
	{ IN_CONF("centre", "cert", KIND_PATH, cert) },
	{ IN_CONF("centre", "key", KIND_PATH, key) },
	{ IN_CONF("centre", "timeout", KIND_UINT, timeout), .min = TIMEOUT_MIN,
	  .max = TIMEOUT_MAX },
	{ IN_CONF("centre", "poll", KIND_UINT, poll), .max = POLL_MAX },
	{ IN_ISSUER("policy", KIND_WORD, policy), .words = policy_words },
	{ IN_ISSUER("evict", KIND_WORD, evict), .words = evict_words },
	{ IN_ISSUER("unreachable", KIND_WORD, fallback), .words = fallback_words },
};

static int refuse(struct reading *r, const char *name, const char *what)
{
	snprintf(r->why, sizeof(r->why), "%s in [%s] %s", name, r->section, what);
	return 0;
}

static int set_word(struct reading *r, const struct setting *s, void *field, const char *value)
{
	char what[128] = "must be";
	unsigned int i;

	for (i = 0; s->words[i]; i++) {
		if (strcmp(value, s->words[i])) {
			strncat(what, i ? " or " : " ", sizeof(what) - strlen(what) - 1);
			strncat(what, s->words[i], sizeof(what) - strlen(what) - 1);
			continue;
		}
		if (s->size == sizeof(bool))
			*(bool *)field = i;
		else
			*(unsigned int *)field = i;
		return 1;
	}
	return refuse(r, s->name, what);
}

static int set_uint(struct reading *r, const struct setting *s, uint32_t *field,
		    const char *value)
{
	unsigned long long number;
	char what[80], *end;

	errno = 0;
	number = strtoull(value, &end, 10);
	if (errno || *end || *value < '0' || *value > '9' || number < s->min ||
	    number > s->max) {
		snprintf(what, sizeof(what), "must be a number from %u to %u", s->min, s->max);
		return refuse(r, s->name, what);
	}
	*field = (uint32_t)number;
	return 1;
}

/* Given again, a setting adds to what it said before. */
static int add_text(struct reading *r, const struct setting *s, char *field, const char *value)
{
	size_t len = strlen(field);
	int more;

	more = snprintf(field + len, s->size - len, "%s%s", len ? " " : "", value);
	return (size_t)more < s->size - len ? 1 : refuse(r, s->name, "is too long");
}

static int set(struct reading *r, const struct setting *s, void *field, const char *value)
{
	static const char *const bools[] = { "no", "yes", NULL };
	struct setting word = *s;

	switch (s->kind) {
	case KIND_BOOL:
		word.words = bools;
		return set_word(r, &word, field, value);
	case KIND_WORD:
		return set_word(r, s, field, value);
	case KIND_UINT:
		return set_uint(r, s, field, value);
	case KIND_PATH:
		if (*value && *value != '/')
			return refuse(r, s->name, "must be a path that begins with /");
		break;
	case KIND_LIST:
		return add_text(r, s, field, value);
	case KIND_TEXT:
		break;
	}
	if (strlen(value) >= s->size)
		return refuse(r, s->name, "is too long");
	strcpy(field, value);
	return 1;
}

/* "issuer 513" or "issuer *" */
static int enter_issuer(struct reading *r, const char *text)
{
	struct conf_issuer fresh = { .evict = CONF_EVICT_ASK };
	struct conf *conf = r->conf;
	unsigned long number = 0;
	unsigned int i;
	char *end;

	fresh.any = !strcmp(text, "*");
	if (!fresh.any) {
		number = strtoul(text, &end, 10);
		if (*text < '0' || *text > '9' || *end || number > UINT16_MAX ||
		    (*text == '0' && text[1]))
			return refuse(r, "the issuer", "must be a number from 0 to 65535, or *");
	}
	fresh.issuer = (uint16_t)number;
	for (i = 0; i < conf->issuer_count; i++)
		if (conf->issuer[i].any == fresh.any && conf->issuer[i].issuer == fresh.issuer)
			return refuse(r, "the issuer", "has a section already");
	if (conf->issuer_count == CONF_ISSUERS_MAX)
		return refuse(r, "the issuer", "is one too many; 64 may have a section");
	r->issuer = &conf->issuer[conf->issuer_count++];
	*r->issuer = fresh;
	return 1;
}

static int enter(struct reading *r, const char *section)
{
	if (!strcmp(r->section, section))
		return 1;
	snprintf(r->section, sizeof(r->section), "%s", section);
	r->issuer = NULL;
	return strncmp(section, "issuer ", 7) ? 1 : enter_issuer(r, section + 7);
}

static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	const struct setting *s;
	unsigned int i;

	/* The first mistake is the one to tell. */
	if (r->why[0] || !enter(r, section))
		return 0;
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		s = &settings[i];
		if (strcmp(s->section, r->issuer ? "issuer" : section) ||
		    strcmp(s->name, name))
			continue;
		return set(r, s, (char *)(r->issuer ? (void *)r->issuer : (void *)r->conf) +
			   s->offset, value);
	}
	return refuse(r, name, "is no setting; smpaird.conf(5) lists them");
}

static int split_url(struct conf *conf, const char *path, struct domain_error *error)
{
	const char *word = conf->url;
	size_t len;

	for (word += strspn(word, " \t"); *word; word += len + strspn(word + len, " \t")) {
		len = strcspn(word, " \t");
		if (strncmp(word, "https://", 8))
			return domain_fail(error, -EINVAL,
					   "%s: url in [centre] must begin with https://",
					   path);
		if (len >= CONF_URL_SIZE || conf->centre_count == CONF_CENTRES_MAX)
			return domain_fail(error, -EINVAL,
					   "%s: url in [centre] takes up to %u addresses of up to %u characters",
					   path, CONF_CENTRES_MAX, CONF_URL_SIZE - 1);
		memcpy(conf->centre[conf->centre_count++], word, len);
	}
	return 0;
}

/* What cannot be judged line by line. */
static int check_whole(struct conf *conf, const char *path, struct domain_error *error)
{
	unsigned int i;
	struct stat st;
	int err;

	for (i = 0; i < conf->issuer_count; i++)
		if (conf->issuer[i].policy == CONF_AUTO && !conf->url[0])
			return domain_fail(error, -EINVAL,
					   "%s: policy auto needs a centre; set url, ca, cert and key in [centre]",
					   path);
	if (!conf->url[0])
		return 0;
	err = split_url(conf, path, error);
	if (err)
		return err;
	if (!conf->ca[0] || !conf->cert[0] || !conf->key[0])
		return domain_fail(error, -EINVAL,
				   "%s: [centre] needs ca, cert and key besides url", path);
	if (stat(conf->key, &st))
		return domain_fail(error, -errno, "%s: %s", conf->key, strerror(errno));
	if (st.st_mode & 077)
		return domain_fail(error, -EPERM,
				   "%s can be read by others; chmod 600 it", conf->key);
	return 0;
}

/**
 * conf_read() - Read the configuration.
 * @conf: Filled; defaults where the file is silent.
 * @path: The file.
 * @error: Receives the reason of a refusal, with the line.
 *
 * Return: 0, or a negative errno: -EINVAL for what the file says.
 */
int conf_read(struct conf *conf, const char *path, struct domain_error *error)
{
	struct reading r = { .conf = conf };
	int line;

	memset(conf, 0, sizeof(*conf));
	conf->priority = 100;
	conf->ask_password = true;
	conf->timeout = 20;
	conf->poll = 300;
	strcpy(conf->state, "/var/lib/smpaird");
	strcpy(conf->socket, "/run/smpaird/socket");

	line = ini_parse(path, take, &r);
	if (line < 0)
		return domain_fail(error, line == -1 ? -ENOENT : -ENOMEM,
				   "%s cannot be read; see smpaird.conf(5) for what it holds",
				   path);
	if (line)
		return domain_fail(error, -EINVAL, "%s:%d: %s", path, line,
				   r.why[0] ? r.why : "neither a [section] nor NAME = VALUE");
	return check_whole(conf, path, error);
}

/**
 * conf_find() - What is done with a module.
 * @conf: Configuration.
 * @module_id: Its MID.
 *
 * Return: The section of its issuer, else that of all others, else one that
 * denies.
 */
const struct conf_issuer *conf_find(const struct conf *conf, const uint8_t module_id[8])
{
	static const struct conf_issuer none = { .any = true, .policy = CONF_DENY };
	uint16_t issuer = (uint16_t)(module_id[0] << 8 | module_id[1]);
	const struct conf_issuer *found = &none;
	unsigned int i;

	for (i = 0; i < conf->issuer_count; i++) {
		if (conf->issuer[i].any)
			found = &conf->issuer[i];
		else if (conf->issuer[i].issuer == issuer)
			return &conf->issuer[i];
	}
	return found;
}
