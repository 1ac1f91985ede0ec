/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Upcall: redirect a thread in user mode to the dispatcher of its app. The
 * protocol: struct rtfm_attach in <linux/rtfm.h>. The few lines that each
 * architecture needs: arch/; one that has none gets the doorbell.
 */
#ifndef RTFM_UPCALL_H
#define RTFM_UPCALL_H

#include <linux/rtfm.h>
#include <linux/types.h>

struct pt_regs;
struct rtfm_region_view;

/**
 * struct rtfm_upcall - where a thread may be redirected to
 * @entry: address, 0 for no upcalls
 * @again: address
 * @return_start: first address of the return range
 * @return_end: end of the return range, exclusive
 */
struct rtfm_upcall {
	u64 entry;
	u64 again;
	u64 return_start;
	u64 return_end;
};

#ifdef CONFIG_X86_64

#define RTFM_UPCALL_FEATURE	RTFM_FEATURE_UPCALL

int rtfm_upcall_check(const struct rtfm_upcall *upcall);
struct pt_regs *rtfm_upcall_interrupted(void);
bool rtfm_upcall(const struct rtfm_upcall *upcall, struct rtfm_region_view *view,
		 struct pt_regs *regs);

#else

#include <linux/errno.h>

#define RTFM_UPCALL_FEATURE	0ULL

static inline int rtfm_upcall_check(const struct rtfm_upcall *upcall)
{
	return upcall->entry || upcall->again || upcall->return_start ||
	       upcall->return_end ? -EINVAL : 0;
}

static inline struct pt_regs *rtfm_upcall_interrupted(void)
{
	return NULL;
}

static inline bool rtfm_upcall(const struct rtfm_upcall *upcall,
			       struct rtfm_region_view *view, struct pt_regs *regs)
{
	return false;
}

#endif

#endif /* RTFM_UPCALL_H */
