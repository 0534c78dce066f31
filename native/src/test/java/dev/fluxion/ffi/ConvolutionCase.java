package dev.fluxion.ffi;

import java.util.Random;

/** A small convolution with its data, and the three computations as plain loops. */
record ConvolutionCase(
        int n, int groups, int in, int out, int h, int w, int kh, int kw, int sh, int sw, int dh, int dw, int[] pad) {

    static ConvolutionCase of(int n, int in, int out, int size, int kernel, int stride, int pad) {
        return new ConvolutionCase(
                n, 1, in, out, size, size, kernel, kernel, stride, stride, 1, 1, new int[] {pad, pad, pad, pad});
    }

    Window window() {
        return Window.of(kh, kw).stride(sh, sw).dilation(dh, dw).padding(new long[] {pad[0], pad[1]}, new long[] {
            pad[2], pad[3]
        });
    }

    long[] sourceDims() {
        return new long[] {n, in, h, w};
    }

    long[] weightsDims() {
        return groups == 1 ? new long[] {out, in, kh, kw} : new long[] {groups, out / groups, in / groups, kh, kw};
    }

    long[] destinationDims() {
        return new long[] {n, out, window().places(0, h), window().places(1, w)};
    }

    double[] source() {
        return Tensors.random(new Random(1), sourceDims());
    }

    double[] weights() {
        return Tensors.random(new Random(2), weightsDims());
    }

    double[] bias() {
        return Tensors.random(new Random(3), out);
    }

    double[] gradient() {
        return Tensors.random(new Random(4), destinationDims());
    }

    interface Tap {
        void at(int source, int weight, int destination, int channel);
    }

    /** Visits every product of the convolution once. */
    void taps(Tap tap) {
        int oh = (int) destinationDims()[2];
        int ow = (int) destinationDims()[3];
        int ig = in / groups;
        int og = out / groups;
        for (int b = 0; b < n; b++) {
            for (int o = 0; o < out; o++) {
                for (int c = 0; c < ig; c++) {
                    int channel = o / og * ig + c;
                    for (int y = 0; y < oh; y++) {
                        for (int x = 0; x < ow; x++) {
                            for (int k = 0; k < kh * kw; k++) {
                                int sy = y * sh - pad[0] + k / kw * dh;
                                int sx = x * sw - pad[1] + k % kw * dw;
                                if (sy >= 0 && sy < h && sx >= 0 && sx < w) {
                                    tap.at(
                                            ((b * in + channel) * h + sy) * w + sx,
                                            (o * ig + c) * kh * kw + k,
                                            ((b * out + o) * oh + y) * ow + x,
                                            o);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    double[] forward(boolean biased) {
        double[] x = source();
        double[] k = weights();
        double[] b = bias();
        double[] y = new double[Tensors.count(destinationDims())];
        int plane = (int) (destinationDims()[2] * destinationDims()[3]);
        for (int i = 0; biased && i < y.length; i++) {
            y[i] = b[i / plane % out];
        }
        taps((s, t, d, o) -> y[d] += x[s] * k[t]);
        return y;
    }

    double[] sourceGradient() {
        double[] k = weights();
        double[] dy = gradient();
        double[] dx = new double[Tensors.count(sourceDims())];
        taps((s, t, d, o) -> dx[s] += k[t] * dy[d]);
        return dx;
    }

    double[] weightsGradient() {
        double[] x = source();
        double[] dy = gradient();
        double[] dk = new double[Tensors.count(weightsDims())];
        taps((s, t, d, o) -> dk[t] += x[s] * dy[d]);
        return dk;
    }

    double[] biasGradient() {
        double[] dy = gradient();
        double[] db = new double[out];
        int plane = (int) (destinationDims()[2] * destinationDims()[3]);
        for (int i = 0; i < dy.length; i++) {
            db[i / plane % out] += dy[i];
        }
        return db;
    }

    @Override
    public String toString() {
        return n + "x" + in + "x" + h + "x" + w + " to " + out + " groups " + groups + " " + window();
    }
}
