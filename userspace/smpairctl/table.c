// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one description of verbs and options. Dispatch, usage, help and bash
 * completion are made from it.
 */
#include "ctl.h"

#define AGENT_SOCKET \
	{ .name = "socket", .arg = "PATH", .help = "where smpaird listens" }

const struct ctl_option ctl_globals[] = {
	{ .name = "json", .help = "tell everything as JSON, one object a line" },
	{ .name = "timeout", .arg = "SEC",
	  .help = "give up after SEC seconds, with exit code 124" },
	{ .name = "help", .help = "explain the verb, or the program" },
	{ .name = "version", .help = "show the version" },
	{ .name = NULL },
};

const struct ctl_verb ctl_verbs[] = {
	{
		.name = "list",
		.help = "list the modules",
		.run = cmd_list,
	}, {
		.name = "info",
		.help = "describe a module and its pairing",
		.takes_dev = true,
		.run = cmd_info,
	}, {
		.name = "slots",
		.help = "list the slots of a module",
		.takes_dev = true,
		.run = cmd_slots,
	}, {
		.name = "pair",
		.help = "pair this host with a module",
		.takes_dev = true,
		.options = {
			{ .name = "plan",
			  .help = "show what pairing would do, and stop" },
			{ .name = "pin-fd", .arg = "N",
			  .help = "read the PIN from file descriptor N instead of asking" },
			{ .name = "evict", .arg = "ANSWER", .values = "yes no ask",
			  .help = "answer where a pairing must be replaced; ask unless given" },
			{ .name = "again",
			  .help = "pair although the module already holds a pairing of this host" },
			{ .name = "agent",
			  .help = "leave PIN and consent to a registered agent" },
		},
		.run = cmd_pair,
	}, {
		.name = "unpair",
		.help = "free the slot of this host in a module",
		.takes_dev = true,
		.run = cmd_unpair,
	}, {
		.name = "open",
		.help = "verify the pairing now and open a new session",
		.takes_dev = true,
		.run = cmd_open,
	}, {
		.name = "close",
		.help = "end the session and wipe its keys",
		.takes_dev = true,
		.run = cmd_close,
	}, {
		.name = "exchange",
		.help = "send a message to the module's application and show its answer",
		.takes_dev = true,
		.options = {
			{ .name = "in", .arg = "FILE",
			  .help = "read the message from FILE instead of standard input" },
			{ .name = "out", .arg = "FILE",
			  .help = "write the answer to FILE instead of standard output" },
			{ .name = "hex", .arg = "TEXT",
			  .help = "message in hexadecimal; the answer is shown so too" },
		},
		.run = cmd_exchange,
	}, {
		.name = "monitor",
		.help = "show what happens to modules until interrupted",
		.options = {
			{ .name = "count", .arg = "N", .help = "end after N events" },
		},
		.run = cmd_monitor,
	}, {
		.name = "host load",
		.help = "load or replace the host credentials",
		.options = {
			{ .name = "key", .arg = "FILE",
			  .help = "host secrets, as smpair-provision made them" },
			{ .name = "kernel-key", .arg = "KEY",
			  .help = "or a key of the kernel with them: SERIAL or TYPE:DESCRIPTION" },
			{ .name = "info", .arg = "FILE", .required = true,
			  .help = "host cryptograms, as smpair-provision made them" },
		},
		.run = cmd_host_load,
	}, {
		.name = "host show",
		.help = "describe the host credentials, without secrets",
		.run = cmd_host_show,
	}, {
		.name = "host clear",
		.help = "wipe the host credentials; sessions end",
		.run = cmd_host_clear,
	}, {
		.name = "manage",
		.help = "carry a command of the management centre to a module",
		.takes_dev = true,
		.options = {
			{ .name = "in", .arg = "FILE", .required = true,
			  .help = "command as the centre made it; - to paste its text" },
			{ .name = "out", .arg = "FILE", .required = true,
			  .help = "where to put the receipt for the centre; - to show it as text" },
		},
		.run = cmd_manage,
	}, {
		.name = "report",
		.help = "ask a module for a report to the management centre",
		.takes_dev = true,
		.options = {
			{ .name = "in", .arg = "FILE", .required = true,
			  .help = "nonce as the centre made it; - to paste its text" },
			{ .name = "out", .arg = "FILE", .required = true,
			  .help = "where to put the report for the centre; - to show it as text" },
		},
		.run = cmd_report,
	}, {
		.name = "status",
		.help = "show what the agent smpaird does",
		.options = { AGENT_SOCKET },
		.run = cmd_status,
	}, {
		.name = "pending",
		.help = "list the requests that wait in the agent",
		.options = { AGENT_SOCKET },
		.run = cmd_pending,
	}, {
		.name = "answer",
		.help = "answer a request that waits in the agent",
		.options = {
			{ .name = "request", .arg = "N",
			  .help = "number of the request, where several wait" },
			{ .name = "pin-fd", .arg = "N",
			  .help = "read the PIN from file descriptor N instead of asking" },
			{ .name = "evict", .arg = "ANSWER", .values = "yes no",
			  .help = "answer where a pairing must be replaced; no unless given" },
			{ .name = "decline", .help = "refuse the request" },
			AGENT_SOCKET,
		},
		.run = cmd_answer,
	}, {
		.name = "doctor",
		.help = "check what pairing needs, and say what to do",
		.run = cmd_doctor,
	},
	{ .name = NULL },
};
