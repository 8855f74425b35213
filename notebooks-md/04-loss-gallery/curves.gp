set terminal pngcairo size 1100,900 font 'sans,11' background 'white'
set output 'curves.png'
set datafile separator '\t'
set key noenhanced autotitle columnheader
set border 3
set tics nomirror
set grid linecolor '#dddddd'
set multiplot layout 2,2
set xlabel 'probability of the right class, at every pixel'
set yrange [0:4]
set title 'losses of pixels'
plot for [i=2:6] 'pixels.tsv' using 1:i with lines linewidth 2
set yrange [-1.6:1.1]
set key bottom left
set title 'losses of regions'
plot for [i=7:12] 'pixels.tsv' using 1:i with lines linewidth 2
set xlabel 'distance of two unit squares along an axis'
set yrange [0:2.2]
set key top left
set title 'losses of overlap (iou: 1 - IoU)'
plot for [i=4:10] 'boxes.tsv' using 1:i with lines linewidth 2
set yrange [0:6.2]
set title 'losses of coordinates'
plot for [i=2:3] 'boxes.tsv' using 1:i with lines linewidth 2
unset multiplot
