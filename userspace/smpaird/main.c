// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smpaird: answers the driver's requests for a PIN or for consent.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <smpair/error.h>

#include "domain/notify.h"
#include "smpaird/centre.h"
#include "smpaird/console.h"
#include "smpaird/daemon.h"
#include "smpaird/log.h"
#include "smpaird/request.h"
#include "smpaird/sandbox.h"
#include "smpaird/wipe.h"

#define CONF_DEFAULT	"/etc/smpair/smpaird.conf"

static const char usage[] =
	"usage: smpaird [--config FILE] [--check] [--seccomp log]\n"
	"       smpaird --help | --version\n";

static const char help[] =
	"\nAnswers the driver's requests for a PIN or for consent: from the management\n"
	"centre, or from people.\n\n"
	"  --config FILE   configuration; " CONF_DEFAULT " unless given\n"
	"  --check         only say whether the configuration is right\n"
	"  --seccomp log   report forbidden system calls instead of ending at them\n";

/**
 * struct run - one run of the program
 * @daemon: The daemon.
 * @config: Its configuration file.
 * @signals: Where signals arrive.
 */
struct run {
	struct daemon daemon;
	const char *config;
	int signals;
};

static void open_console(struct daemon *daemon)
{
	int err;

	if (!daemon->conf.console[0])
		return;
	err = console_open(&daemon->console, daemon, daemon->conf.console);
	if (err)
		log_line(LOG_WARNING, "%s is not used as a console: %s", daemon->conf.console,
			 strerror(-err));
}

/* Paths that were opened stay as they are until the next start. */
static void reload(struct run *run)
{
	struct daemon *daemon = &run->daemon;
	struct domain_error error;
	struct conf conf;

	notify("RELOADING=1");
	if (conf_read(&conf, run->config, &error)) {
		log_line(LOG_ERR, "%s; the configuration stays as it was", error.text);
	} else {
		strcpy(conf.state, daemon->conf.state);
		strcpy(conf.socket, daemon->conf.socket);
		daemon->conf = conf;
		console_close(daemon->console);
		daemon->console = NULL;
		open_console(daemon);
		if (daemon->client)
			smpair_agent_register(daemon->client, conf.priority);
		request_reload_all(daemon);
		spool_deliver(&daemon->spool);
		log_line(LOG_INFO, "configuration read again");
	}
	notify("READY=1");
}

static void signalled(void *arg)
{
	struct run *run = arg;
	struct signalfd_siginfo info;

	if (read(run->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		reload(run);
	else
		run->daemon.loop.stop = true;
}

static int watch_signals(struct run *run, struct domain_error *error)
{
	sigset_t set;
	int err;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	run->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	err = run->signals < 0 ? -errno :
	      loop_add_fd(&run->daemon.loop, run->signals, signalled, run);
	return err ? domain_fail(error, err, "signals: %s", strerror(-err)) : 0;
}

static int serve(struct run *run, bool report_only, struct domain_error *error)
{
	struct daemon *daemon = &run->daemon;
	int err;

	err = spool_open(&daemon->spool, &daemon->loop, &daemon->conf, error);
	if (!err)
		err = socket_open(&daemon->socket, daemon, error);
	if (err)
		return err;
	open_console(daemon);
	err = sandbox_enter(report_only, error);
	if (!err) {
		driver_start(daemon);
		spool_deliver(&daemon->spool);
		notify("READY=1");
		if (loop_run(&daemon->loop))
			err = domain_fail(error, -EIO, "waiting is not possible any more");
		notify("STOPPING=1");
		driver_stop(daemon);
	}
	console_close(daemon->console);
	socket_close(&daemon->socket);
	spool_close(&daemon->spool);
	return err;
}

static int run_daemon(const char *config, bool check, bool report_only)
{
	/* Of no use on a stack, with the whole configuration in it. */
	static struct run run;
	struct domain_error error;
	int err;

	run.config = config;
	run.daemon.socket.fd = -1;
	err = sandbox_early(&error);
	if (!err)
		err = conf_read(&run.daemon.conf, config, &error);
	if (!err && check) {
		printf("%s is right\n", config);
		return SMPAIR_EXIT_DONE;
	}
	if (!err && (wipe_install() || loop_init(&run.daemon.loop)))
		err = domain_fail(&error, -ENOMEM, "out of memory");
	if (!err) {
		run.daemon.loop.transfer_done = centre_transfer_done;
		err = watch_signals(&run, &error);
		if (!err)
			err = serve(&run, report_only, &error);
		loop_fini(&run.daemon.loop);
	}
	if (!err)
		return SMPAIR_EXIT_DONE;
	log_line(LOG_ERR, "%s", error.text);
	switch (err) {
	case -EINVAL:
	case -ENOENT:
		return SMPAIR_EXIT_USAGE;
	case -EPERM:
	case -EACCES:
		return SMPAIR_EXIT_PERMISSION;
	default:
		return SMPAIR_EXIT_OTHER;
	}
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "seccomp", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	const char *config = CONF_DEFAULT;
	bool check = false, report_only = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			config = optarg;
			break;
		case 'k':
			check = true;
			break;
		case 's':
			report_only = !strcmp(optarg, "log");
			if (report_only)
				break;
			/* fall through */
		default:
			fputs(usage, stderr);
			return SMPAIR_EXIT_USAGE;
		case 'h':
			fputs(usage, stdout);
			fputs(help, stdout);
			return SMPAIR_EXIT_DONE;
		case 'v':
			puts("smpaird " SMPAIR_VERSION);
			return SMPAIR_EXIT_DONE;
		}
	}
	if (optind != argc) {
		fputs(usage, stderr);
		return SMPAIR_EXIT_USAGE;
	}
	return run_daemon(config, check, report_only);
}
