package dev.fluxion.engine.emit;

import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.partition.BatchPartition;
import dev.fluxion.engine.partition.Readers;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.engine.store.Block;
import dev.fluxion.engine.store.PackedForm;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Operation;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** The steps that are emitted, the buffers that hold the values of expressions, and the places where some have to be. */
public final class Lowering {
    private static final int MAX_RANK = 12;
    /** The form of weights that are only brought into another layout. */
    private static final String VALUE = "value";

    private final BatchPartition.Tiled tiled;
    private final ParameterStore parameters;
    private final Readers readers;
    private final Primitives primitives = new Primitives();
    private final Constants constants = new Constants();
    private final Facts facts;
    /** What programs share that run the same kernels. */
    private final Shared shared = new Shared(primitives, constants);

    private final List<Step> prologue = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, Integer> stageEnds = new LinkedHashMap<>();
    private final Map<String, Buffer> inputs = new LinkedHashMap<>();
    private final Map<String, Buffer> squares = new LinkedHashMap<>();
    private final Map<Leaf.Carried, Buffer> carried = new HashMap<>();
    private final Map<String, Buffer> outputs = new LinkedHashMap<>();
    private final Map<Expr, List<Buffer>> values = new HashMap<>();
    private final Placements pins = new Placements();
    private final Reorders reorders;

    /**
     * The lowering of a graph.
     *
     * @param spreads whether matrices may be spread before they are transposed
     */
    public Lowering(BatchPartition.Tiled tiled, ParameterStore parameters, boolean spreads) {
        this.tiled = tiled;
        this.parameters = parameters;
        this.readers = new Readers(tiled);
        this.facts = Facts.first(tiled, readers, primitives);
        this.reorders = new Reorders(this, spreads);
        requireComputable(tiled.graph());
        for (Expr e : tiled.graph().inputs()) {
            Leaf.Input input = (Leaf.Input) e.op();
            inputs.put(input.name(), permanent(input.name(), e));
        }
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

    /** The graph, and which of its nodes are parts of others. */
    public BatchPartition.Tiled tiled() {
        return tiled;
    }

    /** Who reads what. */
    public Readers readers() {
        return readers;
    }

    /** What rules may know. */
    public Facts facts() {
        return facts;
    }

    /** The native library's kernels. */
    public Primitives primitives() {
        return primitives;
    }

    /** The library's kernels for parts of steps, and weights as these want them. */
    public Step.Library library() {
        return new Step.Library() {
            @Override
            public Optional<Primitive> offered(Operation operation, UnaryOperator<String> preferred) {
                return primitives.offered(operation, preferred);
            }

            @Override
            public boolean packs(Buffer weights) {
                return stable(weights).isPresent();
            }

            @Override
            public Optional<Buffer> packed(Buffer weights, Layout layout) {
                return stable(weights).map(e -> in(e, weights, layout));
            }
        };
    }

    /** What a buffer holds, if no run changes it. */
    private Optional<Expr> stable(Buffer buffer) {
        return values.entrySet().stream()
                .filter(known -> known.getValue().contains(buffer))
                .map(Map.Entry::getKey)
                .filter(this::isStable)
                .findFirst();
    }

    private Buffer in(Expr e, Buffer made, Layout layout) {
        if (find(e, layout).isEmpty()) {
            copy(e, made, layout);
        }
        return value(e, layout);
    }

    /** Tensors that nobody changes. */
    public Constants constants() {
        return constants;
    }

    /** The parameters that the graph computes with. */
    public ParameterStore parameters() {
        return parameters;
    }

    /** What programs share that run the steps. */
    public Shared shared() {
        return shared;
    }

    /** The steps that run only when parameters have changed. */
    public List<Step> prologue() {
        return prologue;
    }

    /** The steps of a stage, in an order in which they could run one after the other. */
    public List<Step> steps(Graph.Stage stage) {
        int from = 0;
        for (Map.Entry<String, Integer> end : stageEnds.entrySet()) {
            if (end.getKey().equals(stage.name())) {
                return steps.subList(from, end.getValue());
            }
            from = end.getValue();
        }
        throw new IllegalArgumentException(stage.name());
    }

    /** The sum of the squares of an input, which whoever writes it leaves there. */
    public Buffer squares(String name) {
        return squares.computeIfAbsent(
                name, n -> Buffer.persistent("sum of squares", TensorLayout.plain(Shape.scalar(), Layout.Type.F32)));
    }

    /** The sums of squares that somebody reads, by the names of the inputs. */
    public Map<String, Buffer> squares() {
        return squares;
    }

    /** Where an input of the graph lies. */
    public Buffer input(String name) {
        return Objects.requireNonNull(inputs.get(name));
    }

    /** Where an output lies that was pinned. */
    public Buffer output(String name) {
        return Objects.requireNonNull(outputs.get(name));
    }

    /** Where a carried value lies that was pinned. */
    public Buffer carried(Leaf.Carried leaf) {
        return Objects.requireNonNull(carried.get(leaf));
    }

    /** Asks that the outputs and carried values of a stage lie in places of their own. */
    public void pinResults(Graph.Stage stage) {
        stage.outputs().forEach((name, e) -> outputs.put(name, pin(name, e)));
        stage.carried().forEach((leaf, e) -> carried.put(leaf, pin(leaf.toString(), e)));
    }

    private Buffer pin(String name, Expr e) {
        Buffer place = permanent(name, e);
        pins.add(e, made -> place, false);
        return place;
    }

    private static Buffer permanent(String name, Expr e) {
        return Buffer.persistent(name, plainLayout(e));
    }

    private static Layout plainLayout(Expr e) {
        return TensorLayout.plain(e.shape(), TensorLayout.type(e));
    }

    /** Asks that the value of {@code e} be in the buffer that {@code place} gives for the layout in which it is computed. */
    public void pin(Expr e, Function<Layout, Buffer> place) {
        pins.add(e, place, false);
    }

    /** The same of a place that is a part of {@code whole}. */
    public void pinIn(Expr whole, Expr e, Function<Layout, Buffer> place) {
        pins.add(e, place, isStable(whole));
    }

    /**
     * Ends a stage.
     *
     * @param changes whether it changes parameters
     */
    public void endStage(String name, boolean changes) {
        if (changes) {
            values.keySet().removeIf(Facts::isOfParameter);
        }
        stageEnds.put(name, steps.size());
    }

    /** The value of an expression, in the layout in which it was computed. */
    public Buffer value(Expr e) {
        List<Buffer> known = values.get(e);
        return known == null ? leaf(e) : known.get(0);
    }

    /** Whether there is a step that makes the value of an expression. */
    public boolean isMade(Expr e) {
        return values.containsKey(e);
    }

    private Buffer leaf(Expr e) {
        if (e.op() instanceof Leaf.Variable variable) {
            record(e, buffer(variable));
        } else if (e.op() instanceof Leaf.Literal literal) {
            record(e, constants.of(literal.values()));
        } else if (e.op() instanceof Leaf.Input input) {
            record(e, input(input.name()));
        } else if (e.op() instanceof Leaf.Carried early) {
            record(e, carried(early));
        }
        return Objects.requireNonNull(values.get(e), () -> "not made: " + e.op())
                .get(0);
    }

    /** Where a variable lies, in the layout of its parameter. */
    public Buffer buffer(Leaf.Variable variable) {
        String name = variable.parameter();
        Layout layout = parameters.layout(name);
        return Buffer.fixed(variable.toString(), layout, Block.of(variable), () -> parameters.offset(name));
    }

    /** The value of an expression in a layout in which it was made, or into which it was brought. */
    public Buffer value(Expr e, Layout layout) {
        value(e);
        return find(e, layout).orElseThrow(() -> new IllegalStateException("not in " + layout + ": " + e.op()));
    }

    private Optional<Buffer> find(Expr e, Layout layout) {
        return values.getOrDefault(e, List.of()).stream()
                .filter(b -> b.layout().equals(layout))
                .findFirst();
    }

    /** Emits a copy of a value, or of what it is a view of, in another layout. */
    public void copy(Expr e, Buffer from, Layout layout) {
        boolean changes = e.op() instanceof Leaf.Variable && !isStable(e);
        Buffer to = changes ? Buffer.temporary(from.name(), layout) : destination(e, layout);
        reorder(e, from, to);
        record(e, to);
    }

    /** Whether the value of an expression changes only when somebody writes a parameter between runs. */
    public boolean isStable(Expr e) {
        return facts.isStable(e);
    }

    /** What tells values of {@code e} apart that a stage may have changed in between: those of a parameter, or of a part of one. */
    public int version(Expr e) {
        return Facts.isOfParameter(e) ? stageEnds.size() : 0;
    }

    /** The value of an expression, dense and row-major. */
    public Buffer plain(Expr e) {
        return value(e, plainLayout(e));
    }

    /** Where what is made of weights that nobody changes shall lie, for all programs that need it. */
    public Buffer packed(Expr weights, Object form, Layout layout) {
        return PackedForm.isSharable(weights)
                ? Buffer.fixed(form.toString(), layout, PackedForm.of(weights, form, layout), () -> 0)
                : Buffer.persistent(form.toString(), layout);
    }

    /** Where a step shall write the value of {@code e} if it makes it in {@code layout}. */
    public Buffer destination(Expr e, Layout layout) {
        if (isStable(e)) {
            return packed(e, VALUE, layout);
        }
        return pins.take(e, layout).orElseGet(() -> Buffer.temporary(e.op().toString(), layout));
    }

    /** Whether a result may be put where another value lies: in memory of that one alone, and wanted nowhere else. */
    public boolean isOverwritable(Expr e, Expr result, Layout layout) {
        return !isStable(result)
                && !pins.isWanted(result)
                && find(e, layout)
                        .filter(place -> place.isOwn() && !isShared(place, e))
                        .isPresent();
    }

    private boolean isShared(Buffer place, Expr e) {
        return values.entrySet().stream()
                .anyMatch(other ->
                        other.getKey() != e && other.getValue().stream().anyMatch(b -> b.root() == place));
    }

    /** The memory of a value that another one takes the place of: nobody finds it there any more. */
    public Buffer overwrite(Expr e, Layout layout) {
        Buffer place = value(e, layout);
        Objects.requireNonNull(values.get(e)).remove(place);
        return place;
    }

    public Buffer destination(Expr e) {
        return destination(e, plainLayout(e));
    }

    /** Notes that a buffer holds the value of {@code e}. */
    public void record(Expr e, Buffer buffer) {
        values.computeIfAbsent(e, k -> new ArrayList<>()).add(buffer);
    }

    /** Emits the step that makes {@code e} in {@code to}. */
    public void emit(Expr e, Buffer to, Step step) {
        add(e, step);
        record(e, to);
    }

    /** Emits a step that runs when {@code e} is computed: once, if it stays the same. */
    public void add(Expr e, Step step) {
        if (isStable(e)) {
            prologue.add(step);
        } else {
            steps.add(step.at(tiled.key(e)));
        }
    }

    /** Emits a step that runs in each run, in the turn that it has. */
    public void addToRun(Step step) {
        steps.add(step);
    }

    /** Puts another step in place of the last one that writes to some memory. */
    public void replaceLast(Buffer written, UnaryOperator<Step> other) {
        int last = IntStream.iterate(steps.size() - 1, i -> i - 1)
                .filter(i -> steps.get(i).writes().stream().anyMatch(b -> b.root() == written.root()))
                .findFirst()
                .orElseThrow();
        steps.set(last, other.apply(steps.get(last)));
    }

    /** Sees to it that the value is in all places that were asked for: in what is made once, once, else in each run. */
    public void materialise(Expr outermost) {
        Expr e = Placements.made(outermost);
        Buffer from = value(e);
        for (Buffer place : pins.takeOthers(e, from.layout(), true)) {
            reorder(e, from, place);
        }
        for (Buffer place : pins.takeOthers(e, from.layout(), false)) {
            reorders.between(e, from, place).forEach(step -> steps.add(step.at(tiled.key(e))));
        }
    }

    /** Brings the value of {@code e}, or what is made of it, into the layout of another buffer. */
    public void reorder(Expr e, Buffer from, Buffer to) {
        reorders.between(e, from, to).forEach(step -> add(e, step));
    }
}
