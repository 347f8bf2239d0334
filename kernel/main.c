// SPDX-License-Identifier: GPL-2.0
/*
 * Init and exit. Transports depend on this module, and open files of
 * /dev/smpairN hold it, so at exit no link is registered. Netlink goes first:
 * afterwards no new operation and no new agent can come.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include "agent.h"
#include "chardev.h"
#include "hostkey.h"
#include "link.h"
#include "netlink.h"
#include "pair.h"
#include "pm.h"

static int __init smpair_init(void)
{
	int ret;

	ret = smpair_pair_init();
	if (ret)
		return ret;
	ret = smpair_chardev_init();
	if (ret)
		goto err_pair;
	ret = smpair_link_init();
	if (ret)
		goto err_chardev;
	ret = smpair_agent_init();
	if (ret)
		goto err_link;
	ret = smpair_pm_init();
	if (ret)
		goto err_agent;
	ret = smpair_netlink_init();
	if (ret)
		goto err_pm;
	return 0;

err_pm:
	smpair_pm_exit();
err_agent:
	smpair_agent_exit();
err_link:
	smpair_link_exit();
err_chardev:
	smpair_chardev_exit();
err_pair:
	smpair_pair_exit();
	return ret;
}

static void __exit smpair_exit(void)
{
	smpair_netlink_exit();
	smpair_pm_exit();
	smpair_agent_exit();
	smpair_chardev_exit();
	smpair_link_exit();
	smpair_host_clear();
	smpair_pair_exit();
	rcu_barrier();
}

module_init(smpair_init);
module_exit(smpair_exit);

MODULE_DESCRIPTION("Pairing of removable security modules with this host");
MODULE_LICENSE("GPL");
/* Asked for by name at run time, where no tool finds them: HMAC and the parts of gcm(aes) */
MODULE_SOFTDEP("pre: hmac sha256 gcm ctr ghash-generic");
