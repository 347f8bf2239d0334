// SPDX-License-Identifier: GPL-2.0-or-later
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "softmod/capabilities.h"
#include "softmod/control.h"
#include "softmod/ctl.h"
#include "softmod/port/linux.h"

enum { EXIT_USAGE = 2 };

static int usage(FILE *to)
{
	fputs("usage: smpair-softmod run --image FILE --link KIND[:ADDRESS] [--control SOCKET] [--removed]\n"
	      "       smpair-softmod ctl --control SOCKET VERB [ARGUMENT...]\n"
	      "       smpair-softmod capabilities\n"
	      "       smpair-softmod --help | --version\n"
	      "KIND   virt[:PATH]       the driver's virtual link, /dev/smpair_virt\n"
	      "       vpcd[:HOST:PORT]  pcscd's virtual reader, localhost:35963\n"
	      "VERB   insert, remove, reset, cut K, fault [ORDER], counters, capabilities, stop\n",
	      to);
	return to == stdout ? 0 : EXIT_USAGE;
}

/* Secrets must not reach core files, debuggers or, if it can be had, swap. */
static struct card *private_memory(void)
{
	const struct rlimit none = { 0, 0 };
	struct card *card;

	if (prctl(PR_SET_DUMPABLE, 0) || setrlimit(RLIMIT_CORE, &none))
		err(1, "cannot forbid core dumps");
	card = mmap(NULL, sizeof(*card), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (card == MAP_FAILED)
		err(1, "no memory");
	madvise(card, sizeof(*card), MADV_DONTDUMP);
	if (mlock(card, sizeof(*card)))
		warn("secrets may be swapped out; raise the memlock limit");
	return card;
}

static void open_image(struct card *card, const char *path)
{
	int ret = nvm_file_open(&card->image, path);

	switch (ret) {
	case 0:
		break;
	case -EACCES:
		errx(1, "%s: not private or not permitted; run \"chmod 600\" on it as its owner",
		     path);
	case -EBUSY:
		errx(1, "%s: in use by another module; stop that one first",
		     path);
	case -EINVAL:
		errx(1, "%s: not a module image; make one with smpair-provision",
		     path);
	default:
		errx(1, "%s: %s", path, strerror(-ret));
	}
	linux_port_init(&card->port, &card->image);
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		err(1, "sigprocmask");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		err(1, "signalfd");
	return fd;
}

/* Until a signal or the control channel ends it. Without a control channel
 * there is nothing left to do once the reader is gone.
 */
static int loop(struct card *card, struct control *ctl, int signals)
{
	struct pollfd pfd[2 + CONTROL_POLLFDS];
	int wait, ret;

	while (!ctl->stop) {
		pfd[0] = (struct pollfd){ .fd = signals, .events = POLLIN };
		wait = link_wait_ms(&card->link);
		pfd[1] = (struct pollfd){
			.fd = wait < 0 ? card->link.fd : -1,
			.events = POLLIN,
		};
		control_pollfds(ctl, pfd + 2);
		if (poll(pfd, 2 + CONTROL_POLLFDS, wait) < 0) {
			if (errno == EINTR)
				continue;
			warn("poll");
			return 1;
		}
		if (pfd[0].revents)
			return 0;
		if ((pfd[1].fd >= 0 && pfd[1].revents) ||
		    !link_wait_ms(&card->link)) {
			ret = card_serve(card);
			if (ret && ctl->fd < 0) {
				warnx("the reader is gone: %s",
				      strerror(-ret));
				return 1;
			}
		}
		control_serve(ctl, pfd + 2, card);
	}
	return 0;
}

static int run(const char *image, const char *link, const char *control,
	       bool removed)
{
	struct card *card = private_memory();
	int status = 1;
	struct control ctl;
	int signals, ret;

	if (link_init(&card->link, link)) {
		warnx("%s: unknown link; virt[:PATH] or vpcd[:HOST:PORT]",
		      link);
		return EXIT_USAGE;
	}
	open_image(card, image);
	signals = open_signals();
	ret = control_open(&ctl, control);
	if (ret) {
		warnx("%s: cannot listen: %s", control, strerror(-ret));
		goto out;
	}

	ret = removed ? 0 : card_insert(card);
	if (ret) {
		warnx("%s: cannot reach the reader: %s", link, strerror(-ret));
		goto out;
	}
	if (!removed && card->module.state == SM_FATAL)
		warnx("%s: damaged, and left as it is: the module answers SELECT and GET INFO only",
		      image);
	if (!removed && card->module.state == SM_VIRGIN)
		warnx("%s: not personalised; make an image with smpair-provision",
		      image);

	puts("ready");
	fflush(stdout);
	status = loop(card, &ctl, signals);
	card_remove(card);
out:
	control_close(&ctl);
	close(signals);
	nvm_file_close(&card->image);
	munmap(card, sizeof(*card));
	return status;
}

static int run_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "image", required_argument, NULL, 'i' },
		{ "link", required_argument, NULL, 'l' },
		{ "control", required_argument, NULL, 'c' },
		{ "removed", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	const char *image = NULL, *link = NULL, *control = NULL;
	bool removed = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'i':
			image = optarg;
			break;
		case 'l':
			link = optarg;
			break;
		case 'c':
			control = optarg;
			break;
		case 'r':
			removed = true;
			break;
		default:
			return usage(stderr);
		}
	}
	if (!image || !link || optind != argc)
		return usage(stderr);
	if (removed && !control) {
		warnx("--removed needs --control, or nothing could insert the module");
		return EXIT_USAGE;
	}
	return run(image, link, control, removed);
}

static int ctl_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "control", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	const char *control = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'c')
			return usage(stderr);
		control = optarg;
	}
	argc -= optind;
	argv += optind;
	if (!control || argc < 1)
		return usage(stderr);
	return ctl_request(control, argv, argc);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr);
	if (!strcmp(argv[1], "run"))
		return run_command(argc - 1, argv + 1);
	if (!strcmp(argv[1], "ctl"))
		return ctl_command(argc - 1, argv + 1);
	if (!strcmp(argv[1], "capabilities") && argc == 2)
		return puts(capabilities()) < 0;
	if (!strcmp(argv[1], "--help"))
		return usage(stdout);
	if (!strcmp(argv[1], "--version"))
		return puts("smpair-softmod " SMPAIR_VERSION) < 0;
	return usage(stderr);
}
