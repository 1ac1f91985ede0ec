#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# Run the KUnit suites in a virtual machine with a debug kernel, and print their KTAP.

echo '# suites: rtfm_plan rtfm_ceiling rtfm_timerq rtfm_ring rtfm_deliver'
echo 'rtfm-kunit: begin' >/dev/kmsg
# newer kernels run a suite when its module is loaded only with this parameter
autorun=''
! grep -q autorun /kunit.ko || autorun=autorun=1
# shellcheck disable=SC2086 # nothing, or a word
insmod /kunit.ko enable=1 $autorun && insmod /rtfm_test.ko
status=$?
# remove the time stamps
dmesg | sed -e '1,/rtfm-kunit: begin/d' -e 's/^\[[^]]*\] //'
rmmod rtfm_test kunit
exit $status
