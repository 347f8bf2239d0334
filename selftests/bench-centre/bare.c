// SPDX-License-Identifier: GPL-2.0
/*
 * bare PORT CERT KEY CA THREADS BYTES: what libmicrohttpd does at most with the
 * centre's TLS: reads a request with its body, and answers with as many bytes as the
 * centre does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

static char answer[4096];
static size_t answer_len;

static char *read_file(const char *name)
{
	static char text[65536];
	FILE *file = fopen(name, "r");
	size_t len;

	if (!file)
		exit(2);
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	return strdup(text);
}

static enum MHD_Result request(void *cls, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *size, void **state)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)cls;
	(void)url;
	(void)method;
	(void)version;
	(void)data;
	if (!*state) {
		*state = answer;
		return MHD_YES;
	}
	if (*size) {
		*size = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(answer_len, answer,
						   MHD_RESPMEM_MUST_COPY);
	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	result = MHD_queue_response(connection, 201, response);
	MHD_destroy_response(response);
	return result;
}

int main(int argc, char **argv)
{
	struct MHD_Daemon *daemon;

	if (argc != 7)
		return 2;
	answer_len = strtoul(argv[6], NULL, 10) % sizeof(answer);
	memset(answer, ' ', answer_len);
	daemon = MHD_start_daemon(MHD_USE_TLS | MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC,
				  (uint16_t)atoi(argv[1]), NULL, NULL, request, NULL,
				  MHD_OPTION_HTTPS_MEM_CERT, read_file(argv[2]),
				  MHD_OPTION_HTTPS_MEM_KEY, read_file(argv[3]),
				  MHD_OPTION_HTTPS_MEM_TRUST, read_file(argv[4]),
				  MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-ALL:+VERS-TLS1.3",
				  MHD_OPTION_STRICT_FOR_CLIENT, 1,
				  MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)atoi(argv[5]),
				  MHD_OPTION_END);
	if (!daemon)
		return 1;
	pause();
	return 0;
}
