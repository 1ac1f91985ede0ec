#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# In a virtual machine with the debug kernel: run the KUnit suites, print their KTAP.

echo '# suites: rtfm_plan rtfm_ceiling rtfm_timerq rtfm_ring rtfm_deliver'
echo 'rtfm-kunit: begin' >/dev/kmsg
# newer ones run a suite when it is loaded only if they are asked to
autorun=''
! grep -q autorun /kunit.ko || autorun=autorun=1
# shellcheck disable=SC2086 # nothing, or a word
insmod /kunit.ko enable=1 $autorun && insmod /rtfm_test.ko
status=$?
# without the stamps, and without "KTAP version 1" of the modules
dmesg | sed -e '1,/rtfm-kunit: begin/d' -e 's/^\[[^]]*\] //'
rmmod rtfm_test kunit
exit $status
