package dev.fluxion.ir;

import java.util.ArrayList;
import java.util.List;

/** The offsets of every product that a convolution sums: those within a plane, which all planes share, and of planes. */
final class Products {
    private final ConvSpec spec;
    private final Shape image;
    private final Shape weight;
    private final Shape result;
    final int[] x;
    final int[] w;
    final int[] y;

    Products(ConvSpec spec, Shape image, Shape weight, Shape result) {
        this.spec = spec;
        this.image = image;
        this.weight = weight;
        this.result = result;
        Size kernel = Size.of(weight.dim(2), weight.dim(3));
        List<int[]> taps = new ArrayList<>();
        Windows.taps(
                image,
                result,
                kernel,
                spec.stride(),
                spec.pad(),
                spec.dilation(),
                (out, in, tap) -> taps.add(new int[] {in, tap, out}));
        this.x = taps.stream().mapToInt(t -> t[0]).toArray();
        this.w = taps.stream().mapToInt(t -> t[1]).toArray();
        this.y = taps.stream().mapToInt(t -> t[2]).toArray();
    }

    /** Visits the offsets of the planes (input, weight, output) that belong together. */
    void forEach(Planes planes) {
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

    interface Planes {
        void at(int input, int weight, int output);
    }
}
