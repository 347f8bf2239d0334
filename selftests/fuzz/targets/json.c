// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON files of provisioning: a domain, or what --from states for a host or a
 * module, made from a good domain. The first letter says which: d, h or m.
 * Nothing is written to disk.
 */
#include <errno.h>
#include <stdlib.h>

#include "domain/domain.h"
#include "domain/file.h"
#include "domain/secret.h"
#include "input.h"
#include "provision/output.h"
#include "provision/provision.h"
#include "softmod/core/perso.h"

#define IN_PATH		"the input"
#define DOMAIN_PATH	"the domain"
#define KEY(byte)	"\"" byte byte byte byte byte byte byte byte "\""
#define B4(hex)		hex hex hex hex

static const char good_domain[] =
	"{\"smpair\":\"domain\",\"v\":1,\"dom\":1,"
	"\"k\":[{\"g\":1,\"k\":" KEY(B4("11")) "},{\"g\":2,\"k\":" KEY(B4("12")) "}],"
	"\"MHKey\":[{\"m\":1,\"MHKey\":" KEY(B4("22")) "},"
	"{\"m\":2,\"MHKey\":" KEY(B4("23")) "}],"
	"\"MPIN\":[{\"g\":1,\"MPIN\":" KEY(B4("55")) "},{\"g\":2,\"MPIN\":" KEY(B4("56")) "}],"
	"\"MMGT\":" KEY(B4("66")) "}";

static const uint8_t *input;
static size_t input_len;
static char *written;	/* the last file that was to be written */
static size_t written_len;
static unsigned int made;
static unsigned long memory_ends;	/* at this allocation, counted from 1; 0 never */

void *__real_domain_secret_alloc(size_t size);
void *__wrap_domain_secret_alloc(size_t size);
int __wrap_domain_file_read(const char *path, bool secret, size_t max, uint8_t **data,
			    size_t *len, struct domain_error *error);
int __wrap_domain_file_write(const char *path, mode_t mode, bool replace, const void *data,
			     size_t len, struct domain_error *error);
int __wrap_output_folder(const struct provision_args *args, struct domain_error *error);
void __wrap_output_made(const struct provision_args *args, const char *kind,
			const uint8_t id[PDT1_ID_LEN], const char *secret, const char *info);
int __wrap_sm_personalise(const struct sm_port *port, const struct sm_perso *perso);
int __wrap_domain_new_file_begin(struct domain_new_file *file, const char *path,
				 struct domain_error *error);
int __wrap_domain_new_file_commit(struct domain_new_file *file, bool replace,
				  struct domain_error *error);
void __wrap_domain_new_file_end(struct domain_new_file *file);
int __wrap_nvm_file_create(void *nvm, const char *path);
void __wrap_nvm_file_close(void *nvm);

void *__wrap_domain_secret_alloc(size_t size)
{
	return memory_ends && !--memory_ends ? NULL : __real_domain_secret_alloc(size);
}

int __wrap_domain_file_read(const char *path, bool secret, size_t max, uint8_t **data,
			    size_t *len, struct domain_error *error)
{
	const void *from = input;

	WANT(secret);
	*len = input_len;
	if (!strcmp(path, DOMAIN_PATH)) {
		from = good_domain;
		*len = sizeof(good_domain) - 1;
	}
	if (*len > max)
		return domain_fail(error, -EFBIG, "%s is too long", path);
	*data = __real_domain_secret_alloc(*len + !*len);
	memcpy(*data, from, *len);
	return 0;
}

int __wrap_domain_file_write(const char *path, mode_t mode, bool replace, const void *data,
			     size_t len, struct domain_error *error)
{
	(void)replace;
	(void)error;
	WANT(*path && mode == 0600 && len);
	free(written);
	written = memcpy(malloc(len), data, len);
	written_len = len;
	return 0;
}

int __wrap_output_folder(const struct provision_args *args, struct domain_error *error)
{
	(void)error;
	WANT(args->out);
	return 0;
}

void __wrap_output_made(const struct provision_args *args, const char *kind,
			const uint8_t id[PDT1_ID_LEN], const char *secret, const char *info)
{
	(void)args;
	(void)id;
	WANT(*kind && *secret && *info);
	made++;
}

int __wrap_domain_new_file_begin(struct domain_new_file *file, const char *path,
				 struct domain_error *error)
{
	(void)error;
	memset(file, 0, sizeof(*file));
	WANT(*path);
	return 0;
}

int __wrap_domain_new_file_commit(struct domain_new_file *file, bool replace,
				  struct domain_error *error)
{
	(void)file;
	(void)replace;
	(void)error;
	return 0;
}

void __wrap_domain_new_file_end(struct domain_new_file *file)
{
	(void)file;
}

int __wrap_nvm_file_create(void *nvm, const char *path)
{
	(void)nvm;
	(void)path;
	return 0;
}

void __wrap_nvm_file_close(void *nvm)
{
	(void)nvm;
}

/* What reaches the module's own code would make a module. */
int __wrap_sm_personalise(const struct sm_port *port, const struct sm_perso *perso)
{
	unsigned int i, j;

	(void)port;
	WANT(perso->k_count >= 1 && perso->k_count <= PDT1_K_GENERATIONS);
	for (i = 0; i < perso->k_count; i++)
		for (j = 0; j < i; j++)
			WANT(perso->k[i].g && perso->k[i].g != perso->k[j].g);
	WANT(perso->pin_policy <= PDT1_PIN_INDEXED && perso->evict_policy <= PDT1_EVICT_APPROVED);
	WANT(perso->slots >= 1 && perso->slots <= PDT1_SLOTS_MAX);
	WANT(perso->ptc_max >= 1 && perso->ptc_max <= PDT1_PTC_MAX && perso->ageing);
	WANT(perso->count_mode <= 1 && perso->pin_first <= 1 && perso->n <= PDT1_N_LAST);
	WANT(perso->maxc >= PDT1_MAXC_MIN && perso->maxr >= PDT1_MAXR_MIN &&
	     perso->maxm >= PDT1_MAXM_MIN);
	return 0;
}

/* No value of the input is quoted, unless it is also a name. */
static void find_values(json_t *value, const char *text)
{
	const char *name, *string = json_string_value(value);
	json_t *member;
	size_t i;

	if (string && json_string_length(value) == 64 && strlen(string) == 64)
		WANT(!strstr(text, string));
	json_object_foreach(value, name, member)
		if (strlen(name) < 8)
			find_values(member, text);
	json_array_foreach(value, i, member)
		find_values(member, text);
}

static void judge_refusal(const struct domain_error *error)
{
	size_t len = strnlen(error->text, sizeof(error->text));
	json_t *value;

	memory_ends = 0;
	value = json_loadb((const char *)input, input_len, JSON_DECODE_ANY, NULL);
	WANT(len && len < sizeof(error->text));
	find_values(value, error->text);
	json_decref(value);
}

static void compare_generations(const struct domain_generations *again,
				const struct domain_generations *first)
{
	unsigned int i;

	WANT(again->count == first->count);
	for (i = 0; i < first->count; i++)
		WANT(again->of[i].number == first->of[i].number &&
		     !memcmp(again->of[i].key, first->of[i].key, PDT1_KEY_LEN));
}

static void read_domain(void)
{
	struct domain_error error = { "" };
	struct domain domain, again;
	int err = domain_load(&domain, IN_PATH, &error);
	unsigned int i;

	if (err) {
		judge_refusal(&error);
		for (i = 0; i < sizeof(domain); i++)
			WANT(!((const uint8_t *)&domain)[i]);
		return;
	}
	WANT(domain.k.count >= 1 && domain.k.count <= DOMAIN_GENERATIONS);
	WANT(domain.mhkey.count >= 1 && domain.mhkey.count <= DOMAIN_GENERATIONS);
	WANT(domain.mpin.count <= DOMAIN_GENERATIONS && domain.mmgt.count <= DOMAIN_GENERATIONS);
	err = domain_store(&domain, "out", true, &error);
	WANT(!err || (err == -ENOMEM && *error.text));
	memory_ends = 0;
	if (err) {
		domain_wipe(&domain);
		return;
	}
	/* What is stored reads as the same. */
	input = (const uint8_t *)written;
	input_len = written_len;
	WANT(!domain_load(&again, IN_PATH, &error));
	WANT(again.dom == domain.dom);
	compare_generations(&again.k, &domain.k);
	compare_generations(&again.mhkey, &domain.mhkey);
	compare_generations(&again.mpin, &domain.mpin);
	compare_generations(&again.mmgt, &domain.mmgt);
	domain_wipe(&domain);
	domain_wipe(&again);
}

/* Options of the command line beside the file: a line of text before the object */
static void take_options(struct provision_args *args, char *line)
{
	static const char sep[] = " ";
	char *word, *save;
	unsigned int i;

	for (word = strtok_r(line, sep, &save); word; word = strtok_r(NULL, sep, &save)) {
		const char *value = strchr(word, '=');

		if (!value)
			continue;
		value++;
		if (!strncmp(word, "id=", 3))
			args->id = value;
		else if (!strncmp(word, "issuer=", 7))
			args->issuer = value;
		else if (!strncmp(word, "serial=", 7))
			args->serial = value;
		else if (!strncmp(word, "rights=", 7))
			args->rights = value;
		else if (!strncmp(word, "mhkey=", 6))
			args->mhkey = value;
		else if (!strncmp(word, "memory=", 7))
			memory_ends = strtoul(value, NULL, 10);
		for (i = 0; i < SETTINGS; i++) {
			const char *name = setting_descs[i].option;

			if (name && !strncmp(word, name, strlen(name)) && word[strlen(name)] == '=')
				args->setting[i] = value;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct provision_args args = { .domain = DOMAIN_PATH, .out = "out", .from = IN_PATH,
				       .force = true };
	struct domain_error error = { "" };
	const uint8_t *end;
	char line[256];
	int err;

	if (size < 2)
		return 0;
	/* "m slots=4\n{...}" */
	end = memchr(data, '\n', size);
	if (!end || end - data >= (ptrdiff_t)sizeof(line))
		return 0;
	memcpy(line, data, (size_t)(end - data));
	line[end - data] = '\0';
	input = end + 1;
	input_len = size - (size_t)(input - data);
	made = 0;
	memory_ends = 0;
	if (line[0])
		take_options(&args, line + 1);

	switch (line[0]) {
	case 'd':
		read_domain();
		return 0;
	case 'H':
	case 'M':
		args.from = NULL;
		break;
	case 'h':
	case 'm':
		break;
	default:
		return 0;
	}
	err = (line[0] | 32) == 'h' ? provision_host(&args, &error) :
				      provision_module(&args, &error);
	WANT(!err == (made == 1));
	if (err)
		judge_refusal(&error);
	memory_ends = 0;
	return 0;
}
