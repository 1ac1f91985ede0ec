# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# Shared by the gates (scripts/check-*): TAP output, from its first line to the plan. To be
# sourced, from any directory; changes to the top of the tree. A gate that dies early prints
# no plan.
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit

tap_n=0 tap_failed=0
echo 'TAP version 13'

# Report a test: its name, and the problems, one a line; none: it passed
tap() {
	tap_n=$((tap_n + 1))
	if [ -z "$2" ]; then
		echo "ok $tap_n $1"
		return
	fi
	tap_failed=1
	echo "not ok $tap_n $1"
	head -n 100 <<<"$2" | sed 's/^/# /'
}

# The last line of a gate
tap_end() {
	echo "1..$tap_n"
	exit $tap_failed
}
