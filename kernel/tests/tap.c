// SPDX-License-Identifier: GPL-2.0
/*
 * The tests of the protocol engine for kernels without KUnit. One TAP line per
 * test goes to the log; loading fails with EIO if a test failed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include "engine.h"

static bool failed;

void engine_unexpected(const char *function, int line, const char *condition)
{
	pr_err("# %s:%d: %s\n", function, line, condition);
	failed = true;
}

static int __init smpair_vectors_init(void)
{
	unsigned int i, failures = 0;
	int ret;

	pr_info("1..%u\n", engine_test_count);
	for (i = 0; i < engine_test_count; i++) {
		ret = engine_setup();
		if (ret)
			return ret;
		failed = false;
		engine_tests[i].run();
		engine_teardown();
		pr_info("%sok %u %s\n", failed ? "not " : "", i + 1, engine_tests[i].name);
		failures += failed;
	}
	return failures ? -EIO : 0;
}

static void __exit smpair_vectors_exit(void)
{
}

module_init(smpair_vectors_init);
module_exit(smpair_vectors_exit);
MODULE_DESCRIPTION("Test of the smpair protocol engine");
MODULE_LICENSE("GPL");
MODULE_SOFTDEP("pre: gcm");
