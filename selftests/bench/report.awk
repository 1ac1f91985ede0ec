# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# Print the rows of the benchmarks in a readable form.
#
#	awk -v as=json|table|plot|limits -f report.awk [limits] rows
#
#	-v reference=soft	the engine to which ratios in the table refer
#	-v brief=1		a table without n, max and ratios
#	-v where=native		the column of the file limits: native, stock, rt
#
# Columns are separated by tabs. bench.h describes the rows; there are also lines
# "machine <key> <value>".

BEGIN {
	FS = OFS = "\t"
}

function quoted(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	return "\"" text "\""
}

function value(text) {
	return text ~ /^(true|false|-?[0-9]+(\.[0-9]+)?)$/ ? text : quoted(text)
}

# 767 µs
function time(ns) {
	if (ns < 1000)
		return figure(ns) " ns"
	return ns < 1000000 ? figure(ns / 1000) " µs" : figure(ns / 1000000) " ms"
}

# Without zeros that say nothing
function short(number) {
	return sprintf("%.10g", number)
}

# Three digits that mean something
function figure(number, text) {
	if (number >= 100 || number == int(number))
		return sprintf("%.0f", number)
	if (number < 0.1)
		return sprintf("%.2g", number)
	return sprintf(number >= 10 ? "%.1f" : "%.2f", number)
}

FILENAME ~ /limits$/ {
	if ($0 !~ /^(#|$)/)
		limit[++nlimits] = $0
	next
}
$1 == "machine" {
	machine[++nmachine] = quoted($2) ": " value($3)
	next
}
$1 == "note" {
	notes[++nnotes] = $0
	why[$2, $3] = $4
	next
}
$1 == "row" {
	n++
	op[n] = $2; engine[n] = $3; unit[n] = $4; count[n] = $5
	least[n] = $6; p50[n] = $7; p99[n] = $8; most[n] = $9
	at[$2, $3] = n
	if (!seen[$2]++)
		ops[++nops] = $2
}

function json(i) {
	printf "{\"machine\": {\n"
	for (i = 1; i <= nmachine; i++)
		printf "\t%s%s\n", machine[i], (i < nmachine ? "," : "")
	printf "},\n\"ops\": [\n"
	for (i = 1; i <= n; i++)
		printf "\t{\"op\": %s, \"engine\": %s, \"unit\": %s, \"n\": %d, \"min\": %s, \"p50\": %s, \"p99\": %s, \"max\": %s}%s\n",
			quoted(op[i]), quoted(engine[i]), quoted(unit[i]), count[i],
			short(least[i]), short(p50[i]), short(p99[i]), short(most[i]), (i < n ? "," : "")
	printf "],\n\"notes\": ["
	for (i = 1; i <= nnotes; i++) {
		split(notes[i], part)
		printf "%s\n\t{\"op\": %s, \"engine\": %s, \"note\": %s}", (i > 1 ? "," : ""),
			quoted(part[2]), quoted(part[3]), quoted(part[4])
	}
	printf "%s]}\n", (nnotes ? "\n" : "")
}

function table(o, i, ref, ratio, wide, other) {
	for (i = 1; i <= n; i++) {
		if (length(op[i]) > wide)
			wide = length(op[i])
		if (length(engine[i]) > other)
			other = length(engine[i])
	}
	wide = "%-" wide "s  %-" other "s  "
	printf wide, "operation", "engine"
	if (brief)
		printf "%-8s %10s %10s %10s\n", "unit", "min", "p50", "p99"
	else
		printf "%-8s %6s %10s %10s %10s %10s  %s\n", "unit", "n", "min", "p50", "p99", "max",
			"p50 and min / " reference
	for (o = 1; o <= nops; o++) {
		ref = at[ops[o], reference]
		for (i = 1; i <= n; i++) {
			if (op[i] != ops[o])
				continue
			printf wide, op[i], engine[i]
			if (brief) {
				printf "%-8s %10s %10s %10s\n", unit[i], figure(least[i]), figure(p50[i]),
					figure(p99[i])
				continue
			}
			ratio = ref && p50[ref] > 0 && unit[ref] == unit[i] ? figure(p50[i] / p50[ref]) : "-"
			if (ratio != "-" && least[ref] > 0)
				ratio = sprintf("%-8s %s", ratio, figure(least[i] / least[ref]))
			printf "%-8s %6d %10s %10s %10s %10s  %s\n", unit[i], count[i], figure(least[i]),
				figure(p50[i]), figure(p99[i]), figure(most[i]), ratio
		}
	}
	for (i = 1; i <= nnotes; i++) {
		split(notes[i], part)
		printf wide "%s\n", part[2], part[3], part[4]
	}
}

# y, the three figures, colour, label; operations from the top, a free line before each
function plot(o, i, y) {
	for (o = 1; o <= nops; o++) {
		if (!draws(ops[o]))
			continue
		print "op", --y, ops[o]
		for (i = 1; i <= n; i++) {
			if (op[i] != ops[o])
				continue
			print "dot", --y, p50[i], least[i], p99[i], \
				engine[i] ~ /^kmod/ ? 3 : engine[i] == "soft" ? 1 : engine[i] == "signal" ? 2 : 4, \
				engine[i], time(p50[i])
		}
	}
}

# A logarithmic axis has no 0, and no counts.
function draws(name, i) {
	for (i = 1; i <= n; i++)
		if (op[i] == name && unit[i] == "ns" && p50[i] > 0)
			return 1
	return 0
}

# where op engine unit most peer: at most so much, or so many times the peer's
function limits(l, part, row, peer, most_, missed, said) {
	printf "%-34s %-16s %-22s %10s  %s\n", "operation", "engine", "at most", "figure", ""
	for (l = 1; l <= nlimits; l++) {
		split(limit[l], part, /\t+/)
		if (part[1] != where)
			continue
		row = at[part[2], part[3]]
		peer = part[6] == "-" ? 0 : at[part[2], part[6]]
		said = part[5] (part[6] == "-" ? " " part[4] : " x " part[6])
		if (!row) {
			said_missing(part, said)
			missed++
			continue
		}
		if (part[6] != "-" && !peer) {
			if (why[part[2], part[6]] == "never")
				verdict(part, said, figure(p50[row]), "met: " part[6] " never")
			else {
				verdict(part, said, figure(p50[row]), "no figure of " part[6])
				missed++
			}
			continue
		}
		most_ = part[5] * (peer ? p50[peer] : 1)
		if (p50[row] > most_)
			missed++
		verdict(part, said, peer ? figure(p50[row] / p50[peer]) " x" : figure(p50[row]),
			p50[row] > most_ ? "MISSED" : "met")
	}
	printf "%d missed\n", missed
}

function said_missing(part, said) {
	verdict(part, said, "-", "no figure" ((part[2], part[3]) in why ? ": " why[part[2], part[3]] : ""))
}

function verdict(part, said, got, text) {
	printf "%-34s %-16s %-22s %10s  %s\n", part[2], part[3], said, got, text
}

END {
	if (as == "json")
		json()
	else if (as == "table")
		table()
	else if (as == "plot")
		plot()
	else if (as == "limits")
		limits()
}
