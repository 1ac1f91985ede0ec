/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The ABI in golden numbers: every struct and field of <linux/rtfm.h>, every
 * number of it that user space is compiled with. It changes only by growing.
 *
 * The file stands alone: to compile it is to check it, for any target. The module,
 * libshim and selftests/unit do.
 */
#ifndef RTFM_PURE_ABI_H
#define RTFM_PURE_ABI_H

#include <linux/rtfm.h>

#ifdef __KERNEL__
#include <linux/stddef.h>
#else
#include <stddef.h>
#endif

/* X(struct, bytes) */
#define ABI_STRUCTS(X)			\
	X(rtfm_submit, 32)		\
	X(rtfm_ctl, 2432)		\
	X(rtfm_job, 16)			\
	X(rtfm_core_plan, 32)		\
	X(rtfm_setup, 56)		\
	X(rtfm_attach, 64)		\
	X(rtfm_detach, 8)		\
	X(rtfm_kick, 16)		\
	X(rtfm_schedule, 48)		\
	X(rtfm_take_in, 8)		\
	X(rtfm_cancel, 24)		\
	X(rtfm_arm, 16)			\
	X(rtfm_park, 8)			\
	X(rtfm_query, 128)

/* X(struct, field, offset, bytes) */
#define ABI_FIELDS(X)					\
	X(rtfm_submit, instant, 0, 8)			\
	X(rtfm_submit, period, 8, 8)			\
	X(rtfm_submit, timer, 16, 4)			\
	X(rtfm_submit, tag, 20, 4)			\
	X(rtfm_submit, level, 24, 4)			\
	X(rtfm_submit, job, 28, 4)			\
	X(rtfm_ctl, ceiling, 0, 4)			\
	X(rtfm_ctl, masked, 4, 4)			\
	X(rtfm_ctl, ready, 8, 8)			\
	X(rtfm_ctl, seq, 16, 4)				\
	X(rtfm_ctl, core, 20, 4)			\
	X(rtfm_ctl, upcall_ip, 24, 8)			\
	X(rtfm_ctl, upcall_sp, 32, 8)			\
	X(rtfm_ctl, upcall_flags, 40, 8)		\
	X(rtfm_ctl, next, 48, 8)			\
	X(rtfm_ctl, stail, 56, 4)			\
	X(rtfm_ctl, shead, 60, 4)			\
	X(rtfm_ctl, remote_ready, 64, 8)		\
	X(rtfm_ctl, state, 72, 4)			\
	X(rtfm_ctl, reserved1, 76, 4)			\
	X(rtfm_ctl, reserved2, 80, 48)			\
	X(rtfm_ctl, ktail, 128, 128)			\
	X(rtfm_ctl, khead, 256, 128)			\
	X(rtfm_ctl, submit, 384, 2048)			\
	X(rtfm_job, job, 0, 4)				\
	X(rtfm_job, seq, 4, 4)				\
	X(rtfm_job, instant, 8, 8)			\
	X(rtfm_core_plan, levels, 0, 4)			\
	X(rtfm_core_plan, timers, 4, 4)			\
	X(rtfm_core_plan, ring_entries, 8, 4)		\
	X(rtfm_core_plan, reserved, 12, 4)		\
	X(rtfm_core_plan, ctl_offset, 16, 8)		\
	X(rtfm_core_plan, ring_offset, 24, 8)		\
	X(rtfm_setup, size, 0, 4)			\
	X(rtfm_setup, flags, 4, 4)			\
	X(rtfm_setup, ncores, 8, 4)			\
	X(rtfm_setup, reserved, 12, 4)			\
	X(rtfm_setup, features, 16, 8)			\
	X(rtfm_setup, cores, 24, 8)			\
	X(rtfm_setup, user_bytes, 32, 8)		\
	X(rtfm_setup, user_offset, 40, 8)		\
	X(rtfm_setup, region_bytes, 48, 8)		\
	X(rtfm_attach, size, 0, 4)			\
	X(rtfm_attach, flags, 4, 4)			\
	X(rtfm_attach, core, 8, 4)			\
	X(rtfm_attach, fifo_priority, 12, 4)		\
	X(rtfm_attach, doorbell, 16, 4)			\
	X(rtfm_attach, reserved, 20, 4)			\
	X(rtfm_attach, cpu, 24, 4)			\
	X(rtfm_attach, reserved2, 28, 4)		\
	X(rtfm_attach, upcall_entry, 32, 8)		\
	X(rtfm_attach, upcall_again, 40, 8)		\
	X(rtfm_attach, upcall_return, 48, 8)		\
	X(rtfm_attach, upcall_return_end, 56, 8)	\
	X(rtfm_detach, size, 0, 4)			\
	X(rtfm_detach, flags, 4, 4)			\
	X(rtfm_kick, size, 0, 4)			\
	X(rtfm_kick, flags, 4, 4)			\
	X(rtfm_kick, core, 8, 4)			\
	X(rtfm_kick, reserved, 12, 4)			\
	X(rtfm_schedule, size, 0, 4)			\
	X(rtfm_schedule, flags, 4, 4)			\
	X(rtfm_schedule, core, 8, 4)			\
	X(rtfm_schedule, reserved, 12, 4)		\
	X(rtfm_schedule, submit, 16, 32)		\
	X(rtfm_take_in, size, 0, 4)			\
	X(rtfm_take_in, flags, 4, 4)			\
	X(rtfm_cancel, size, 0, 4)			\
	X(rtfm_cancel, flags, 4, 4)			\
	X(rtfm_cancel, core, 8, 4)			\
	X(rtfm_cancel, timer, 12, 4)			\
	X(rtfm_cancel, tag, 16, 4)			\
	X(rtfm_cancel, reserved, 20, 4)			\
	X(rtfm_arm, size, 0, 4)				\
	X(rtfm_arm, flags, 4, 4)			\
	X(rtfm_arm, instant, 8, 8)			\
	X(rtfm_park, size, 0, 4)			\
	X(rtfm_park, flags, 4, 4)			\
	X(rtfm_query, size, 0, 4)			\
	X(rtfm_query, flags, 4, 4)			\
	X(rtfm_query, core, 8, 4)			\
	X(rtfm_query, ncores, 12, 4)			\
	X(rtfm_query, features, 16, 8)			\
	X(rtfm_query, max_bytes, 24, 8)			\
	X(rtfm_query, max_cores, 32, 4)			\
	X(rtfm_query, max_timers, 36, 4)		\
	X(rtfm_query, max_fifo_priority, 40, 4)		\
	X(rtfm_query, attached, 44, 4)			\
	X(rtfm_query, pending, 48, 4)			\
	X(rtfm_query, cpu, 52, 4)			\
	X(rtfm_query, releases, 56, 8)			\
	X(rtfm_query, lost, 64, 8)			\
	X(rtfm_query, wakeups, 72, 8)			\
	X(rtfm_query, doorbells, 80, 8)			\
	X(rtfm_query, upcalls, 88, 8)			\
	X(rtfm_query, held, 96, 8)			\
	X(rtfm_query, kicks, 104, 8)			\
	X(rtfm_query, overruns, 112, 8)			\
	X(rtfm_query, min_period, 120, 8)

/* X(name, value) */
#define ABI_COMMANDS(X)				\
	X(RTFM_IOC_QUERY, 0xb740)		\
	X(RTFM_IOC_SETUP, 0xb741)		\
	X(RTFM_IOC_ATTACH, 0xb742)		\
	X(RTFM_IOC_DETACH, 0xb743)		\
	X(RTFM_IOC_KICK, 0xb744)		\
	X(RTFM_IOC_SCHEDULE, 0xb745)		\
	X(RTFM_IOC_CANCEL, 0xb746)		\
	X(RTFM_IOC_ARM, 0xb747)			\
	X(RTFM_IOC_PARK, 0xb748)		\
	X(RTFM_IOC_SUBMIT, 0xb749)

#define ABI_NUMBERS(X)						\
	X(RTFM_MAX_CORES, 32)					\
	X(RTFM_MAX_PRIORITY, 31)				\
	X(RTFM_LEVELS, 32)					\
	X(RTFM_MAX_TIMERS, 65536)				\
	X(RTFM_SUBMITS, 64)					\
	X(RTFM_NEVER, 0xffffffffffffffffULL)			\
	X(RTFM_DOORBELL_VALUE, 0x6d667472)			\
	X(RTFM_READY_LEVELS, 0xfffffffeULL)			\
	X(RTFM_READY_TIME, 0x100000000ULL)			\
	X(RTFM_READY_LOOK, 0x200000000ULL)			\
	X(RTFM_READY_STOP, 0x400000000ULL)			\
	X(RTFM_READY_SLOW, 0x8000000000000000ULL)		\
	X(RTFM_READY_ATTENTION, 0xffffffff00000000ULL)		\
	X(RTFM_CEILING_SLOW, 0x80)				\
	X(RTFM_CEILING_LEVEL, 0x1f)				\
	X(RTFM_STATE_RUNNING, 0)				\
	X(RTFM_STATE_POLLING, 1)				\
	X(RTFM_STATE_PARKED, 2)					\
	X(RTFM_FEATURE_DOORBELL, 1)				\
	X(RTFM_FEATURE_PARK, 2)					\
	X(RTFM_FEATURE_UPCALL, 4)				\
	X(RTFM_IOC_MAGIC, 0xb7)

#define ABI_ASSERT_STRUCT(s, bytes) \
	_Static_assert(sizeof(struct s) == (bytes), "sizeof " #s);
#define ABI_ASSERT_FIELD(s, f, at, bytes)				\
	_Static_assert(offsetof(struct s, f) == (at), "offset " #s "." #f); \
	_Static_assert(sizeof(((struct s *)0)->f) == (bytes), "size " #s "." #f);
#define ABI_ASSERT_NUMBER(name, value) _Static_assert((name) == (value), #name);

ABI_STRUCTS(ABI_ASSERT_STRUCT)
ABI_FIELDS(ABI_ASSERT_FIELD)
ABI_COMMANDS(ABI_ASSERT_NUMBER)
ABI_NUMBERS(ABI_ASSERT_NUMBER)

/* what the text of the header promises */
_Static_assert(offsetof(struct rtfm_ctl, remote_ready) == 64, "a line of its own");
_Static_assert(sizeof(struct rtfm_ctl) <= 4096, "one page");
_Static_assert(offsetof(struct rtfm_ctl, submit) % 64 == 0, "two entries in a line");
_Static_assert((RTFM_SUBMITS & (RTFM_SUBMITS - 1)) == 0, "an index is a mask");
_Static_assert(offsetof(struct rtfm_schedule, submit) % 8 == 0, "as in the ring");

#endif /* RTFM_PURE_ABI_H */
