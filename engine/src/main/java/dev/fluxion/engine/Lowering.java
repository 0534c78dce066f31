package dev.fluxion.engine;

import dev.fluxion.engine.kernel.Strided;
import dev.fluxion.engine.pass.Tiles;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Turn;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Call;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Slice;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Turns expressions into steps. Values are asked for: whoever needs an expression in some layout gets the buffer that holds
 * it, lowered or reordered at the first request. Nodes that a fused kernel swallows are never asked for.
 */
final class Lowering {
    private static final int MAX_RANK = 12;
    /** The form of weights that are only brought into another layout. */
    private static final String VALUE = "value";

    final Tiles.Tiled tiled;
    final Graph graph;
    final Parameters parameters;
    final Readers readers;
    private final Facts facts;
    final RuleBook rules;
    final Fusion fusion;
    final Primitives primitives = new Primitives();
    final Constants constants = new Constants();
    /** What programs share that run the same kernels. */
    final Shared shared = new Shared(primitives, constants);

    final List<Step> prologue = new ArrayList<>();
    final List<Step> steps = new ArrayList<>();
    final Map<String, Integer> stageEnds = new LinkedHashMap<>();
    final Map<String, List<GuardSpec>> guards = new HashMap<>();
    final Map<String, Buffer> inputs = new LinkedHashMap<>();
    final Map<Leaf.Carried, Buffer> carried = new HashMap<>();
    final Map<String, Buffer> outputs = new LinkedHashMap<>();

    private final Map<Expr, List<Buffer>> values = new HashMap<>();
    final Pins pins = new Pins();
    private final Reorders reorders = new Reorders(this);
    private final OperatorLowering operators = new OperatorLowering(this);
    private final List<Update> all;

    Lowering(Tiles.Tiled tiled, Parameters parameters, RuleBook rules) {
        this.tiled = tiled;
        this.rules = rules;
        this.graph = tiled.graph();
        this.parameters = parameters;
        this.readers = new Readers(tiled);
        this.facts = new Facts(tiled, readers, primitives);
        this.all = graph.stages().stream().flatMap(s -> s.updates().stream()).toList();
        requireComputable(graph);
        try {
            this.fusion = new Fusion(tiled, readers, rules, facts);
        } catch (RuntimeException | Error e) {
            shared.close();
            throw e;
        }
    }

    /** The number of an update of the graph. */
    int number(Update update) {
        return all.indexOf(update);
    }

    private static void requireComputable(Graph graph) {
        for (Expr e : graph.order()) {
            if (e.shape().size() == 0) {
                throw new IllegalArgumentException(Errors.empty(e));
            }
            if (e.shape().rank() > MAX_RANK) {
                throw new IllegalArgumentException(Errors.rank(e, MAX_RANK));
            }
        }
    }

    void lower() {
        for (Expr e : graph.inputs()) {
            Leaf.Input input = (Leaf.Input) e.op();
            inputs.put(input.name(), Buffer.permanent(input.name(), plain(e.shape(), type(e))));
        }
        UpdateLowering updater = new UpdateLowering(this);
        for (Graph.Stage stage : graph.stages()) {
            stage.outputs().forEach(this::pinOutput);
            stage.carried().forEach(this::pinCarried);
            updater.pinGradients(stage);
        }
        graph.order().forEach(operators::prepare);
        for (Graph.Stage stage : graph.stages()) {
            for (Expr e : Graph.topological(stage.roots())) {
                if (!fusion.isLazy(e) && !updater.isTaken(e)) {
                    value(e);
                }
            }
            stage.outputs().values().forEach(this::settle);
            stage.carried().values().forEach(this::settle);
            for (Update update : stage.updates()) {
                update.gradients().stream().filter(g -> !updater.isTaken(g)).forEach(this::settle);
            }
            updater.lower(stage);
            guards.put(
                    stage.name(),
                    stage.updates().stream()
                            .filter(update -> !update.parameters().isEmpty())
                            .map(updater::guard)
                            .toList());
            if (!stage.updates().isEmpty()) {
                values.keySet().removeIf(Facts::isOfParameter);
            }
            stageEnds.put(stage.name(), steps.size());
        }
    }

    /** The steps of a stage, in an order in which they could run one after the other. */
    List<Step> steps(Graph.Stage stage) {
        int from = 0;
        for (Map.Entry<String, Integer> end : stageEnds.entrySet()) {
            if (end.getKey().equals(stage.name())) {
                return steps.subList(from, end.getValue());
            }
            from = end.getValue();
        }
        throw new IllegalArgumentException(stage.name());
    }

    private void pinOutput(String name, Expr e) {
        Buffer place = Buffer.permanent(name, plain(e.shape(), type(e)));
        outputs.put(name, place);
        pins.add(e, made -> place);
    }

    private void pinCarried(Leaf.Carried leaf, Expr e) {
        Buffer place = Buffer.permanent(leaf.toString(), plain(e.shape(), type(e)));
        carried.put(leaf, place);
        pins.add(e, made -> place);
    }

    /** The value of an expression, in the layout in which it was computed. */
    Buffer value(Expr e) {
        List<Buffer> known = values.get(e);
        if (known == null) {
            if (e.op() instanceof Leaf.Variable variable) {
                holds(e, variable(variable));
            } else if (e.op() instanceof Leaf.Literal literal) {
                holds(e, constants.of(literal.values()));
            } else if (e.op() instanceof Leaf.Input input) {
                holds(e, Objects.requireNonNull(inputs.get(input.name())));
            } else if (e.op() instanceof Leaf.Carried early) {
                holds(e, Objects.requireNonNull(carried.get(early)));
            } else {
                operators.lower(fusion.root(e));
            }
            known = Objects.requireNonNull(values.get(e));
        }
        return known.get(0);
    }

    private Buffer variable(Leaf.Variable variable) {
        String name = variable.parameter();
        Shape declared = parameters.shape(name);
        if (!declared.equals(variable.shape())) {
            throw new IllegalArgumentException(Errors.parameterShape(name, declared, variable.shape()));
        }
        return buffer(variable);
    }

    /** Where a variable lies, in the layout of its parameter. */
    Buffer buffer(Leaf.Variable variable) {
        String name = variable.parameter();
        Layout layout = parameters.layout(name);
        return Buffer.fixed(variable.toString(), layout, Block.of(variable), () -> parameters.offset(name));
    }

    /** The value of an expression in a layout, reordered if need be. */
    Buffer value(Expr e, Layout layout) {
        suggest(e, layout);
        Buffer first = value(e);
        for (Buffer b : values.getOrDefault(e, List.of())) {
            if (b.layout().equals(layout)) {
                return b;
            }
        }
        return copy(e, first, layout);
    }

    /** Whether the value of an expression has been made in a layout, or brought into it. */
    boolean isIn(Expr e, Layout layout) {
        return values.getOrDefault(e, List.of()).stream()
                .anyMatch(b -> b.layout().equals(layout));
    }

    /** Emits a copy of the value of {@code e} in another layout. */
    Buffer copy(Expr e, Buffer from, Layout layout) {
        boolean changes = e.op() instanceof Leaf.Variable && !isStable(e);
        Buffer to = changes ? Buffer.temporary(from.name(), layout) : destination(e, layout);
        reorder(e, from, to);
        holds(e, to);
        return to;
    }

    /** A parameter that nobody has laid out yet takes the layout that the first of its readers likes for it, or for a part. */
    private void suggest(Expr e, Layout layout) {
        if (values.containsKey(e)) {
            return;
        }
        if (e.op() instanceof Leaf.Variable variable) {
            parameters.layout(variable.parameter(), layout);
        } else if (e.op() instanceof Movement.Slice) {
            Expr whole = e.input(0);
            layout.resized(dims(whole.shape())).ifPresent(all -> suggest(whole, all));
        }
    }

    /** Whether the value of an expression changes only when somebody writes a parameter between runs. */
    boolean isStable(Expr e) {
        return facts.isStable(e);
    }

    /** What tells values of {@code e} apart that a stage may have changed in between: those of a parameter, or of a part of one. */
    int epoch(Expr e) {
        return Facts.isOfParameter(e) ? stageEnds.size() : 0;
    }

    /** The value of an expression, dense and row-major. */
    Buffer plain(Expr e) {
        return value(e, plain(e.shape(), type(e)));
    }

    /** Where what is made of weights that nobody changes shall lie, for all programs that need it. */
    Buffer packed(Expr weights, Object form, Layout layout) {
        return PackedForm.isSharable(weights)
                ? Buffer.fixed(form.toString(), layout, PackedForm.of(weights, form, layout), () -> 0)
                : Buffer.permanent(form.toString(), layout);
    }

    /** Where a step shall write the value of {@code e} if it makes it in {@code layout}. */
    Buffer destination(Expr e, Layout layout) {
        if (isStable(e)) {
            return packed(e, VALUE, layout);
        }
        return pins.take(e, layout).orElseGet(() -> Buffer.temporary(e.op().toString(), layout));
    }

    Buffer destination(Expr e) {
        return destination(e, plain(e.shape(), type(e)));
    }

    /** Notes that a buffer holds the value of {@code e}. */
    void holds(Expr e, Buffer buffer) {
        values.computeIfAbsent(e, k -> new ArrayList<>()).add(buffer);
    }

    /** Emits the step that makes {@code e} in {@code to}. */
    void emit(Expr e, Buffer to, Step step) {
        add(e, step);
        holds(e, to);
    }

    /** Emits a step that runs when {@code e} is computed: once, if it stays the same. */
    void add(Expr e, Step step) {
        if (isStable(e)) {
            prologue.add(step);
        } else {
            steps.add(step.at(tiled.turn(e)));
        }
    }

    /** Emits a copy of the operand of {@code e}, row-major, that makes its value. */
    void copy(Expr e, Strided.Copy copy) {
        copy(e, plain(e.input(0)), copy);
    }

    void copy(Expr e, Buffer from, Strided.Copy copy) {
        Buffer to = destination(e);
        emit(
                e,
                to,
                Step.of(
                        e.op().toString(),
                        e.origin(),
                        List.of(from),
                        List.of(to),
                        "java:copy",
                        copy.between(from, to)));
    }

    /** Sees to it that the value is in all places that were asked for. */
    void settle(Expr outermost) {
        Expr e = Pins.made(outermost);
        Buffer from = value(e);
        for (Buffer place : pins.takeOthers(e, from.layout())) {
            reorders.between(e, from, place).forEach(step -> steps.add(step.at(tiled.turn(e))));
        }
    }

    /** Brings the value of {@code e}, or what is made of it, into the layout of another buffer. */
    void reorder(Expr e, Buffer from, Buffer to) {
        reorders.between(e, from, to).forEach(step -> add(e, step));
    }

    /** The step of a primitive. The first of {@code writes} is its result. */
    Step primitive(
            String operator,
            String origin,
            Primitive primitive,
            Map<Arg, Buffer> reads,
            Map<Arg, Buffer> writes,
            double flops) {
        Map<Arg, Buffer> all = new LinkedHashMap<>(reads);
        all.putAll(writes);
        List<Buffer> scratch = new ArrayList<>();
        Layout pad = primitive.layouts().get(Arg.SCRATCHPAD);
        if (pad != null) {
            Buffer room = Buffer.room("scratchpad", pad::bytes);
            all.put(Arg.SCRATCHPAD, room);
            scratch.add(room);
        }
        return new Step(
                operator,
                origin,
                List.copyOf(reads.values()),
                List.copyOf(writes.values()),
                scratch,
                false,
                primitive.implementation(),
                flops,
                Turn.SERIAL,
                places -> {
                    Map<Arg, Slice> slices = new LinkedHashMap<>();
                    Map<Arg, Long> motions = new LinkedHashMap<>();
                    all.forEach((arg, buffer) -> slices.put(arg, places.first(buffer)));
                    all.forEach((arg, buffer) -> motions.put(arg, places.motion(buffer)));
                    return kernel(primitive.bind(slices, motions, places.times()));
                });
    }

    static Step.Kernel kernel(Call call) {
        return new Step.Kernel() {
            @Override
            public void at(int tile) {
                call.at(tile);
            }

            @Override
            public void run() {
                call.run();
            }

            @Override
            public void close() {
                call.close();
            }
        };
    }

    static Layout.Type type(Expr e) {
        return e.dtype() == DType.INT ? Layout.Type.S32 : Layout.Type.F32;
    }

    static Layout plain(Shape shape, Layout.Type type) {
        return Layout.plain(type, dims(shape));
    }

    static Layout any(Shape shape) {
        return Layout.any(dims(shape));
    }

    /** The extents as the native library takes them; it knows no rank 0. */
    static long[] dims(Shape shape) {
        return shape.rank() == 0
                ? new long[] {1}
                : Arrays.stream(shape.dims()).asLongStream().toArray();
    }
}
