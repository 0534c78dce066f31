package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Gemm;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.nio.FloatBuffer;

/**
 * Convolutions that the native library has no kernel for: the windows of an image become the columns of a matrix, and a
 * matrix product does the rest. Plain layouts, image by image, group by group.
 */
public final class ColumnConvolution {
    private final Shape x;
    private final Size kernel;
    private final ConvSpec spec;
    private final int groups;
    private final int channels;
    private final int filters;
    private final int height;
    private final int width;
    /** The length of a column. */
    private final int rows;
    /** The number of columns. */
    private final int places;

    /** The convolution of images of shape {@code x} with weights {@code w} to images {@code y}. */
    public ColumnConvolution(ConvSpec spec, Shape x, Shape w, Shape y) {
        this.spec = spec;
        this.x = x;
        this.kernel = Size.of(w.dim(2), w.dim(3));
        this.groups = spec.groups();
        this.channels = w.dim(1);
        this.filters = w.dim(0) / groups;
        this.height = y.dim(2);
        this.width = y.dim(3);
        this.rows = channels * kernel.h() * kernel.w();
        this.places = height * width;
    }

    /** The room for the columns, in bytes. */
    public long columnBytes() {
        return (long) rows * places * Float.BYTES;
    }

    /** {@code y = x ∗ w}. */
    public Step.Binder forward(Buffer images, Buffer weights, Buffer results, Buffer columns) {
        return at -> {
            Columns matrix = new Columns(at.of(images).floats(), at.of(columns).floats());
            Gemm product = Gemm.of(filters, places, rows);
            Call[] calls = calls((image, group) ->
                    product.bind(weights(at.of(weights), group), at.of(columns), result(at.of(results), image, group)));
            return new Kernel(calls) {
                @Override
                public void run() {
                    for (int i = 0; i < calls.length; i++) {
                        matrix.unfold(i);
                        calls[i].run();
                    }
                }
            };
        };
    }

    /** The gradient of the images. */
    public Step.Binder inputGradient(Buffer gradients, Buffer weights, Buffer images, Buffer columns) {
        return at -> {
            FloatBuffer sums = at.of(images).floats();
            Columns matrix = new Columns(sums, at.of(columns).floats());
            Gemm product = Gemm.of(rows, places, filters).transpose(true, false);
            Call[] calls = calls((image, group) -> product.bind(
                    weights(at.of(weights), group), result(at.of(gradients), image, group), at.of(columns)));
            return new Kernel(calls) {
                @Override
                public void run() {
                    for (int i = 0; i < x.size(); i++) {
                        sums.put(i, 0);
                    }
                    for (int i = 0; i < calls.length; i++) {
                        calls[i].run();
                        matrix.fold(i);
                    }
                }
            };
        };
    }

    /** The gradient of the weights. */
    public Step.Binder weightGradient(Buffer images, Buffer gradients, Buffer weights, Buffer columns) {
        return at -> {
            Columns matrix = new Columns(at.of(images).floats(), at.of(columns).floats());
            Gemm product = Gemm.of(filters, rows, places).transpose(false, true);
            Call[] calls = calls((image, group) -> product.scale(1, image == 0 ? 0 : 1)
                    .bind(result(at.of(gradients), image, group), at.of(columns), weights(at.of(weights), group)));
            return new Kernel(calls) {
                @Override
                public void run() {
                    for (int i = 0; i < calls.length; i++) {
                        matrix.unfold(i);
                        calls[i].run();
                    }
                }
            };
        };
    }

    private interface Binding {
        Call of(int image, int group);
    }

    private Call[] calls(Binding binding) {
        Call[] calls = new Call[x.dim(0) * groups];
        for (int i = 0; i < calls.length; i++) {
            calls[i] = binding.of(i / groups, i % groups);
        }
        return calls;
    }

    private Slice weights(Slice all, int group) {
        long bytes = (long) filters * rows * Float.BYTES;
        return all.slice(group * bytes, bytes);
    }

    private Slice result(Slice all, int image, int group) {
        long bytes = (long) filters * places * Float.BYTES;
        return all.slice((image * groups + group) * bytes, bytes);
    }

    private abstract static class Kernel implements Step.Kernel {
        private final Call[] calls;

        Kernel(Call[] calls) {
            this.calls = calls;
        }

        @Override
        public void close() {
            for (Call call : calls) {
                call.close();
            }
        }
    }

    /** The images and the columns of one group of one of them. */
    private final class Columns {
        private final FloatBuffer images;
        private final FloatBuffer columns;

        Columns(FloatBuffer images, FloatBuffer columns) {
            this.images = images;
            this.columns = columns;
        }

        /** Copies every window into its column; padding is zero. */
        void unfold(int part) {
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < height; i++) {
                    int line = line(part, row, i);
                    int to = (row * height + i) * width;
                    for (int j = 0; j < width; j++) {
                        int at = column(row, j);
                        boolean inside = line >= 0 && at >= 0 && at < x.dim(3);
                        columns.put(to + j, inside ? images.get(line + at) : 0);
                    }
                }
            }
        }

        /** Adds every column to its window. */
        void fold(int part) {
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < height; i++) {
                    int line = line(part, row, i);
                    int from = (row * height + i) * width;
                    for (int j = 0; line >= 0 && j < width; j++) {
                        int at = column(row, j);
                        if (at >= 0 && at < x.dim(3)) {
                            images.put(line + at, images.get(line + at) + columns.get(from + j));
                        }
                    }
                }
            }
        }

        /** Where the image line begins that a tap of the windows at height i reads; −1 if it is padding. */
        private int line(int part, int row, int i) {
            int channel = part * channels + row / (kernel.h() * kernel.w());
            int h = i * spec.stride().h()
                    - spec.pad().h()
                    + row / kernel.w() % kernel.h() * spec.dilation().h();
            return h < 0 || h >= x.dim(2) ? -1 : (channel * x.dim(2) + h) * x.dim(3);
        }

        private int column(int row, int j) {
            return j * spec.stride().w()
                    - spec.pad().w()
                    + row % kernel.w() * spec.dilation().w();
        }
    }
}
