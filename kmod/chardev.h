/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/rtfm */
#ifndef RTFM_CHARDEV_H
#define RTFM_CHARDEV_H

struct rtfm_app_limits;

int rtfm_chardev_init(const struct rtfm_app_limits *limits);
void rtfm_chardev_exit(void);

#endif /* RTFM_CHARDEV_H */
