// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No core dumps, no capability but the one that the driver wants of an agent, no
 * new privileges, and of the system calls only those that the daemon and its
 * libraries make.
 */
#include <cap-ng.h>
#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "smpaird/sandbox.h"

/* Names; those that a machine's kernel does not have are left out there. */
static const char *const allowed[] = {
	/* memory and threads (the resolver of libcurl is one) */
	"brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "mlock", "mlock2", "munlock",
	"clone", "clone3", "exit", "exit_group", "futex", "futex_time64", "set_robust_list",
	"rseq", "sched_yield", "sched_getaffinity", "gettid", "getpid", "getppid", "prctl",
	"set_tid_address", "memfd_secret",
	/* waiting and time */
	"poll", "ppoll", "ppoll_time64", "select", "pselect6", "epoll_create1", "epoll_ctl",
	"epoll_wait", "epoll_pwait", "clock_gettime", "clock_gettime64", "gettimeofday", "time",
	"clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "restart_syscall",
	/* descriptors and files */
	"read", "readv", "pread64", "write", "writev", "close", "dup", "fcntl", "fcntl64",
	"ioctl", "lseek", "_llseek", "open", "openat", "stat", "stat64", "fstat", "fstat64",
	"lstat", "lstat64", "newfstatat", "fstatat64", "statx", "access", "faccessat",
	"faccessat2", "getdents", "getdents64", "readlink", "readlinkat", "rename", "renameat",
	"renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "umask",
	"chmod", "fchmod", "fchmodat", "chown", "lchown", "fchownat", "fsync", "fdatasync",
	"getcwd", "pipe2", "eventfd2", "statfs", "statfs64", "fstatfs", "fstatfs64", "flock",
	/* sockets */
	"socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "getsockname",
	"getpeername", "setsockopt", "getsockopt", "sendto", "sendmsg", "sendmmsg", "recvfrom",
	"recvmsg", "recvmmsg", "shutdown", "socketcall", "recv", "send",
	/* signals */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "signalfd4",
	"sigaltstack", "tgkill",
	/* keys and random bytes */
	"add_key", "keyctl", "getrandom",
	/* identity and limits, read by libraries */
	"getuid", "geteuid", "getgid", "getegid", "getuid32", "geteuid32", "getgid32",
	"getegid32", "uname", "sysinfo", "prlimit64", "getrlimit", "ugetrlimit",
};

/**
 * sandbox_early() - Before a secret is touched.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int sandbox_early(struct domain_error *error)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setrlimit(RLIMIT_CORE, &none))
		return domain_fail(error, -errno, "core dumps cannot be switched off: %s",
				   strerror(errno));
	return 0;
}

static int drop_capabilities(struct domain_error *error)
{
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN) ||
	    capng_apply(CAPNG_SELECT_CAPS))
		return domain_fail(error, -EPERM,
				   "CAP_NET_ADMIN is needed; start smpaird by its unit or init script, or as root");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return domain_fail(error, -errno, "no_new_privs: %s", strerror(errno));
	return 0;
}

/**
 * sandbox_enter() - After everything is set up that needs more.
 * @report_only: System calls that are not allowed are logged by the kernel, not
 *	answered by the end of the daemon.
 * @error: Receives the reason of a failure.
 *
 * Return: 0 or a negative errno.
 */
int sandbox_enter(bool report_only, struct domain_error *error)
{
	scmp_filter_ctx ctx;
	unsigned int i;
	int err, call;

	err = drop_capabilities(error);
	if (err)
		return err;
	ctx = seccomp_init(report_only ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS);
	if (!ctx)
		return domain_fail(error, -ENOMEM, "out of memory");
	for (i = 0; !err && i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		call = seccomp_syscall_resolve_name(allowed[i]);
		if (call == __NR_SCMP_ERROR)
			continue;
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 0);
	}
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	if (err)
		return domain_fail(error, err, "seccomp: %s", strerror(-err));
	return 0;
}
