// SPDX-License-Identifier: MIT OR Apache-2.0
/* What an upcall has to save of the vector registers, and how. */
#include <cpuid.h>
#include <linux/rtfm.h>
#include <stddef.h>
#include <stdint.h>

#include "../upcall.h"

/* Components of the state, as in XCR0. */
#define XFEATURE_PKRU	(1ull << 9)	/* rights to memory: a task has those of the thread */

/* Intel SDM 1, 13.4: the legacy region, and the header that follows it. */
#define LEGACY_BYTES	512
#define HEADER_BYTES	64

uint32_t upcall_xstate_kind INTERNAL;
uint32_t upcall_xstate_bytes INTERNAL;	/* of the area, without its alignment to 64 */
uint64_t upcall_xstate_mask INTERNAL;	/* the components to save */
uint32_t upcall_has_avx INTERNAL;

_Static_assert(offsetof(struct rtfm_ctl, ceiling) == UPCALL_CTL_CEILING, "");
_Static_assert(offsetof(struct rtfm_ctl, masked) == UPCALL_CTL_MASKED, "");
_Static_assert(offsetof(struct rtfm_ctl, ready) == UPCALL_CTL_READY, "");
_Static_assert(offsetof(struct rtfm_ctl, upcall_ip) == UPCALL_CTL_IP, "");
_Static_assert(offsetof(struct rtfm_ctl, upcall_sp) == UPCALL_CTL_SP, "");
_Static_assert(offsetof(struct rtfm_ctl, upcall_flags) == UPCALL_CTL_FLAGS, "");

static uint64_t xgetbv(void)
{
	uint32_t low, high;

	__asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

bool upcall_init(void)
{
	uint32_t a, b, c, d;

	upcall_xstate_kind = UPCALL_FXSAVE;
	upcall_xstate_bytes = LEGACY_BYTES + HEADER_BYTES;
	upcall_xstate_mask = 0;
	upcall_has_avx = 0;
	if (!__get_cpuid(1, &a, &b, &c, &d))
		return false;
	if (!(c & bit_OSXSAVE))
		return true;
	upcall_xstate_mask = xgetbv() & ~XFEATURE_PKRU;
	upcall_has_avx = !!(c & bit_AVX) && (upcall_xstate_mask & 6) == 6;
	/* both sizes are for all that XCR0 enables: never too small */
	if (!__get_cpuid_count(0xd, 0, &a, &b, &c, &d))
		return false;
	upcall_xstate_kind = UPCALL_XSAVE;
	upcall_xstate_bytes = b;
	if (__get_cpuid_count(0xd, 1, &a, &b, &c, &d) && a & 2 &&
	    b >= LEGACY_BYTES + HEADER_BYTES) {
		upcall_xstate_kind = UPCALL_XSAVEC;
		upcall_xstate_bytes = b;
	}
	return true;
}
