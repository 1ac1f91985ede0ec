#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# In a virtual machine with the debug kernel: run the KUnit suites, print their KTAP.

echo '# suites: rtfm_plan rtfm_ceiling rtfm_timerq rtfm_ring rtfm_deliver'
echo 'rtfm-kunit: begin' >/dev/kmsg
insmod /kunit.ko enable=1 && insmod /rtfm_test.ko
status=$?
# without the stamps, and without "KTAP version 1" of the modules
dmesg | sed -e '1,/rtfm-kunit: begin/d' -e 's/^\[[^]]*\] //'
rmmod rtfm_test kunit
exit $status
