// SPDX-License-Identifier: GPL-2.0-only
/* The suites of this module run when it is loaded, and print KTAP. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of rtfm.ko");
MODULE_LICENSE("GPL");
