/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the suites. */
#ifndef RTFM_TESTS_TEST_H
#define RTFM_TESTS_TEST_H

#include <kunit/test.h>
#include <linux/string.h>

/* A check of a model (selftests/unit/model.h): NULL, or what is wrong. */
#define EXPECT_MODEL(test, check, fmt, ...)					\
	do {									\
		const char *wrong_ = (check);					\
										\
		if (wrong_)							\
			KUNIT_FAIL(test, "%s: " fmt, wrong_, ##__VA_ARGS__);	\
	} while (0)

/* KUNIT_ARRAY_PARAM() over a table of structs that begin with a name */
#define TEST_CASES(cases)							\
	static void cases##_describe(const typeof((cases)[0]) *c, char *desc)	\
	{									\
		strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);			\
	}									\
	KUNIT_ARRAY_PARAM(cases, cases, cases##_describe)

#endif /* RTFM_TESTS_TEST_H */
