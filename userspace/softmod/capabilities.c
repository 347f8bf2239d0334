// SPDX-License-Identifier: GPL-2.0-or-later
#include "softmod/capabilities.h"
#include "softmod/core/module.h"

#define TEXT(x)		TEXT_(x)
#define TEXT_(x)	#x

const char *capabilities(void)
{
	return "{\"v\":1,\"ok\":true,\"program\":\"smpair-softmod\","
	       "\"version\":\"" SMPAIR_VERSION "\",\"protocol\":\"PDT1\","
	       "\"suites\":[1],\"links\":[\"virt\",\"vpcd\"],"
	       "\"slots\":" TEXT(PDT1_SLOTS_MAX) ","
	       "\"max_command\":" TEXT(SM_MAXC) ","
	       "\"max_response\":" TEXT(SM_MAXR) ","
	       "\"max_message\":" TEXT(SM_MAXM) ","
	       "\"manage\":[\"unblock-pin\",\"revoke-host\","
	       "\"unrevoke-host\",\"set-slots\",\"free-slot\",\"pin-slot\"],"
	       "\"applications\":[\"echo\",\"random\",\"hmac\"],"
	       "\"faults\":[\"drop\",\"delay\",\"duplicate\",\"corrupt\","
	       "\"truncate\",\"length\",\"lc\",\"le\",\"more\"],"
	       "\"control\":[\"insert\",\"remove\",\"reset\",\"cut\","
	       "\"fault\",\"counters\",\"capabilities\",\"stop\"]}";
}
