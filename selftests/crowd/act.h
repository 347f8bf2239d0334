/* SPDX-License-Identifier: GPL-2.0 */
/* What members of a crowd do; each checks what it gets to see. */
#ifndef CROWD_ACT_H
#define CROWD_ACT_H

#include "member.h"

#define ACT_REKEY_PARAM "/sys/module/smpair/parameters/rekey_commands"

/* Describe the link by netlink and poll(); it must be there */
int act_watch_link(struct member *member);
int act_read_attributes(struct member *member);
/* List the links and open each, which may be gone by then */
int act_list_links(struct member *member);
int act_read_host(struct member *member);
/* A message and its echo; a refusal is fine where no pairing stands */
int act_talk(struct member *member);
/* OPEN, CLOSE and cancel; each operation taken must end once */
int act_operate(struct member *member);
/* An agent that registers, finds nothing to do and goes */
int act_be_agent(struct member *member);
/* Has sessions replaced after few commands, by ACT_REKEY_PARAM */
int act_tune(struct member *member);
/* Answers to the module's link what nobody asked */
int act_chatter(struct member *member);

#endif /* CROWD_ACT_H */
