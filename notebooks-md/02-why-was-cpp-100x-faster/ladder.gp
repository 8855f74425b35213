# ladder.tsv as bars, nanoseconds a pixel.
set terminal pngcairo size 1000,560 font ',11'
set output 'ladder.png'
set datafile separator '\t'
set style fill solid 0.8
set logscale x
set xrange [0.1:200000]
set yrange [13.6:-0.6]
set format x '%g'
set xlabel 'nanoseconds a pixel (logarithmic)'
set title 'One label conversion, fourteen ways: 1920×1080, 21 classes'
set ytics noenhanced
set tics nomirror
unset key
plot 'ladder.tsv' using ($3/2):0:($3/2):(0.35):ytic(1) with boxxyerror linecolor '#4477aa', \
     'ladder.tsv' using ($3*1.1):0:(sprintf('%.2f', $3)) with labels left
