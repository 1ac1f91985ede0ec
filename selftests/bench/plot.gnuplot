# SPDX-License-Identifier: GPL-2.0 OR MIT
#
# Draw the results of a run:
#	gnuplot -e "dots='...'; ops='...'; out='...'; subtitle='...'; lines=N" plot.gnuplot
# dots: y, p50, min, p99, colour, engine, text. ops: y, operation.

set terminal svg size 900, 140 + 17 * lines enhanced font 'Helvetica,12' background '#ffffff'
set output out
set datafile separator "\t"
set encoding utf8

libshim_colours = '0x1f5fbf 0xd9700f 0x2e8b57 0x7a7a7a'
colour(c) = int(word(libshim_colours, c))

set label 1 "What an operation takes: median, and from the least to the 99th percentile" at screen 0.02, screen 1 offset 0, -1.6 font ",14:Bold"
set label 2 subtitle at screen 0.02, screen 1 offset 0, -3 noenhanced textcolor rgb "#555555"
set logscale x 10
set xrange [0.2 : *]
set xtics nomirror out ('1 ns' 1, '10 ns' 10, '100 ns' 100, '1 µs' 1e3, '10 µs' 1e4, '100 µs' 1e5, '1 ms' 1e6, '10 ms' 1e7)
set x2tics nomirror out ('1 ns' 1, '10 ns' 10, '100 ns' 100, '1 µs' 1e3, '10 µs' 1e4, '100 µs' 1e5, '1 ms' 1e6, '10 ms' 1e7)
set logscale x2 10
set x2range [0.2 : *]
set grid xtics lt 1 lw 0.6 lc rgb '#e0e0e0'
set border 5 lc rgb '#999999'
set tics textcolor rgb '#333333' scale 0.5
set yrange [-lines - 0.8 : 0.2]
set ytics scale 0 font ",11" noenhanced
set lmargin at screen 0.16
set rmargin at screen 0.91
set tmargin 7
set key right top horizontal samplen 0.5 font ",11" noenhanced
set key at screen 0.98, screen 1 - 52.0 / (140 + 17 * lines)
unset colorbox

plot \
	dots using 3:1:($4 - $3):(0):ytic(6) with vectors nohead lw 0 lc rgb '#ffffff' notitle noenhanced, \
	for [c = 1:4] dots using ($5 == c ? $3 : NaN):1:($4 - $3):(0) axes x2y1 \
		with vectors nohead lw 2.5 lc rgb colour(c) + 0x90000000 notitle, \
	for [c = 1:4] dots using ($5 == c ? $2 : NaN):1 with points pt 7 ps 0.65 lc rgb colour(c) \
		title word('soft signal kmod peers', c), \
	dots using 4:1:7 with labels left offset 0.6, 0 font ',10' textcolor rgb '#555555' notitle, \
	ops using (0.22):1:2 with labels left font ',12:Bold' textcolor rgb '#000000' noenhanced notitle
