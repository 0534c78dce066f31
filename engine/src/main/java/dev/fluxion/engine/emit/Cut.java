package dev.fluxion.engine.emit;

import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Binary;
import dev.fluxion.ffi.Convolution;
import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Pass;
import dev.fluxion.ffi.Pooling;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Reorder;
import dev.fluxion.ffi.Window;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A way to cut an operation into parts along an axis of its result. A part is the same operation on some elements of its
 * arguments, where they lie. No sum is cut, so that parts can give the bits of the whole.
 *
 * @param whole the operation
 * @param layouts the layouts of its arguments
 * @param axes the axes that are cut; the other arguments are taken whole
 * @param window how the kernel moves over images whose rows, or places of a single row, are cut
 */
public record Cut(
        Operation whole,
        Map<Arg, Layout> layouts,
        Map<Arg, Integer> axes,
        @Nullable Window window) {
    /** Kernels compute so many channels or columns at once, and weights lie in blocks of as many. */
    static final List<Integer> BLOCKS = List.of(16, 24, 32, 48, 64);

    /** Arguments that kernels may take with gaps; what is combined with a result may have none. */
    private static final Set<Arg> STRIDED = Set.of(Arg.SOURCE, Arg.WEIGHTS, Arg.BIAS, Arg.DESTINATION);

    private static final int HEIGHT = 2;
    private static final int WIDTH = 3;

    /**
     * A part of an operation.
     *
     * @param operation what it computes; a convolution makes a dense result, even where others' results lie between its own
     * @param places where the arguments that are cut lie
     * @param share how much of the whole it is
     */
    public record Part(Operation operation, Map<Arg, Layout.Part> places, double share) {}

    /** The ways to cut an operation whose arguments lie in the given layouts, the best first. */
    public static List<Cut> of(Operation whole, Map<Arg, Layout> layouts) {
        List<Cut> cuts = new ArrayList<>();
        if (whole instanceof Convolution op && op.pass().isForward()) {
            cuts.add(along(whole, layouts, Map.of(Arg.SOURCE, 0, Arg.DESTINATION, 0), null));
            int side = side(whole, layouts, op.window());
            Cut rows = along(whole, layouts, Map.of(Arg.SOURCE, side, Arg.DESTINATION, side), op.window());
            Cut filters = along(whole, layouts, Map.of(Arg.WEIGHTS, 0, Arg.BIAS, 0, Arg.DESTINATION, 1), null);
            if (fits(op) && op.weights().rank() == op.source().rank() && !accumulates(op)) {
                boolean heavy = areHeavy(layouts);
                cuts.add(heavy ? filters : rows);
                cuts.add(heavy ? rows : filters);
            } else {
                cuts.add(rows);
            }
        } else if (whole instanceof Convolution op && isBackward(whole)) {
            cuts.add(along(whole, layouts, Map.of(Arg.DESTINATION_GRADIENT, 0, Arg.SOURCE_GRADIENT, 0), null));
            Map<Arg, Integer> rows = Map.of(Arg.DESTINATION_GRADIENT, HEIGHT, Arg.SOURCE_GRADIENT, HEIGHT);
            cuts.add(along(whole, layouts, rows, op.window()));
        } else if (whole instanceof Pooling op && op.pass().isForward() && !layouts.containsKey(Arg.WORKSPACE)) {
            cuts.add(along(whole, layouts, Map.of(Arg.SOURCE, 0, Arg.DESTINATION, 0), null));
            cuts.add(along(whole, layouts, Map.of(Arg.SOURCE, HEIGHT, Arg.DESTINATION, HEIGHT), op.window()));
        } else if (whole instanceof MatMul op) {
            products(op, layouts, cuts);
        } else if (whole instanceof Reorder
                || whole instanceof Binary
                || whole instanceof Eltwise op && op.pass().isForward()) {
            elements(whole, layouts, cuts);
        }
        return cuts;
    }

    /**
     * Stretches of a single sequence under kernels of several places, which may add up in another order than the whole: who takes these
     * computes them apart, however many threads there are. None for what is no such sequence.
     */
    static List<Part> stretches(Operation whole, Map<Arg, Layout> layouts, int count) {
        boolean isSequence = whole instanceof Convolution op
                && op.pass() == Pass.INFERENCE
                && isRow(layouts, Arg.SOURCE)
                && isRow(layouts, Arg.DESTINATION)
                && op.window().kernel().stream().anyMatch(places -> places > 1);
        return isSequence
                ? along(
                                whole,
                                layouts,
                                Map.of(Arg.SOURCE, WIDTH, Arg.DESTINATION, WIDTH),
                                ((Convolution) whole).window())
                        .parts(count)
                : List.of();
    }

    private static boolean isRow(Map<Arg, Layout> layouts, Arg images) {
        long[] dims = layout(layouts, images).dims();
        return dims.length > WIDTH && dims[HEIGHT] == 1;
    }

    /**
     * The axis along which images are cut: their height, or the width of those that have a single row, as sequences do, under kernels of
     * one place; wider ones may add up in another order there.
     */
    private static int side(Operation whole, Map<Arg, Layout> layouts, Window window) {
        boolean along =
                isRow(layouts, result(whole)) && window.kernel().stream().allMatch(places -> places == 1);
        return along ? WIDTH : HEIGHT;
    }

    /** Whether the kernel is no larger than the images: else the library adds up in an order that depends on the filters. */
    private static boolean fits(Convolution op) {
        long[] dims = op.source().dims();
        for (int i = 0; i < dims.length - HEIGHT; i++) {
            if (ReadRows.reach(op.window(), i) > dims[HEIGHT + i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether an operation adds to what lies where it writes. */
    static boolean accumulates(Operation op) {
        return op.postOps().steps().stream().anyMatch(PostOps.Accumulate.class::isInstance);
    }

    private static long bytes(Map<Arg, Layout> layouts, Arg arg) {
        return layout(layouts, arg).bytes();
    }

    /**
     * What is made element by element is cut along any axis. Images may have gaps, in which others lie; between parts of a matrix,
     * they would be nobody's.
     */
    private static void elements(Operation whole, Map<Arg, Layout> layouts, List<Cut> cuts) {
        Layout result = layout(layouts, Arg.DESTINATION);
        if (result.isDense() || result.rank() > 2) {
            for (int axis : byDistance(result)) {
                Map<Arg, Integer> axes = Map.of(Arg.SOURCE, axis, Arg.RIGHT, axis, Arg.DESTINATION, axis);
                cuts.add(along(whole, layouts, axes, null));
            }
        }
    }

    /** Whether threads that share a product take some of its rows each, where there are kernels for that. */
    public static boolean isByRows(Primitive product) {
        List<Cut> cuts = new ArrayList<>();
        MatMul op = (MatMul) product.operation();
        products(op, product.layouts(), cuts);
        Integer axis = cuts.get(0).axes.get(Arg.SOURCE);
        return axis != null && axis == op.destination().rank() - 2;
    }

    /** A product between its columns. */
    public static Cut columns(MatMul op) {
        return columns(op, Map.of(Arg.SOURCE, op.left(), Arg.WEIGHTS, op.right(), Arg.DESTINATION, op.destination()));
    }

    private static Cut columns(MatMul op, Map<Arg, Layout> layouts) {
        int column = op.destination().rank() - 1;
        return along(op, layouts, Map.of(Arg.WEIGHTS, column, Arg.BIAS, column, Arg.DESTINATION, column), null);
    }

    /** Whether a thread had better read half of the weights than what another one has just written. */
    private static boolean areHeavy(Map<Arg, Layout> layouts) {
        return bytes(layouts, Arg.WEIGHTS) > bytes(layouts, Arg.SOURCE) + 3 * bytes(layouts, Arg.DESTINATION);
    }

    /**
     * Products of few rows are cut between columns, and products of right operands that are larger than what else passes from thread to
     * thread from each other: so that each right operand is read once. By rows, a thread reads all of these, and what it has made itself.
     * One by one, it makes its left operands from all of what others have made, for Winograd's sums a quarter of them, of which it has
     * made half, and the next step finds half of each result with the other thread.
     */
    private static void products(MatMul op, Map<Arg, Layout> layouts, List<Cut> cuts) {
        int row = op.destination().rank() - 2;
        Cut rows = along(op, layouts, Map.of(Arg.SOURCE, row, Arg.DESTINATION, row), null);
        Cut columns = columns(op, layouts);
        boolean wide = columns.extent() >= rows.extent();
        if (row > 0 && bytes(layouts, Arg.WEIGHTS) > bytes(layouts, Arg.DESTINATION) + bytes(layouts, Arg.SOURCE) / 4) {
            cuts.add(along(op, layouts, Map.of(Arg.SOURCE, 0, Arg.WEIGHTS, 0, Arg.DESTINATION, 0), null));
        }
        cuts.add(wide ? columns : rows);
        cuts.add(wide ? rows : columns);
    }

    /** A cut, along the same axis of what is combined with the result as of the result. */
    private static Cut along(
            Operation whole, Map<Arg, Layout> layouts, Map<Arg, Integer> given, @Nullable Window window) {
        Map<Arg, Integer> axes = new HashMap<>(given);
        axes.keySet().retainAll(layouts.keySet());
        axes.entrySet()
                .removeIf(cut -> cut.getKey().equals(Arg.RIGHT)
                        && layout(layouts, Arg.RIGHT).dims()[cut.getValue()] == 1);
        int axis = Objects.requireNonNull(given.get(result(whole)));
        for (int i = 0; i < whole.postOps().steps().size(); i++) {
            if (whole.postOps().steps().get(i) instanceof PostOps.Combine combine
                    && combine.operand().dims()[axis] > 1) {
                axes.put(Arg.postOp(i), axis);
            }
        }
        return new Cut(whole, layouts, axes, window);
    }

    /** The axes of a layout, those first along which neighbours lie far from each other. */
    private static List<Integer> byDistance(Layout layout) {
        long[] strides = layout.strides();
        long[] dims = layout.dims();
        return IntStream.range(0, dims.length)
                .boxed()
                .filter(axis -> dims[axis] > 1)
                .sorted(Comparator.comparingLong(axis -> strides.length == 0 ? axis : -strides[axis]))
                .toList();
    }

    private static Layout layout(Map<Arg, Layout> layouts, Arg arg) {
        return Objects.requireNonNull(layouts.get(arg), arg::name);
    }

    /** The argument that an operation makes. */
    static Arg result(Operation whole) {
        return isBackward(whole) ? Arg.SOURCE_GRADIENT : Arg.DESTINATION;
    }

    private static boolean isBackward(Operation whole) {
        return whole instanceof Convolution op && op.pass() == Pass.BACKWARD;
    }

    /** How many places of the result there are along the axis. */
    private long extent() {
        Arg result = result(whole);
        return layout(layouts, result).dims()[Objects.requireNonNull(axes.get(result))];
    }

    /** Parts of about the same size; fewer than {@code count} if there are none. */
    public List<Part> parts(int count) {
        for (int unit : units()) {
            long units = extent() / unit;
            List<Part> parts = new ArrayList<>();
            for (int i = 0; units >= count && i < count; i++) {
                Part part = part(units * i / count * unit, i == count - 1 ? extent() : units * (i + 1) / count * unit);
                if (part != null) {
                    parts.add(part);
                }
            }
            if (parts.size() == count) {
                return parts;
            }
        }
        return List.of();
    }

    /** What parts may be multiples of, as small as can be; the library adds up products of a single row in an order of their own. */
    private List<Integer> units() {
        Integer written = axes.get(Arg.DESTINATION);
        boolean products = whole instanceof MatMul op
                && written != null
                && written < op.destination().rank() - 2;
        if (products) {
            return List.of(1);
        }
        return axes.containsKey(Arg.WEIGHTS) ? BLOCKS : List.of(whole instanceof MatMul ? 2 : 1);
    }

    /** Null if there is no such part. */
    private @Nullable Part part(long from, long to) {
        Arg images = isBackward(whole) ? Arg.DESTINATION_GRADIENT : Arg.SOURCE;
        ReadRows rows = rows(images, from, to);
        if (rows == null) {
            return null;
        }
        Map<Arg, Layout.Part> places = new HashMap<>();
        Map<Arg, Layout> all = new HashMap<>(layouts);
        for (Map.Entry<Arg, Integer> cut : axes.entrySet()) {
            Arg arg = cut.getKey();
            boolean isRead = arg.equals(images);
            Layout.Part place =
                    stretch(layout(layouts, arg), cut.getValue(), isRead ? rows.from() : from, isRead ? rows.to() : to);
            boolean dense = window != null || !STRIDED.contains(arg);
            if (place == null || dense && !place.layout().isDense()) {
                return null;
            }
            places.put(arg, place);
            all.put(arg, place.layout());
        }
        if (whole instanceof Convolution) {
            Layout result = layout(all, result(whole));
            all.put(
                    result(whole),
                    layout(layouts, result(whole)).resized(result.dims()).orElse(result));
        }
        return new Part(operation(all, rows.window()), places, (double) (to - from) / extent());
    }

    /** What is read of the images to make some places of the result; null if it is nothing. */
    private @Nullable ReadRows rows(Arg images, long from, long to) {
        if (window == null) {
            return new ReadRows(from, to, null);
        }
        int side = Objects.requireNonNull(axes.get(images));
        long extent = layout(layouts, images).dims()[side];
        return isBackward(whole)
                ? ReadRows.backward(window, side - HEIGHT, extent, from, to)
                : ReadRows.forward(window, side - HEIGHT, extent, from, to);
    }

    /** Neighbours along an axis, in a dense layout if they lie side by side; null if that would cut a block. */
    private static Layout.@Nullable Part stretch(Layout whole, int axis, long from, long to) {
        Layout.Part part = whole.part(axis, from, to).orElse(null);
        if (part == null) {
            return null;
        }
        long[] dims = whole.dims();
        dims[axis] = to - from;
        Layout dense = whole.resized(dims).orElse(null);
        return dense != null && dense.bytes() == part.layout().bytes() ? new Layout.Part(dense, part.start()) : part;
    }

    /** The same operation on arguments in other layouts. */
    private Operation operation(Map<Arg, Layout> all, @Nullable Window rows) {
        Layout source = layout(all, isBackward(whole) ? Arg.SOURCE_GRADIENT : Arg.SOURCE);
        Layout destination = layout(all, isBackward(whole) ? Arg.DESTINATION_GRADIENT : Arg.DESTINATION);
        PostOps postOps = combined(all);
        if (whole instanceof Convolution op) {
            return new Convolution(
                    op.pass(),
                    source,
                    layout(all, Arg.WEIGHTS),
                    all.get(Arg.BIAS),
                    destination,
                    rows == null ? op.window() : rows,
                    postOps);
        }
        if (whole instanceof Pooling op) {
            return new Pooling(op.pass(), op.kind(), source, destination, rows == null ? op.window() : rows, postOps);
        }
        if (whole instanceof MatMul) {
            return new MatMul(source, layout(all, Arg.WEIGHTS), all.get(Arg.BIAS), destination, postOps);
        }
        if (whole instanceof Binary op) {
            return new Binary(op.function(), source, layout(all, Arg.RIGHT), destination, postOps);
        }
        return whole instanceof Eltwise op
                ? new Eltwise(op.pass(), op.function(), op.alpha(), op.beta(), source, destination, postOps)
                : new Reorder(source, destination, postOps);
    }

    private PostOps combined(Map<Arg, Layout> all) {
        List<PostOps.Step> steps = new ArrayList<>(whole.postOps().steps());
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof PostOps.Combine combine) {
                steps.set(i, new PostOps.Combine(combine.function(), layout(all, Arg.postOp(i))));
            }
        }
        return new PostOps(steps);
    }
}
