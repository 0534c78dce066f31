package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The offsets of every product that a convolution sums: runs within a plane, which all planes share, and the planes. */
final class Products {
    private final ConvSpec spec;
    private final Shape image;
    private final Shape weight;
    private final Shape result;
    private final List<Run> runs;

    /** How far one product of a run is from the next in the image; in the result it is 1, and the weight is the same. */
    final int step;

    Products(ConvSpec spec, Shape image, Shape weight, Shape result) {
        this.spec = spec;
        this.image = image;
        this.weight = weight;
        this.result = result;
        this.step = spec.stride().w();
        Size kernel = Size.of(weight.dim(2), weight.dim(3));
        List<Run> single = new ArrayList<>();
        Windows.taps(
                image,
                result,
                kernel,
                spec.stride(),
                spec.pad(),
                spec.dilation(),
                (out, in, tap) -> single.add(new Run(in, tap, out, 1)));
        single.sort(Comparator.comparingInt(Run::w).thenComparingInt(Run::y));
        this.runs = joined(single);
    }

    private List<Run> joined(List<Run> single) {
        List<Run> joined = new ArrayList<>();
        for (Run next : single) {
            Run last = joined.isEmpty() ? next : joined.get(joined.size() - 1);
            if (last.w == next.w && last.y + last.length == next.y && last.x + last.length * step == next.x) {
                joined.set(joined.size() - 1, new Run(last.x, last.w, last.y, last.length + 1));
            } else {
                joined.add(next);
            }
        }
        return joined;
    }

    /** Visits the offsets (input, weight, output) and the length of all runs of all planes. */
    void forEach(Visitor visitor) {
        planes((x, w, y) -> {
            for (Run run : runs) {
                visitor.at(x + run.x, w + run.w, y + run.y, run.length);
            }
        });
    }

    /** Visits the offsets of the planes (input, weight, output) that belong together. */
    private void planes(Planes planes) {
        int perGroup = weight.dim(0) / spec.groups();
        int taps = weight.dim(2) * weight.dim(3);
        int in = image.dim(2) * image.dim(3);
        int out = result.dim(2) * result.dim(3);
        for (int n = 0; n < image.dim(0); n++) {
            for (int o = 0; o < weight.dim(0); o++) {
                for (int c = 0; c < weight.dim(1); c++) {
                    int channel = o / perGroup * weight.dim(1) + c;
                    planes.at(
                            (n * image.dim(1) + channel) * in,
                            (o * weight.dim(1) + c) * taps,
                            (n * weight.dim(0) + o) * out);
                }
            }
        }
    }

    /** Products of one weight with places of the image, for places of the result that lie side by side. */
    private record Run(int x, int w, int y, int length) {}

    interface Visitor {
        void at(int input, int weight, int output, int length);
    }

    private interface Planes {
        void at(int input, int weight, int output);
    }
}
