package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Marker;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/** Turns elementwise expressions of one shape into one fused kernel. */
public final class FusedBuilder {
    private final Shape shape;
    private final List<Layout.Axis> axes;
    private final Operands operands;
    private final Map<Expr, Integer> registers = new HashMap<>();
    private final List<Binding> sources = new ArrayList<>();
    private final List<Expr> computed = new ArrayList<>();
    private final List<Expr> results = new ArrayList<>();
    private final List<Buffer> reads = new ArrayList<>();
    /** Those that are read element for element. */
    private final Set<Buffer> dense = new HashSet<>();

    private final List<Buffer> writes = new ArrayList<>();

    /** What a kernel's expressions stand on. */
    public interface Operands {
        /** Whether the expression is computed within the kernel. */
        boolean isInside(Expr e);

        /** The memory of an expression that is computed outside, its elements in the order of the result's. */
        Buffer buffer(Expr e);

        /** The number of a scalar that is computed on the heap before each run. */
        default Optional<Step.Scalar> scalar(Expr e) {
            return Optional.empty();
        }
    }

    private interface Binding {
        FusedOperand bind(Step.Places places);
    }

    /** A kernel for expressions of the given shape, which lie in a dense layout, as do operands of the same shape; others are plain. */
    public FusedBuilder(Shape shape, Layout layout, Operands operands) {
        this.shape = shape;
        this.axes = layout.axes();
        this.operands = operands;
    }

    /** Adds an expression to compute. */
    public FusedBuilder add(Expr result, Buffer to) {
        register(result);
        results.add(result);
        writes.add(to);
        return this;
    }

    /** The step, named by its operators. */
    public Step build(String origin) {
        String operator = computed.isEmpty()
                ? "copy"
                : computed.stream().map(e -> e.op().toString()).collect(Collectors.joining(" "));
        boolean overwrites = !reads.isEmpty() && results.size() == 1 && fills(reads.get(0));
        Step step = step(operator, origin, 0, shape.size());
        return overwrites ? step.overwriting() : step;
    }

    /** The step, which threads may share. */
    public Step shared(String origin) {
        Step whole = build(origin);
        return whole.shared((count, library) -> Step.Division.ofUnits(
                shape.size(), count, (from, to) -> Optional.of(step(whole.operator(), origin, from, to))));
    }

    /** The step for some elements. */
    private Step step(String operator, String origin, int from, int end) {
        List<Buffer> read = new ArrayList<>();
        for (Buffer b : reads) {
            read.add(dense.contains(b) ? part(b, from, end) : b);
        }
        List<Buffer> written = new ArrayList<>();
        for (Buffer b : writes) {
            written.add(part(b, from, end));
        }
        return Step.of(operator, origin, read, written, "java:fused", places -> bind(places, from, end))
                .flops((double) (end - from) * computed.size());
    }

    private Buffer part(Buffer whole, int from, int end) {
        boolean all = end - from == shape.size();
        return all ? whole : whole.elements(from, end);
    }

    /** Whether a buffer is read once, element for element, so that the result may take its place. */
    private boolean fills(Buffer first) {
        return first.layout().equals(writes.get(0).layout())
                && reads.stream().filter(b -> b.root() == first.root()).count() == 1
                && shape.size() > 1;
    }

    private Step.Kernel bind(Step.Places places, int from, int end) {
        List<FusedOperand> bound = new ArrayList<>();
        for (Binding source : sources) {
            bound.add(source.bind(places));
        }
        List<Fused.Instruction> instructions = new ArrayList<>();
        for (Expr e : computed) {
            int[] in = new int[e.inputs().size()];
            for (int i = 0; i < in.length; i++) {
                in[i] = index(e.input(i));
            }
            instructions.add(Fused.Instruction.of(e, in, this::place));
        }
        List<Fused.Sink> sinks = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            sinks.add(new Fused.Sink(
                    index(results.get(i)), places.of(writes.get(i)).floats()));
        }
        return new Fused(from, end, bound, instructions, sinks);
    }

    /** Where in the shape an element is that has a place in memory. */
    private String place(int element) {
        int[] index = new int[shape.rank()];
        int[] within = new int[shape.rank()];
        Arrays.fill(within, 1);
        int rest = element;
        for (int i = axes.size() - 1; i >= 0; i--) {
            int dim = axes.get(i).dim();
            int extent = (int) axes.get(i).extent();
            index[dim] += rest % extent * within[dim];
            within[dim] *= extent;
            rest /= extent;
        }
        return Arrays.toString(index);
    }

    /** Sources are numbered from −1 down until their count is known. */
    private int index(Expr e) {
        int register = registers.getOrDefault(e, 0);
        return register < 0 ? -register - 1 : sources.size() + register;
    }

    private void register(Expr e) {
        if (registers.containsKey(e)) {
            return;
        }
        if (e.op() instanceof Elementwise && constant(e).isEmpty() && operands.isInside(e)
                || e.op() instanceof Marker && operands.isInside(e)) {
            for (Expr in : e.inputs()) {
                register(in);
            }
            registers.put(e, computed.size());
            computed.add(e);
        } else {
            sources.add(source(e));
            registers.put(e, -sources.size());
        }
    }

    private Binding source(Expr e) {
        Expr x = e.op() instanceof Movement.Broadcast && operands.isInside(e) ? e.input(0) : e;
        Optional<DoubleSupplier> constant = constant(x);
        if (constant.isPresent()) {
            double value = constant.get().getAsDouble();
            float element = x.dtype() == DType.INT ? Float.intBitsToFloat((int) value) : (float) value;
            return places -> new FusedOperand.Scalar(() -> element);
        }
        Optional<Step.Scalar> scalar = operands.scalar(x);
        if (scalar.isPresent()) {
            return places -> {
                DoubleSupplier number = scalar.get().bind(places);
                return new FusedOperand.Scalar(() -> (float) number.getAsDouble());
            };
        }
        Buffer buffer = operands.buffer(x);
        reads.add(buffer);
        if (x.shape().equals(e.shape())) {
            dense.add(buffer);
            return places -> new FusedOperand.Dense(places.of(buffer).floats());
        }
        List<Span> spans = spans(x.shape(), e.shape());
        int[] dims = new int[spans.size()];
        int[] strides = new int[spans.size()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = spans.get(i).extent;
            strides[i] = spans.get(i).stride;
        }
        return places -> {
            FloatBuffer elements = places.of(buffer).floats();
            return x.shape().size() == 1
                    ? new FusedOperand.Scalar(() -> elements.get(0))
                    : new FusedOperand.Strided(elements, dims, strides);
        };
    }

    /** So many neighbours of the result, and how far apart an operand's elements for them are. */
    private record Span(int extent, int stride) {}

    /**
     * How a row-major operand lies beside the result, outermost first. A dimension of the result may lie in blocks, and neighbours that
     * lie alike are one span.
     */
    private List<Span> spans(Shape from, Shape to) {
        int[] along = Strided.repeating(from, from.strides(), to.rank());
        Deque<Span> spans = new ArrayDeque<>();
        for (int i = axes.size() - 1; i >= 0; i--) {
            int dim = axes.get(i).dim();
            int extent = (int) axes.get(i).extent();
            int stride = along[dim];
            along[dim] *= extent;
            Span inner = spans.peekFirst();
            if (inner != null && stride == inner.stride * inner.extent) {
                spans.removeFirst();
                spans.addFirst(new Span(extent * inner.extent, inner.stride));
            } else {
                spans.addFirst(new Span(extent, stride));
            }
        }
        return List.copyOf(spans);
    }

    /** The number of an expression that is a constant, perhaps cast. */
    public static Optional<DoubleSupplier> constant(Expr e) {
        Expr x = e.op() instanceof Elementwise.Cast ? e.input(0) : e;
        if (!(x.op() instanceof Leaf.Constant c)) {
            return Optional.empty();
        }
        double value = e.dtype() == DType.INT ? (int) c.value() : c.value();
        return Optional.of(() -> value);
    }
}
