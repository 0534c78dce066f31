package dev.fluxion.engine.catalogue;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.List;

/** Matrix products and convolutions. */
final class ContractionRows {
    private ContractionRows() {}

    static List<Row> rows() {
        return List.of(
                new Row("matmul", ContractionRows::matmul),
                new Row("conv", d -> {
                    Problem p = Problem.draw(d);
                    return d.of(d.input("x", p.x).conv(d.input("w", p.w), p.spec));
                }),
                new Row("convGradInput", d -> {
                    Problem p = Problem.draw(d);
                    Expr dy = d.input("dy", p.y());
                    return d.of(new Expr(new Contraction.ConvGradInput(p.spec, p.x), List.of(dy, d.input("w", p.w))));
                }),
                new Row("convGradWeight", d -> {
                    Problem p = Problem.draw(d);
                    Expr x = d.input("x", p.x);
                    return d.of(
                            new Expr(new Contraction.ConvGradWeight(p.spec, p.w), List.of(x, d.input("dy", p.y()))));
                }));
    }

    private static Case matmul(Draw d) {
        int[] a = d.shape(d.one(2, 2, 2, 3, 4), 1).dims();
        for (int i = 0; i < a.length - 2; i++) {
            a[i] = d.one(1, 2, 3);
        }
        int[] b = a.clone();
        int inner = d.one(1, 2, 3, 8, 17);
        a[a.length - 2] = d.one(1, 2, 5, 16);
        a[a.length - 1] = inner;
        b[a.length - 2] = inner;
        b[a.length - 1] = d.one(1, 3, 7, 16);
        return d.of(d.input("a", Shape.of(a)).matmul(d.input("b", Shape.of(b))));
    }

    /** The shapes of a convolution. */
    private record Problem(Shape x, Shape w, ConvSpec spec) {
        Shape y() {
            return Expr.input("x", x).conv(Expr.input("w", w), spec).shape();
        }

        static Problem draw(Draw d) {
            return switch (d.between(0, 4)) {
                case 0 -> pointwise(d);
                case 1 -> depthwise(d);
                default -> general(d);
            };
        }

        /** 1×1 with stride 2, fewer than 8 channels. */
        private static Problem pointwise(Draw d) {
            Shape x = Shape.of(d.one(1, 2), d.between(1, 7), d.between(1, 6), d.between(1, 6));
            ConvSpec spec = new ConvSpec(Size.of(2), Size.of(0), Size.of(1), 1);
            return new Problem(x, Shape.of(d.one(1, 3, 8), x.dim(1), 1, 1), spec);
        }

        private static Problem depthwise(Draw d) {
            int channels = d.one(1, 3, 8, 17);
            Shape x = Shape.of(1, channels, d.between(2, 5), d.between(2, 5));
            ConvSpec spec = new ConvSpec(d.size(1, 2), Size.of(1), Size.of(1), channels);
            return new Problem(x, Shape.of(channels * d.one(1, 2), 1, 3, 3), spec);
        }

        /** Anything, stride beyond the kernel and padding beyond it included. */
        private static Problem general(Draw d) {
            int groups = d.one(1, 1, 1, 2, 3);
            int in = groups == 1 ? d.one(1, 3, 8, 16, 17) : d.one(1, 2, 4);
            int out = groups == 1 ? d.one(1, 3, 8, 17) : d.one(1, 2, 4);
            if (in * out > 64) {
                out = 3;
            }
            Size kernel = d.size(1, 3);
            Size stride = d.size(1, 4);
            Size pad = d.size(0, 2);
            Size dilation = d.coin() ? Size.of(1) : d.size(1, 3);
            int h = fit(d, kernel.h(), dilation.h(), pad.h());
            int w = fit(d, kernel.w(), dilation.w(), pad.w());
            Shape x = Shape.of(d.one(1, 1, 2, 3), in * groups, h, w);
            Shape weight = Shape.of(out * groups, in, kernel.h(), kernel.w());
            return new Problem(x, weight, new ConvSpec(stride, pad, dilation, groups));
        }

        /** An extent of the image that the window fits into, with some to spare. */
        private static int fit(Draw d, int kernel, int dilation, int pad) {
            return Math.max(1, dilation * (kernel - 1) + 1 - 2 * pad) + d.between(0, 4);
        }
    }
}
