// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests to the centre, from the callbacks that its HTTP library calls down to
 * the database. An input is a text of requests, two lines each:
 *
 *   WHO FLAGS KEY METHOD URL
 *   BODY
 *
 * WHO is the role of the certificate: a(gent), o(perator), s(upervisor),
 * u (auditor), n for none, others for one that nobody registered. KEY is an idempotency
 * key, or -. FLAGS are below, or -. Every input begins with the same database and
 * the same random numbers; nothing is ever committed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <linux/smpair_proto.h>
#include <smpair/id.h>

#include "centre/audit.h"
#include "centre/console/store_console.h"
#include "centre/http.h"
#include "centre/peer.h"
#include "centre/store_private.h"
#include "domain/file.h"
#include "domain/pin.h"
#include "domain/secret.h"
#include "input.h"

#define REQUESTS_MAX	12
#define FIELDS_MAX	8
#define BODY_MAX	65536
#define BEGIN		1800000000	/* when every input begins */
#define LATER		700		/* longer than a nonce is good */
#define MODULES		8
#define HOSTS		4

#define K32(hex)	"\"" hex hex hex hex hex hex hex hex "\""

static const char domain_text[] =
	"{\"smpair\":\"domain\",\"v\":1,\"dom\":1,"
	"\"k\":[{\"g\":1,\"k\":" K32("11111111") "},{\"g\":2,\"k\":" K32("12121212") "}],"
	"\"MHKey\":[{\"m\":1,\"MHKey\":" K32("22222222") "}],"
	"\"MPIN\":[{\"g\":1,\"MPIN\":" K32("55555555") "},{\"g\":2,\"MPIN\":" K32("56565656") "}],"
	"\"MMGT\":[{\"g\":1,\"MMGT\":" K32("66666666") "},{\"g\":2,\"MMGT\":" K32("67676767") "}]}";

/* What is asked now. */
static struct {
	char who;
	const char *flags;
	const char *key;
	const char *method;
	char *url;
	const char *names[FIELDS_MAX];
	const char *values[FIELDS_MAX];
	size_t fields;
	const char *body;
	size_t len;
} asked;

/* What was answered. */
static struct {
	unsigned int count;
	unsigned int status;
	char *text;
} answered;

static struct service service;
static struct store *store;
static struct provider *provider;
static MHD_AccessHandlerCallback handler;
static MHD_RequestCompletedCallback completed;
static MHD_NotifyConnectionCallback notify;
static uint8_t random_byte;
static time_t now;

static bool flag(char f)
{
	return strchr(asked.flags, f);
}

/* ---- what the centre has of the machine ---- */

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags);
time_t __wrap_time(time_t *at);
int __wrap_domain_file_read(const char *path, bool secret, size_t max, uint8_t **data,
			    size_t *len, struct domain_error *error);
uint32_t __wrap_limiter_take(struct limiter *limiter, enum limit_scope scope, const void *id,
			     size_t len);
int __wrap_writer_run(struct writer *writer, struct writer_job *job);
int __wrap_fprintf(FILE *file, const char *format, ...);
int __wrap_pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until);

/* w: another listing takes long. */
int __wrap_pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until)
{
	(void)until;
	return flag('w') ? ETIMEDOUT : pthread_mutex_lock(mutex);
}

/* What the centre tells of its own failures is known. */
int __wrap_fprintf(FILE *file, const char *format, ...)
{
	va_list args;
	int len;

	if (!strncmp(format, "<%d>", 4))
		return 0;
	va_start(args, format);
	len = vfprintf(file, format, args);
	va_end(args);
	return len;
}

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags)
{
	uint8_t *to = buf;
	size_t i;

	(void)flags;
	for (i = 0; i < len; i++)
		to[i] = random_byte++;
	return (ssize_t)len;
}

time_t __wrap_time(time_t *at)
{
	WANT(!at);
	return now;
}

int __wrap_domain_file_read(const char *path, bool secret, size_t max, uint8_t **data,
			    size_t *len, struct domain_error *error)
{
	(void)path;
	(void)error;
	*len = sizeof(domain_text) - 1;
	WANT(secret && *len <= max);
	*data = domain_secret_alloc(*len);
	memcpy(*data, domain_text, *len);
	return 0;
}

/* l: somebody asked too often. */
uint32_t __wrap_limiter_take(struct limiter *limiter, enum limit_scope scope, const void *id,
			     size_t len)
{
	(void)limiter;
	(void)id;
	WANT(scope && scope < LIMIT_SCOPES && len && len <= BUCKET_ID_MAX);
	return flag('l') ? 7 : 0;
}

/* As the writer does it, without the disk. f: it cannot. */
int __wrap_writer_run(struct writer *writer, struct writer_job *job)
{
	int err;

	(void)writer;
	if (flag('f'))
		return domain_fail(&job->error, -EBUSY, "somebody has the database");
	WANT(!store_save(store, &job->error));
	err = job->run(store, job);
	if (err) {
		WANT(err < 0 && memchr(job->error.text, '\0', sizeof(job->error.text)));
		store_back(store);
		return err;
	}
	WANT(!store_release(store, &job->error));
	return 0;
}

/* ---- what it has of the HTTP library ---- */

struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned int flags, uint16_t port,
					   MHD_AcceptPolicyCallback policy, void *policy_cls,
					   MHD_AccessHandlerCallback handle, void *handle_cls, ...);
const union MHD_ConnectionInfo *
__wrap_MHD_get_connection_info(struct MHD_Connection *connection,
			       enum MHD_ConnectionInfoType type, ...);
const char *__wrap_MHD_lookup_connection_value(struct MHD_Connection *connection,
					       enum MHD_ValueKind kind, const char *key);
int __wrap_MHD_get_connection_values_n(struct MHD_Connection *connection,
				       enum MHD_ValueKind kind, MHD_KeyValueIteratorN iterator,
				       void *cls);
struct MHD_Response *__wrap_MHD_create_response_from_buffer(size_t size, void *buffer,
							    enum MHD_ResponseMemoryMode mode);
enum MHD_Result __wrap_MHD_add_response_header(struct MHD_Response *response,
					       const char *header, const char *content);
enum MHD_Result __wrap_MHD_queue_response(struct MHD_Connection *connection,
					  unsigned int status, struct MHD_Response *response);
void __wrap_MHD_destroy_response(struct MHD_Response *response);
void __wrap_peer_judge(struct peer *peer, gnutls_session_t session);

struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned int flags, uint16_t port,
					   MHD_AcceptPolicyCallback policy, void *policy_cls,
					   MHD_AccessHandlerCallback handle, void *handle_cls, ...)
{
	enum MHD_OPTION option;
	va_list args;

	(void)port;
	WANT(flags & MHD_USE_TLS && policy && policy_cls == &service && handle_cls == &service);
	handler = handle;
	va_start(args, handle_cls);
	while ((option = va_arg(args, enum MHD_OPTION)) != MHD_OPTION_END) {
		switch (option) {
		case MHD_OPTION_NOTIFY_COMPLETED:
			completed = va_arg(args, MHD_RequestCompletedCallback);
			(void)va_arg(args, void *);
			break;
		case MHD_OPTION_NOTIFY_CONNECTION:
			notify = va_arg(args, MHD_NotifyConnectionCallback);
			(void)va_arg(args, void *);
			break;
		case MHD_OPTION_HTTPS_MEM_CERT:
		case MHD_OPTION_HTTPS_MEM_KEY:
		case MHD_OPTION_HTTPS_PRIORITIES:
			(void)va_arg(args, const char *);
			break;
		case MHD_OPTION_ARRAY:
			(void)va_arg(args, const struct MHD_OptionItem *);
			break;
		case MHD_OPTION_CONNECTION_MEMORY_LIMIT:
			(void)va_arg(args, size_t);
			break;
		default:
			(void)va_arg(args, unsigned int);
		}
	}
	va_end(args);
	return (struct MHD_Daemon *)&service;
}

static void *context;	/* of the connection */

const union MHD_ConnectionInfo *
__wrap_MHD_get_connection_info(struct MHD_Connection *connection,
			       enum MHD_ConnectionInfoType type, ...)
{
	static union MHD_ConnectionInfo info;

	(void)connection;
	if (asked.who == 'n')
		return NULL;
	if (type == MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		info.socket_context = context;
	else if (type == MHD_CONNECTION_INFO_CONNECTION_FD)
		info.connect_fd = -1;
	else
		info.tls_session = NULL;
	return &info;
}

void __wrap_peer_judge(struct peer *peer, gnutls_session_t session)
{
	(void)session;
	peer->judged = true;
	peer->acceptable = true;
	memset(peer->fingerprint, asked.who, sizeof(peer->fingerprint));
}

/* t: of another type; m: of none; c: chunked; n: without a length; b: too long. */
const char *__wrap_MHD_lookup_connection_value(struct MHD_Connection *connection,
					       enum MHD_ValueKind kind, const char *key)
{
	static char length[24];

	(void)connection;
	WANT(kind == MHD_HEADER_KIND);
	if (!strcmp(key, "Content-Type"))
		return flag('m') ? NULL : flag('t') ? "text/plain" : "application/json";
	if (!strcmp(key, "Transfer-Encoding"))
		return flag('c') ? "chunked" : NULL;
	if (!strcmp(key, "Idempotency-Key"))
		return strcmp(asked.key, "-") ? asked.key : NULL;
	WANT(!strcmp(key, "Content-Length"));
	snprintf(length, sizeof(length), "%zu", flag('b') ? (size_t)1 << 40 : asked.len);
	return flag('n') ? NULL : length;
}

int __wrap_MHD_get_connection_values_n(struct MHD_Connection *connection,
				       enum MHD_ValueKind kind, MHD_KeyValueIteratorN iterator,
				       void *cls)
{
	size_t i;

	(void)connection;
	for (i = 0; i < asked.fields; i++)
		if (iterator(cls, kind, asked.names[i], strlen(asked.names[i]), asked.values[i],
			     asked.values[i] ? strlen(asked.values[i]) : 0) != MHD_YES)
			break;
	return (int)i;
}

struct MHD_Response *__wrap_MHD_create_response_from_buffer(size_t size, void *buffer,
							    enum MHD_ResponseMemoryMode mode)
{
	WANT(mode == MHD_RESPMEM_MUST_COPY && strlen(buffer) == size);
	free(answered.text);
	answered.text = strdup(buffer);
	return (struct MHD_Response *)&answered;
}

enum MHD_Result __wrap_MHD_add_response_header(struct MHD_Response *response,
					       const char *header, const char *content)
{
	(void)response;
	/* Two answers in one would begin like this. */
	WANT(!strpbrk(header, "\r\n:") && !strpbrk(content, "\r\n") && *content);
	return MHD_YES;
}

enum MHD_Result __wrap_MHD_queue_response(struct MHD_Connection *connection,
					  unsigned int status, struct MHD_Response *response)
{
	(void)connection;
	WANT(response == (struct MHD_Response *)&answered);
	answered.count++;
	answered.status = status;
	return MHD_YES;
}

void __wrap_MHD_destroy_response(struct MHD_Response *response)
{
	(void)response;
}

/* ---- what has to be so of every answer ---- */

static int64_t rows_of_the_trail(void)
{
	struct domain_error error;
	int64_t rows;

	WANT(db_get(store->db, &rows, &error, "SELECT COUNT(*) FROM audit", "") == 1);
	return rows;
}

/* By another way than the centre's. */
static void check_pin(const json_t *object, const char *pin)
{
	const char *module = json_string_value(json_object_get(object, "module"));
	const char *host = json_string_value(json_object_get(object, "host"));
	uint32_t n = (uint32_t)json_integer_value(json_object_get(object, "index"));
	uint8_t mid[PDT1_ID_LEN], sn[PDT1_ID_LEN], kpin[PDT1_KEY_LEN];
	struct store_module known;
	struct domain_error error;
	char expected[PDT1_PIN_LEN];

	WANT(asked.who == 'a' && !service.hotline == !flag('h'));
	WANT(module && host && !smpair_id_parse(module, mid) && !smpair_id_parse(host, sn));
	WANT(store_get_module(store, mid, &known, &error) == 1);
	WANT(!known.denied && !known.hold[0] && !known.awaiting);
	WANT(!provider_kpin(provider, 1, mid, kpin, &error));
	WANT(!domain_pin(&domain_mac_library, kpin, known.pin_policy, sn, n, expected));
	WANT(strlen(pin) == PDT1_PIN_LEN && !memcmp(pin, expected, PDT1_PIN_LEN));
}

/* Whoever got a PIN for a request had read the right code off the display. */
static void check_code(const json_t *answer)
{
	const char *module = json_string_value(json_object_get(answer, "module"));
	const char *host = json_string_value(json_object_get(answer, "host"));
	uint32_t n = (uint32_t)json_integer_value(json_object_get(answer, "index")), code;
	uint8_t mid[PDT1_ID_LEN], sn[PDT1_ID_LEN], kpin[PDT1_KEY_LEN];
	struct store_module known;
	struct domain_error error;
	const char *given;
	json_t *body;

	body = json_loadb(asked.body, asked.len, 0, NULL);
	given = json_string_value(json_object_get(body, "request_code"));
	WANT(given && !smpair_id_parse(module, mid) && !smpair_id_parse(host, sn));
	WANT(store_get_module(store, mid, &known, &error) == 1);
	WANT(!provider_kpin(provider, 1, mid, kpin, &error));
	WANT(!domain_request_code(&domain_mac_library, kpin, known.pin_policy, mid, sn, n,
				  known.ft, &code));
	WANT(strtoul(given, NULL, 10) == code);
	json_decref(body);
}

static bool writes_nothing(unsigned int status)
{
	return status == 400 || status == 405 || status == 411 || status == 413 ||
	       status == 415 || status == 429;
}

static void check_answer(int64_t rows)
{
	const char *pin;
	json_t *object;

	WANT(answered.count == 1 && answered.status >= 200 && answered.status < 600);
	object = json_loads(answered.text, JSON_REJECT_DUPLICATES, NULL);
	WANT(json_is_object(object));
	pin = json_string_value(json_object_get(object, "pin"));
	if (answered.status >= 400) {
		WANT(json_integer_value(json_object_get(object, "status")) == answered.status);
		WANT(*json_string_value(json_object_get(object, "code")));
		WANT(*json_string_value(json_object_get(object, "title")));
		WANT(*json_string_value(json_object_get(object, "next")));
		WANT(!pin);
	}
	if (writes_nothing(answered.status))
		WANT(rows_of_the_trail() == rows);
	else if (!strcmp(asked.method, "POST") || !strcmp(asked.method, "PUT"))
		WANT(!strchr("aosu", asked.who) || !(flag('t') || flag('m') || flag('c')));
	if (pin)
		check_pin(object, pin);
	/* A repeated request may be of a time before the module moved on. */
	if (pin && !strcmp(asked.method, "POST") && !strcmp(asked.key, "-"))
		check_code(object);
	json_decref(object);
}

/* ---- asking ---- */

static void ask(void)
{
	struct MHD_Connection *connection = (struct MHD_Connection *)&asked;
	int64_t rows = rows_of_the_trail();
	void *state = NULL;
	size_t size, at = 0;

	now += flag('+') ? LATER : 1;
	service.hotline = flag('h');
	answered.count = 0;
	notify(&service, connection, &context, MHD_CONNECTION_NOTIFY_STARTED);
	WANT(handler(&service, connection, asked.url, asked.method, "HTTP/1.1", NULL, &at,
		     &state) == MHD_YES);
	/* 2: in two pieces; B: more than was announced. */
	while (!answered.count && at < asked.len) {
		size = flag('2') && !at && asked.len > 1 ? asked.len / 2 : asked.len - at;
		at += size;
		WANT(handler(&service, connection, asked.url, asked.method, "HTTP/1.1",
			     asked.body + at - size, &size, &state) == MHD_YES && !size);
		if (flag('B') && at == asked.len)
			for (size = 0; size < BODY_MAX; size += asked.len) {
				size_t more = asked.len;

				WANT(handler(&service, connection, asked.url, asked.method,
					     "HTTP/1.1", asked.body, &more, &state) == MHD_YES);
			}
	}
	if (!answered.count) {
		size = 0;
		WANT(handler(&service, connection, asked.url, asked.method, "HTTP/1.1", NULL, &size,
			     &state) == MHD_YES);
	}
	completed(&service, connection, &state, MHD_REQUEST_TERMINATED_COMPLETED_OK);
	notify(&service, connection, &context, MHD_CONNECTION_NOTIFY_CLOSED);
	WANT(!state && !context);
	check_answer(rows);
}

static void split_query(char *query)
{
	char *field, *value;

	asked.fields = 0;
	while (query && asked.fields < FIELDS_MAX && (field = strsep(&query, "&"))) {
		value = strchr(field, '=');
		if (value) {
			*value++ = '\0';
			MHD_http_unescape(value);
		}
		MHD_http_unescape(field);
		asked.names[asked.fields] = field;
		asked.values[asked.fields++] = value;
	}
}

static bool read_head(char *line)
{
	char *who = strsep(&line, " ");

	asked.flags = strsep(&line, " ");
	asked.key = strsep(&line, " ");
	asked.method = strsep(&line, " ");
	asked.url = strsep(&line, "?");
	if (!asked.url || !*who || !*asked.method)
		return false;
	asked.who = *who;
	/* The library hands texts on without their escapes. */
	MHD_http_unescape(asked.url);
	split_query(line);
	return true;
}

/* ---- the database that every input begins with ---- */

static void need(int err, const struct domain_error *error)
{
	if (err) {
		fprintf(stderr, "%d: %s\n", err, error->text);
		abort();
	}
}

static void add_client(char who, const char *role)
{
	struct store_client client = { .name = "" };
	struct domain_error error;

	memset(client.fingerprint, who, sizeof(client.fingerprint));
	snprintf(client.name, sizeof(client.name), "%s-1", role);
	snprintf(client.role, sizeof(client.role), "%s", role);
	need(store_add_client(store, &client, &error), &error);
}

static void populate(void)
{
	const struct store_client renewed = {
		.name = "gateway", .role = "agent", .uri = "urn:example:gateway", .not_before = 1,
	};
	const struct store_operator person = {
		.name = "person", .role = "operator", .hash = "$y$j9T$",
	};
	static const uint8_t policies[MODULES] = {
		PDT1_PIN_INDEXED, PDT1_PIN_INDEXED, PDT1_PIN_NONE, PDT1_PIN_PAIR,
		PDT1_PIN_MODULE, PDT1_PIN_INDEXED, PDT1_PIN_INDEXED, PDT1_PIN_INDEXED,
	};
	struct store_module module = {
		.ptc_max = 5, .mpin = 1, .mmgt = 1, .version = 1, .tries = -1,
	};
	struct store_host host = { .rights = 3 };
	struct domain_error error;
	uint8_t i;

	memset(module.ft0, 0x99, sizeof(module.ft0));
	memset(module.ft, 0x99, sizeof(module.ft));
	for (i = 0; i < MODULES; i++) {
		const uint8_t mid[8] = { 2, 1, 0, 0, 0, 0, 0, (uint8_t)(i + 1) };

		memcpy(module.mid, mid, sizeof(mid));
		module.pin_policy = policies[i];
		need(store_add_module(store, &module, &error), &error);
	}
	for (i = 0; i < HOSTS; i++) {
		const uint8_t sn[8] = { 1, 1, 0, 0, 0, 0, 0, (uint8_t)(i + 1) };

		memcpy(host.sn, sn, sizeof(sn));
		need(store_add_host(store, &host, &error), &error);
	}
	add_client('a', "agent");
	add_client('o', "operator");
	add_client('s', "supervisor");
	add_client('u', "auditor");
	/* Who is seen in lists only: a renewed client, and somebody who signs in. */
	need(store_add_client(store, &renewed, &error), &error);
	need(store_add_operator(store, &person, &error), &error);
}

static void begin(void)
{
	char folder[] = "/tmp/smpair-fuzz-XXXXXX", path[64];
	struct store_domain domain = { .dom = 1, .path = (char *)"/domain", .mac = (char *)"file" };
	const struct tls_files files = { (char *)"", (char *)"", (char *)"" };
	struct domain_error error;

	asked.flags = "-";
	WANT(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/db", folder);
	need(store_create(path, &domain, &error), &error);
	need(store_open(&store, path, STORE_WRITE, &error), &error);
	need(provider_open(&provider, "file", "/domain", &error), &error);
	need(audit_start(store, provider, &error), &error);
	need(store_begin(store, &error), &error);
	populate();
	need(store_commit(store, &error), &error);
	/* Whose only connection is open. */
	store_discard(path);
	WANT(!rmdir(folder));

	pthread_mutex_init(&service.lock, NULL);
	pthread_mutex_init(&service.list_lock, NULL);
	service.reader = store;
	service.lister = store;
	service.provider = provider;
	service.domain = "/domain";
	need(deadline_start(&service.deadline, 3600, &error), &error);
	WANT(http_start(&service, &files, -1, &error));
	WANT(handler && completed && notify);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct domain_error error;
	const char *at, *end, *eol;
	unsigned int requests = 0;
	char *text;

	if (!handler)
		begin();
	text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	random_byte = 0;
	now = BEGIN;
	need(store_begin(store, &error), &error);
	for (at = text, end = text + size; at < end && requests < REQUESTS_MAX; requests++) {
		eol = memchr(at, '\n', (size_t)(end - at));
		if (!eol)
			break;
		text[eol - text] = '\0';
		asked.body = eol + 1;
		eol = memchr(asked.body, '\n', (size_t)(end - asked.body));
		if (!eol)
			eol = end;
		asked.len = (size_t)(eol - asked.body);
		if (read_head(text + (at - text)))
			ask();
		at = eol + 1;
	}
	store_rollback(store);
	free(answered.text);
	answered.text = NULL;
	free(text);
	return 0;
}
