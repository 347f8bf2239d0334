// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One table for each source of errors. Texts name what happened, next actions
 * are imperatives; both are for people and may change, names and exit codes
 * are for scripts and do not.
 */
#include <errno.h>
#include <stddef.h>

#include <smpair/error.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct smpair_error_info causes[] = {
	[SMPAIR_CAUSE_NONE] = {
		"none", "nothing is wrong", "", SMPAIR_EXIT_DONE },
	[SMPAIR_CAUSE_NOT_PDT1] = {
		"not-pdt1", "this is not a PDT1 security module",
		"insert a security module of this system", SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_BAD_INFO] = {
		"bad-info", "the module describes itself in a malformed way",
		"remove and re-insert the module, and replace it if this persists",
		SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_FROZEN] = {
		"frozen", "the centre has frozen this module",
		"ask the centre to unfreeze it, and carry its command with \"smpairctl manage\"",
		SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_VIRGIN] = {
		"virgin", "the module was never personalised",
		"return the module to whoever issued it", SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_FATAL] = {
		"fatal", "the memory of the module is damaged",
		"replace the module; its content cannot be repaired in place",
		SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_NOT_PAIRED] = {
		"not-paired", "the module does not know this host",
		"pair them with \"smpairctl pair\"", SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_RESTRICTED] = {
		"restricted",
		"the pairing uses a retired generation of the hosts' key",
		"load host credentials with the newer generation",
		SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_NO_HOST] = {
		"no-host", "no host credentials are loaded",
		"load them with \"smpairctl host load\"", SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_FOREIGN_DOMAIN] = {
		"foreign-domain",
		"the module belongs to another domain, or the host's cryptograms are of a retired generation",
		"obtain host cryptograms for the domain of this module",
		SMPAIR_EXIT_POLICY },
	[SMPAIR_CAUSE_CY_REJECTED] = {
		"cy-rejected",
		"the host's cryptogram is not authentic for this module",
		"have the host provisioned again", SMPAIR_EXIT_POLICY },
	[SMPAIR_CAUSE_FAKE_MODULE] = {
		"fake-module",
		"the module does not prove that it belongs to its domain",
		"do not use this module; report it to the centre",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_REFUSED] = {
		"refused",
		"the module refuses this host: it is denied, or the module has no pairings left to give",
		"ask the centre about this host and this module",
		SMPAIR_EXIT_POLICY },
	[SMPAIR_CAUSE_REINSERT] = {
		"reinsert",
		"after three wrong PINs the module accepts no PIN before its next power-up",
		"remove and re-insert the module, then pair again with the right PIN",
		SMPAIR_EXIT_BLOCKED },
	[SMPAIR_CAUSE_PIN_BLOCKED] = {
		"pin-blocked", "no PIN tries are left",
		"ask the centre to unblock the module, and carry its command with \"smpairctl manage\"",
		SMPAIR_EXIT_BLOCKED },
	[SMPAIR_CAUSE_FULL] = {
		"full", "no slot is free and none may be replaced",
		"unpair another host, or ask the centre to free a slot",
		SMPAIR_EXIT_POLICY },
	[SMPAIR_CAUSE_NO_CONSENT] = {
		"no-consent",
		"all slots are taken and nobody agreed to replace a pairing",
		"look at \"smpairctl pair --plan\", then pair with \"--evict yes\"",
		SMPAIR_EXIT_POLICY },
	[SMPAIR_CAUSE_STILL_HELD] = {
		"still-held",
		"the module says that it is not paired with this host, yet it holds a pairing of it",
		"load the missing generation of the hosts' key, or pair with \"--again\" where the link is trusted",
		SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_OLD_MHKEY] = {
		"old-mhkey",
		"the host's key generations are older than this module accepts",
		"load host credentials with a newer generation",
		SMPAIR_EXIT_POLICY },
	[SMPAIR_CAUSE_BAD_PDC] = {
		"bad-pdc", "alarm: the pairing data in the module does not verify",
		"do not trust this module; report it to the centre",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_BAD_MAC] = {
		"bad-mac",
		"alarm: the module does not prove that it knows the pairing key",
		"do not trust this module; report it to the centre",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_ROLLBACK] = {
		"rollback", "alarm: the module shows an older state than before",
		"do not trust this module; report it to the centre",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_WRONG_MODULE] = {
		"wrong-module",
		"alarm: two authentic sources name two different modules",
		"do not trust this link; report it to the centre",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_PIN_WRONG] = {
		"pin-wrong", "the PIN is wrong",
		"check module, host, index and request code with the centre before the next try",
		SMPAIR_EXIT_PIN },
	[SMPAIR_CAUSE_PIN_MALFORMED] = {
		"pin-malformed",
		"the PIN is not eight digits; no try was spent",
		"enter the eight digits that the centre gave", SMPAIR_EXIT_USAGE },
	[SMPAIR_CAUSE_PIN_STALE] = {
		"pin-stale",
		"the module changed after the PIN was obtained; no try was spent",
		"pair again and ask the centre for a new PIN", SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_MODULE_MEMORY] = {
		"module-memory", "the module could not write its memory",
		"remove and re-insert the module, and replace it if this persists",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_CONFIRM_LOST] = {
		"confirm-lost",
		"the verdict was lost on the link and the pairing did not happen",
		"pair again with the same PIN", SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_LINK_ERROR] = {
		"link-error", "the link failed or carried an answer that makes no sense",
		"check the contacts, then remove and re-insert the module",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_TIMEOUT] = {
		"timeout", "the module did not answer in time",
		"remove and re-insert the module", SMPAIR_EXIT_TIMEOUT },
	[SMPAIR_CAUSE_SESSION_LOST] = {
		"session-lost", "the session ended; the command may have been executed",
		"find out whether it was executed before you repeat it",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_UNSTABLE] = {
		"unstable", "three sessions in a row were lost",
		"check the contacts, then remove and re-insert the module",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_MODULE_REFUSED] = {
		"module-refused", "the module refused the command",
		"look up the status word in the protocol's table of commands",
		SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_GONE] = {
		"gone", "the module was removed",
		"insert the module and repeat", SMPAIR_EXIT_NO_MODULE },
	[SMPAIR_CAUSE_CANCELLED] = {
		"cancelled", "the operation was cancelled",
		"repeat it when wanted", SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_NO_AGENT] = {
		"no-agent", "a PIN or consent is needed and no agent is there to give it",
		"start an agent, or pair without \"--agent\"", SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_AGENT_TIMEOUT] = {
		"agent-timeout", "nobody answered the request in time",
		"pair again and answer before the deadline", SMPAIR_EXIT_TIMEOUT },
	[SMPAIR_CAUSE_AGENT_LOST] = {
		"agent-lost", "the agent ended before it answered",
		"restart the agent and pair again", SMPAIR_EXIT_OTHER },
	[SMPAIR_CAUSE_DECLINED] = {
		"declined", "the request was declined",
		"pair again when it is wanted", SMPAIR_EXIT_POLICY },
	[SMPAIR_CAUSE_CENTRE_REFUSED] = {
		"centre-refused", "the centre refuses this pairing",
		"ask the centre's operator for the reason", SMPAIR_EXIT_POLICY },
	[SMPAIR_CAUSE_CENTRE_UNREACHABLE] = {
		"centre-unreachable", "the centre cannot be reached",
		"check the network, or obtain the PIN by telephone and pair by hand",
		SMPAIR_EXIT_CENTRE },
	[SMPAIR_CAUSE_HOST_CHANGED] = {
		"host-changed", "the host credentials were replaced or cleared meanwhile",
		"repeat with the present credentials", SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_SUSPENDED] = {
		"suspended", "the system was suspended meanwhile",
		"repeat it now", SMPAIR_EXIT_STATE },
	[SMPAIR_CAUSE_NO_MEMORY] = {
		"no-memory", "the kernel ran out of memory or of cryptographic resources",
		"free memory, check that the kernel has gcm(aes), hmac(sha256) and curve25519, and repeat",
		SMPAIR_EXIT_OTHER },
};

_Static_assert(ARRAY_SIZE(causes) == SMPAIR_CAUSE_NO_MEMORY + 1,
	       "each cause has its row");

static const struct smpair_error_info unknown_cause = {
	"unknown", "the driver reports a cause that this version does not know",
	"update the user-space programs to the version of the driver",
	SMPAIR_EXIT_OTHER
};

struct errno_row {
	int err;
	struct smpair_error_info info;
};

/* What the driver answers to netlink, and what the client itself finds. */
static const struct errno_row netlink_rows[] = {
	{ 0, { "none", "nothing is wrong", "", SMPAIR_EXIT_DONE } },
	{ EPFNOSUPPORT, { "no-driver", "the smpair driver is not loaded",
		"load it with \"modprobe smpair\"", SMPAIR_EXIT_NO_MODULE } },
	{ EPERM, { "permission", "this needs the capability CAP_NET_ADMIN, for host credentials also CAP_SYS_ADMIN",
		"repeat it as root", SMPAIR_EXIT_PERMISSION } },
	{ EACCES, { "permission", "access was denied",
		"repeat it as root", SMPAIR_EXIT_PERMISSION } },
	{ EOPNOTSUPP, { "wrong-namespace", "modules are served in the initial network namespace only",
		"repeat it outside the container", SMPAIR_EXIT_STATE } },
	{ ENODEV, { "no-module", "there is no such module",
		"list the modules with \"smpairctl list\"", SMPAIR_EXIT_NO_MODULE } },
	{ ENXIO, { "no-module", "there is no such module",
		"list the modules with \"smpairctl list\"", SMPAIR_EXIT_NO_MODULE } },
	{ EALREADY, { "already", "it is so already", "", SMPAIR_EXIT_DONE } },
	{ EBUSY, { "busy", "another operation is under way on this module",
		"wait for it to end, or cancel the pairing that waits", SMPAIR_EXIT_STATE } },
	{ ENOKEY, { "no-key", "the key does not exist, or no host credentials are loaded",
		"load host credentials with \"smpairctl host load\"", SMPAIR_EXIT_STATE } },
	{ EKEYREJECTED, { "key-rejected", "the key has the wrong type or content",
		"make the host credentials again with smpair-provision", SMPAIR_EXIT_USAGE } },
	{ EKEYREVOKED, { "key-revoked", "the key was revoked",
		"load a fresh key", SMPAIR_EXIT_USAGE } },
	{ EKEYEXPIRED, { "key-expired", "the key has expired",
		"load a fresh key", SMPAIR_EXIT_USAGE } },
	{ EINVAL, { "invalid", "the driver refuses an argument",
		"correct what the driver's message names", SMPAIR_EXIT_USAGE } },
	{ ERANGE, { "out-of-range", "an argument is out of range",
		"correct what the driver's message names", SMPAIR_EXIT_USAGE } },
	{ EMSGSIZE, { "too-long", "the message is longer than allowed",
		"shorten it; \"smpairctl info\" shows the limit", SMPAIR_EXIT_USAGE } },
	{ ENOENT, { "no-request", "nothing waits",
		"repeat it when a request is announced", SMPAIR_EXIT_STATE } },
	{ ESRCH, { "no-agent", "no agent is registered",
		"start an agent, or pair without \"--agent\"", SMPAIR_EXIT_STATE } },
	{ ECANCELED, { "cancelled", "the operation was cancelled",
		"repeat it when wanted", SMPAIR_EXIT_OTHER } },
	{ ECONNRESET, { "driver-reloaded", "the driver was reloaded meanwhile",
		"repeat it", SMPAIR_EXIT_STATE } },
	{ ETIMEDOUT, { "timeout", "the deadline passed",
		"repeat it with a longer \"--timeout\"", SMPAIR_EXIT_TIMEOUT } },
	{ ENOBUFS, { "overrun", "messages of the driver were lost",
		"look at the present state with \"smpairctl info\"", SMPAIR_EXIT_OTHER } },
	{ EBADMSG, { "bad-message", "the driver sent a message that cannot be understood",
		"update driver and programs to the same version", SMPAIR_EXIT_OTHER } },
	{ EAGAIN, { "too-many", "too many operations wait already",
		"wait for some of them to end", SMPAIR_EXIT_STATE } },
	{ EDQUOT, { "key-quota", "the quota of kernel keys is used up",
		"raise kernel.keys.maxkeys or remove keys", SMPAIR_EXIT_OTHER } },
	{ ENOSYS, { "no-keyrings", "the kernel has no key retention service",
		"use a kernel with CONFIG_KEYS", SMPAIR_EXIT_OTHER } },
	{ EPROTONOSUPPORT, { "no-netlink", "the kernel has no generic netlink",
		"use a kernel with generic netlink", SMPAIR_EXIT_OTHER } },
	{ ENOMEM, { "no-memory", "out of memory, or of memory that may be locked",
		"free memory or raise the limit on locked memory", SMPAIR_EXIT_OTHER } },
};

/* What opening /dev/smpairN answers. */
static const struct errno_row node_rows[] = {
	{ ENOENT, { "no-module", "there is no such module",
		"list the modules with \"smpairctl list\"", SMPAIR_EXIT_NO_MODULE } },
	{ ENODEV, { "gone", "the module was removed",
		"insert the module and repeat", SMPAIR_EXIT_NO_MODULE } },
	{ ENXIO, { "gone", "the module was removed",
		"insert the module and repeat", SMPAIR_EXIT_NO_MODULE } },
	{ EACCES, { "permission", "the device may not be opened by this user",
		"repeat it as root, or give the device to a group by a udev rule",
		SMPAIR_EXIT_PERMISSION } },
	{ EPERM, { "permission", "the device may not be opened by this user",
		"repeat it as root, or give the device to a group by a udev rule",
		SMPAIR_EXIT_PERMISSION } },
	{ ENOMEM, { "no-memory", "out of memory",
		"free memory and repeat", SMPAIR_EXIT_OTHER } },
};

/* What reading and writing /dev/smpairN answers. */
static const struct errno_row exchange_rows[] = {
	{ ENOKEY, { "not-paired", "the module is not paired with this host, or no host credentials are loaded",
		"look at \"smpairctl info\", then load credentials or pair", SMPAIR_EXIT_STATE } },
	{ EKEYREJECTED, { "alarm", "the pairing may not be used: alarm, or a retired generation",
		"look at the cause with \"smpairctl info\"", SMPAIR_EXIT_STATE } },
	{ EPERM, { "unserviceable", "the module is frozen, was never personalised, or is damaged",
		"look at the cause with \"smpairctl info\"", SMPAIR_EXIT_STATE } },
	{ EPROTONOSUPPORT, { "not-pdt1", "this is not a PDT1 security module",
		"insert a security module of this system", SMPAIR_EXIT_STATE } },
	{ EBADMSG, { "tampered",
		"an answer in the session is not authentic; the message may have been executed",
		"check the link, and find out whether it was executed before you repeat it",
		SMPAIR_EXIT_OTHER } },
	{ EREMOTEIO, { "module-refused", "the module's application refused the message",
		"correct the message by the rules of the application", SMPAIR_EXIT_OTHER } },
	{ ECONNRESET, { "session-lost", "the session ended; the message may have been executed",
		"find out whether it was executed before you repeat it", SMPAIR_EXIT_OTHER } },
	{ ENOTCONN, { "unstable", "three sessions in a row were lost; the message was not sent",
		"check the link, then run \"smpairctl open\" on the module", SMPAIR_EXIT_OTHER } },
	{ EIO, { "link-error", "the link failed before the message was sent",
		"check the contacts, then remove and re-insert the module", SMPAIR_EXIT_OTHER } },
	{ ETIMEDOUT, { "timeout", "the module did not answer in time; the message may have been executed",
		"find out whether it was executed before you repeat it", SMPAIR_EXIT_TIMEOUT } },
	{ ENODEV, { "gone", "the module was removed",
		"insert the module and repeat", SMPAIR_EXIT_NO_MODULE } },
	{ EMSGSIZE, { "too-long", "the message, or its answer, is longer than this module accepts",
		"shorten it; \"smpairctl info\" shows the limit", SMPAIR_EXIT_USAGE } },
	{ EBUSY, { "busy", "a pairing or the first look at the module is under way",
		"wait for it to end and repeat", SMPAIR_EXIT_STATE } },
	{ ENOMEM, { "no-memory", "out of memory or of cryptographic resources",
		"free memory and repeat", SMPAIR_EXIT_OTHER } },
};

/* What smpair_hostkey_read() finds. */
static const struct errno_row hostkey_rows[] = {
	{ EKEYREJECTED, { "key-file-exposed", "others may read or write the key file",
		"make it private with \"chmod 600\"; if others may have read it, provision the host again",
		SMPAIR_EXIT_PERMISSION } },
	{ EPERM, { "key-file-foreign", "the key file belongs to another user",
		"give it to root with \"chown root\"", SMPAIR_EXIT_PERMISSION } },
	{ EACCES, { "permission", "the key file may not be read by this user",
		"repeat it as root", SMPAIR_EXIT_PERMISSION } },
	{ EINVAL, { "key-file-type", "the key file is not a regular file",
		"name the file that smpair-provision made", SMPAIR_EXIT_USAGE } },
	{ ELOOP, { "key-file-link", "the key file is a symbolic link",
		"name the file itself", SMPAIR_EXIT_USAGE } },
	{ EBADMSG, { "key-file-malformed", "the key file does not hold host secrets in the right form",
		"name the host-ID.key that smpair-provision made", SMPAIR_EXIT_USAGE } },
	{ ENOENT, { "key-file-missing", "the key file does not exist",
		"name the host-ID.key that smpair-provision made", SMPAIR_EXIT_USAGE } },
	{ ENOMEM, { "no-memory", "the limit on locked memory is reached",
		"raise it with \"ulimit -l\"", SMPAIR_EXIT_OTHER } },
};

/* What smpair_key_find() finds. */
static const struct errno_row key_rows[] = {
	{ EINVAL, { "key-name", "a kernel key is named by a serial number or as TYPE:DESCRIPTION",
		"list the keys with \"keyctl show\" and name one", SMPAIR_EXIT_USAGE } },
	{ ENOKEY, { "key-missing", "there is no such key in the keyrings of this session or user",
		"list the keys with \"keyctl show\", or add the key to \"@u\"",
		SMPAIR_EXIT_USAGE } },
	{ EKEYREJECTED, { "key-type", "host secrets are taken from keys that user space cannot read: logon, encrypted or trusted",
		"add the secrets as a key of one of these types", SMPAIR_EXIT_USAGE } },
	{ EKEYREVOKED, { "key-revoked", "the key was revoked",
		"add the key again", SMPAIR_EXIT_USAGE } },
	{ EKEYEXPIRED, { "key-expired", "the key has expired",
		"add the key again", SMPAIR_EXIT_USAGE } },
	{ EACCES, { "key-permission", "the key may not be used by this process",
		"link it to a keyring of this user with \"keyctl link KEY @u\"",
		SMPAIR_EXIT_PERMISSION } },
	{ ENOSYS, { "no-keyrings", "the kernel has no key retention service",
		"use a kernel with CONFIG_KEYS", SMPAIR_EXIT_OTHER } },
	{ ENOMEM, { "no-memory", "out of memory",
		"free memory and repeat", SMPAIR_EXIT_OTHER } },
};

static const struct smpair_error_info unknown_errno = {
	"other", "an error without a text of its own",
	"look at the error number and the kernel's log", SMPAIR_EXIT_OTHER
};

static const struct smpair_error_info *find(const struct errno_row *rows, size_t count, int err)
{
	/* Unsigned, since INT_MIN has no positive counterpart. */
	unsigned int positive = err < 0 ? 0u - (unsigned int)err : (unsigned int)err;
	size_t i;

	for (i = 0; i < count; i++)
		if ((unsigned int)rows[i].err == positive)
			return &rows[i].info;
	return NULL;
}

/**
 * smpair_cause_info() - What to tell about a cause.
 * @cause: enum smpair_cause.
 *
 * Return: Its row; for a cause that this version does not know, a row that
 * says so. Never NULL.
 */
const struct smpair_error_info *smpair_cause_info(unsigned int cause)
{
	return cause < ARRAY_SIZE(causes) ? &causes[cause] : &unknown_cause;
}

/**
 * smpair_errno_info() - What to tell about an error of a function of this
 *	library, or of the outcome of an operation without cause.
 * @err: An errno, positive or negative, or 0.
 *
 * Return: Its row, or a general one. Never NULL.
 */
const struct smpair_error_info *smpair_errno_info(int err)
{
	const struct smpair_error_info *info;

	info = find(netlink_rows, ARRAY_SIZE(netlink_rows), err);
	return info ? info : &unknown_errno;
}

/**
 * smpair_node_info() - What to tell about an error of opening /dev/smpairN.
 * @err: The errno of open(2), positive or negative.
 *
 * Return: Its row, or a general one. Never NULL.
 */
const struct smpair_error_info *smpair_node_info(int err)
{
	const struct smpair_error_info *info;

	info = find(node_rows, ARRAY_SIZE(node_rows), err);
	return info ? info : &unknown_errno;
}

/**
 * smpair_exchange_info() - What to tell about an error of /dev/smpairN.
 * @err: The errno of read(2) or write(2), positive or negative.
 *
 * Return: Its row, or a general one. Never NULL.
 */
const struct smpair_error_info *smpair_exchange_info(int err)
{
	const struct smpair_error_info *info;

	info = find(exchange_rows, ARRAY_SIZE(exchange_rows), err);
	return info ? info : &unknown_errno;
}

/**
 * smpair_hostkey_info() - What to tell about an error of smpair_hostkey_read().
 * @err: What it returned, or a positive errno.
 *
 * Return: Its row, or a general one. Never NULL.
 */
const struct smpair_error_info *smpair_hostkey_info(int err)
{
	const struct smpair_error_info *info;

	info = find(hostkey_rows, ARRAY_SIZE(hostkey_rows), err);
	return info ? info : &unknown_errno;
}

/**
 * smpair_key_info() - What to tell about an error of smpair_key_find().
 * @err: What it returned, or a positive errno.
 *
 * Return: Its row, or a general one. Never NULL.
 */
const struct smpair_error_info *smpair_key_info(int err)
{
	const struct smpair_error_info *info;

	info = find(key_rows, ARRAY_SIZE(key_rows), err);
	return info ? info : &unknown_errno;
}
