# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# The functions for lines "run" of the lists, called in the top directory of the copy. Each
# builds what it needs, and returns the status of the test. To be sourced, with the time limit
# in $LIMIT.

# Run a program of build/
prog() { # program, arguments...
	make -s "build/$1" && "build/$1" "${@:2}"
}

# Run a script, for example a gate, after building targets
with() { # targets..., --, command...
	local targets=()
	while [ "$1" != -- ]; do
		targets+=("$1")
		shift
	done
	make -s "${targets[@]}" && "${@:2}"
}

# Run an example, and print the results of scripts/judge
example() { # engine, example
	local dir=build/one-example
	make -s "build/examples/$2" || return
	rm -rf "$dir"
	install -D -t "$dir/examples" "build/examples/$2" || return
	selftests/lib/run.sh "$dir" native "examples:$1" >"$dir/log"
	scripts/judge -v "$dir/log" 2>&1
}

# Run a program of build/, or a command, in a virtual machine; $APPEND is added to the command
# line of the kernel
vm() { # kernel, program, arguments...
	local made=() status
	if [[ $1 != debug* ]]; then
		made=("build/$(scripts/kernel-release "$1")/rtfm.ko")
	elif scripts/kernel-release "$1" >/dev/null; then
		made=("module-$1")
	else
		echo "1..0 # SKIP there is no $1 kernel: make check-debug"
		return 4
	fi
	if [[ $2 = selftests/* ]]; then
		made+=("build/$2")
		set -- "$1" "/$2" "${@:3}"
	fi
	make -s "${made[@]}" || return
	RTFM_SHORT=1 scripts/vm --kernel "$1" --memory 768 --timeout "$LIMIT" \
		--append "${APPEND-}" -- "${@:2}"
	status=$?
	# each rtfm.ko makes another one
	rm -f build/vm/*.cpio
	return "$status"
}
