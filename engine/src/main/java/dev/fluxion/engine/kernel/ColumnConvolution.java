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
import java.util.ArrayList;
import java.util.List;

/**
 * Convolutions that the native library has no kernel for: the windows of an image become the columns of a matrix, and a
 * matrix product does the rest. Plain layouts, image by image and group by group, and so many places at a time that their
 * columns stay in a cache. Where a window is a single element, the image is the matrix.
 */
public final class ColumnConvolution {
    /** The floats that stay in a cache. */
    private static final int CACHE = 1 << 17;
    /** Products of fewer columns are slow, whatever their length. */
    private static final int FEW = 64;

    private final Shape x;
    private final Size kernel;
    private final ConvSpec spec;
    private final int groups;
    private final int channels;
    private final int filters;
    private final int width;
    /** The length of a column. */
    private final int rows;
    /** The number of columns of an image. */
    private final int places;
    /** The number of columns that are made at a time. */
    private final int together;
    /** Whether the image itself has the columns. */
    private final boolean direct;
    /** Whether windows look at padding. */
    private final boolean padded;

    /** The convolution of images of shape {@code x} with weights {@code w} to images {@code y}. */
    public ColumnConvolution(ConvSpec spec, Shape x, Shape w, Shape y) {
        this.spec = spec;
        this.x = x;
        this.kernel = Size.of(w.dim(2), w.dim(3));
        this.groups = spec.groups();
        this.channels = w.dim(1);
        this.filters = w.dim(0) / groups;
        this.width = y.dim(3);
        this.rows = channels * kernel.h() * kernel.w();
        this.places = y.dim(2) * width;
        Size one = Size.of(1);
        this.padded = !spec.pad().equals(Size.of(0));
        this.direct = kernel.equals(one) && spec.stride().equals(one) && !padded;
        this.together = direct ? places : Math.min(places, Math.max(FEW, CACHE / rows));
    }

    /** The room for the columns, in bytes. */
    public long columnBytes() {
        return direct ? 0 : (long) rows * together * Float.BYTES;
    }

    /**
     * {@code y = x ∗ w}.
     *
     * @param block the filters that one product computes, on whose number the order of its sums may depend
     */
    public Step.Binder forward(Buffer images, Buffer weights, Buffer results, Buffer columns, int block) {
        return at -> {
            Columns matrix = new Columns(at.of(images), at.of(columns));
            List<Part> parts = parts(part -> {
                Gemm product = Gemm.of(block, part.count, rows).strides(rows, matrix.stride(part), places);
                List<Call> calls = new ArrayList<>();
                for (int first = 0; first < filters; first += block) {
                    calls.add(product.bind(
                            weights(at.of(weights), part, first),
                            matrix.slice(part),
                            result(at.of(results), part, first)));
                }
                return calls;
            });
            return new Kernel(parts) {
                @Override
                void compute(Part part) {
                    matrix.unfold(part);
                    part.multiply();
                }
            };
        };
    }

    /** The gradient of the images. */
    public Step.Binder inputGradient(Buffer gradients, Buffer weights, Buffer images, Buffer columns) {
        return at -> {
            Columns matrix = new Columns(at.of(images), at.of(columns));
            List<Part> parts = parts(part -> List.of(Gemm.of(rows, part.count, filters)
                    .transpose(true, false)
                    .strides(rows, places, matrix.stride(part))
                    .bind(weights(at.of(weights), part, 0), result(at.of(gradients), part, 0), matrix.slice(part))));
            return new Kernel(parts) {
                @Override
                void compute(Part part) {
                    part.multiply();
                    matrix.fold(part);
                }
            };
        };
    }

    /** The gradient of the weights. */
    public Step.Binder weightGradient(Buffer images, Buffer gradients, Buffer weights, Buffer columns) {
        return at -> {
            Columns matrix = new Columns(at.of(images), at.of(columns));
            List<Part> parts = parts(part -> List.of(Gemm.of(filters, rows, part.count)
                    .transpose(false, true)
                    .scale(1, part.image == 0 && part.first == 0 ? 0 : 1)
                    .strides(places, matrix.stride(part), rows)
                    .bind(result(at.of(gradients), part, 0), matrix.slice(part), weights(at.of(weights), part, 0))));
            return new Kernel(parts) {
                @Override
                void compute(Part part) {
                    matrix.unfold(part);
                    part.multiply();
                }
            };
        };
    }

    /** Some places of one group of an image, from a first one on. */
    private static final class Part {
        private final int image;
        private final int group;
        private final int first;
        private final int count;
        private Call[] calls = {};

        Part(int image, int group, int first, int count) {
            this.image = image;
            this.group = group;
            this.first = first;
            this.count = count;
        }

        void multiply() {
            for (Call call : calls) {
                call.run();
            }
        }
    }

    private interface Products {
        List<Call> of(Part part);
    }

    private List<Part> parts(Products products) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < x.dim(0) * groups; i++) {
            for (int first = 0; first < places; first += together) {
                Part part = new Part(i / groups, i % groups, first, Math.min(together, places - first));
                part.calls = products.of(part).toArray(Call[]::new);
                parts.add(part);
            }
        }
        return parts;
    }

    private Slice weights(Slice all, Part part, int first) {
        long bytes = (long) filters * rows * Float.BYTES;
        long before = (long) first * rows * Float.BYTES;
        return all.slice(part.group * bytes + before, bytes - before);
    }

    private Slice result(Slice all, Part part, int first) {
        long filter = (long) (part.image * groups + part.group) * filters + first;
        long start = filter * places + part.first;
        long end = (filter - first + filters) * places;
        return all.slice(start * Float.BYTES, (end - start) * Float.BYTES);
    }

    private abstract static class Kernel implements Step.Kernel {
        private final Part[] parts;

        Kernel(List<Part> parts) {
            this.parts = parts.toArray(Part[]::new);
        }

        abstract void compute(Part part);

        @Override
        public void run() {
            for (Part part : parts) {
                compute(part);
            }
        }

        @Override
        public void close() {
            for (Part part : parts) {
                for (Call call : part.calls) {
                    call.close();
                }
            }
        }
    }

    /** Elements of an image in a line, a stride apart, and of a row of columns. */
    private interface Segment {
        void visit(int image, int column, int count);
    }

    /** The images, and the columns of some places of one group of one of them. */
    private final class Columns {
        private final Slice imageBytes;
        private final Slice columnBytes;
        private final FloatBuffer images;
        private final FloatBuffer columns;
        private final Segment copy = this::copy;
        private final Segment add = this::add;

        Columns(Slice images, Slice columns) {
            this.imageBytes = images;
            this.columnBytes = columns;
            this.images = images.floats();
            this.columns = columns.floats();
        }

        /** The matrix of columns. */
        Slice slice(Part part) {
            long plane = (long) (part.image * groups + part.group) * channels * places * Float.BYTES;
            return direct ? imageBytes.slice(plane, (long) channels * places * Float.BYTES) : columnBytes;
        }

        /** The floats from one of its rows to the next. */
        int stride(Part part) {
            return direct ? places : part.count;
        }

        /** Copies every window into its column; padding is zero. */
        void unfold(Part part) {
            for (int i = 0; padded && i < rows * part.count; i++) {
                columns.put(i, 0);
            }
            walk(part, copy);
        }

        /** Adds every column to its window, all of which are zero before the first. */
        void fold(Part part) {
            int plane = channels * x.dim(2) * x.dim(3);
            int start = (part.image * groups + part.group) * plane;
            for (int i = start; part.first == 0 && !direct && i < start + plane; i++) {
                images.put(i, 0);
            }
            walk(part, add);
        }

        private void copy(int image, int column, int count) {
            if (spec.stride().w() == 1) {
                columns.put(column, images, image, count);
                return;
            }
            for (int i = 0; i < count; i++) {
                columns.put(column + i, images.get(image + i * spec.stride().w()));
            }
        }

        private void add(int image, int column, int count) {
            for (int i = 0; i < count; i++) {
                int at = image + i * spec.stride().w();
                images.put(at, images.get(at) + columns.get(column + i));
            }
        }

        /** Visits what lies in the image, not in its padding, by each row of the matrix and each line of places. */
        private void walk(Part part, Segment segment) {
            for (int row = 0; row < rows && !direct; row++) {
                int h = row / kernel.w() % kernel.h() * spec.dilation().h()
                        - spec.pad().h();
                int w = row % kernel.w() * spec.dilation().w() - spec.pad().w();
                int channel = (part.image * groups + part.group) * channels + row / (kernel.h() * kernel.w());
                int low = places(-w);
                int high = Math.min(width, places(x.dim(3) - w));
                for (int done = 0; done < part.count; ) {
                    int place = (part.first + done) % width;
                    int next = Math.min(width, place + part.count - done);
                    int line = (part.first + done) / width * spec.stride().h() + h;
                    int from = Math.max(place, low);
                    int to = Math.min(next, high);
                    if (line >= 0 && line < x.dim(2) && from < to) {
                        int image = (channel * x.dim(2) + line) * x.dim(3)
                                + from * spec.stride().w()
                                + w;
                        segment.visit(image, row * part.count + done + from - place, to - from);
                    }
                    done += next - place;
                }
            }
        }

        /** How many places of a line lie before an element, counted from where the first one looks. */
        private int places(int element) {
            return element <= 0 ? 0 : (element - 1) / spec.stride().w() + 1;
        }
    }
}
