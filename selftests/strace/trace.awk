# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# Print the system calls and signals of one thread from the output of strace -f, a line each, in
# a short form. Printing begins with the call that first blocks real-time signals of the app;
# earlier calls are in the array "before".
#
#	awk -v thread=0 ...	the first thread, 1 the second, in order of appearance
#
# Signals are numbers; 32 and 33 belong to the C library, not to the app.

function number(name) {
	if (name == "RTMIN" || name == "SIGRTMIN")
		return 32
	if (name ~ /^(SIG)?RT_[0-9]+$/) {
		sub(/^(SIG)?RT_/, "", name)
		return 32 + name
	}
	return name
}

# "[RT_3 RT_4]" -> "35 36"
function set_of(text, n, i, names, out) {
	if (!match(text, /~?\[[^]]*\]/))
		return ""
	text = substr(text, RSTART, RLENGTH)
	if (text ~ /^~/)
		return "all"
	gsub(/[][]/, "", text)
	n = split(text, names, " ")
	for (i = 1; i <= n; i++)
		out = out (i > 1 ? " " : "") number(names[i])
	return out
}

function argument(text, n, parts) {
	sub(/^[a-z_0-9]*\(/, "", text)
	split(text, parts, /, */)
	sub(/[ )].*$/, "", parts[n])
	return parts[n]
}

function said(text) {
	sub(/^[^"]*"/, "", text)
	sub(/(\\n)?".*$/, "", text)
	return text
}

# One call in the short form
function call(text, name, how, mask) {
	name = text
	sub(/\(.*/, "", name)
	if (name == "rt_sigprocmask") {
		how = argument(text, 1)
		sub(/SIG_/, "", how)
		return how " " set_of(text)
	}
	if (name == "rt_sigaction") {
		mask = text
		sub(/.*sa_mask=/, "", mask)
		return "sigaction " number(argument(text, 1)) " masks " \
			set_of(substr(text, index(text, "sa_mask=")))
	}
	if (name == "rt_tgsigqueueinfo")
		return "queue " number(argument(text, 3)) " to " \
			(argument(text, 2) in nr ? nr[argument(text, 2)] : "?")
	if (name == "write")
		return "write " argument(text, 1) " " said(text)
	if (name == "sched_setaffinity") {
		sub(/ \.\.\.\]/, "]", text)	# the set is longer than strace prints
		return name " " set_of(text)
	}
	if (name == "sched_setscheduler") {
		# as strace before 6.5 has it
		sub(/0x40000001( \/\*[^*]*\*\/)?/, "SCHED_FIFO|SCHED_RESET_ON_FORK", text)
		return name " " argument(text, 2) " " set_of(text)
	}
	return name
}

{
	pid = $1
	text = $0
	sub(/^[0-9]+ +/, "", text)
	if (!(pid in nr))
		nr[pid] = threads++
	if (nr[pid] != thread || text ~ /^<\.\.\./ || text ~ /^\+\+\+/)
		next
	if (text ~ /^---/) {
		sub(/^--- /, "", text)
		sub(/ .*/, "", text)
		line = "signal " number(text)
	} else {
		line = call(text)
	}
	if (!ours && line ~ /^BLOCK [0-9]/ && line !~ / 3[23]( |$)/)
		ours = 1
	if (ours || before)
		print line
}
