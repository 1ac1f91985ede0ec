/* SPDX-License-Identifier: GPL-2.0-only */
/* Park: RTFM_IOC_PARK. */
#ifndef RTFM_PARK_H
#define RTFM_PARK_H

struct rtfm_core;

int rtfm_park_sleep(struct rtfm_core *core);

#endif /* RTFM_PARK_H */
