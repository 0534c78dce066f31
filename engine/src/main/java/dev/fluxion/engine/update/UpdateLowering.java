package dev.fluxion.engine.update;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.kernel.Fill;
import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.engine.rule.Fusion;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.engine.store.Block;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.ParameterStore;
import dev.fluxion.engine.store.Position;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Updates of parameters: gradients are gathered in one block of the parameters' geometry, checked, and the rule runs over
 * each range of neighbouring parameters as over one flat vector.
 */
public final class UpdateLowering {
    /** Fewer bytes are changed by one thread before another one is there. */
    private static final long PIECE = 1 << 17;

    private final Lowering lowering;
    private final RuleBook rules;
    private final List<Update> all;
    /** What the checks have found, and the outputs, whose steps may refuse a value: updates wait for all of them. */
    private final List<Buffer> checked = new ArrayList<>();

    private final Map<Update, GradientBlock> gradients = new HashMap<>();
    private final Map<Update, GuardSpec> guards = new HashMap<>();
    /** Who computes gradients within the update: the first that can. */
    private final List<DirectUpdate> direct;

    public UpdateLowering(Lowering lowering, RuleBook rules) {
        this.lowering = lowering;
        this.rules = rules;
        this.all = lowering.tiled().graph().stages().stream()
                .flatMap(s -> s.updates().stream())
                .toList();
        this.direct = List.of(new RankOneUpdate(lowering, this, rules), new RowUpdate(lowering, this, rules));
    }

    /** The number of an update of the graph. */
    public int number(Update update) {
        return all.indexOf(update);
    }

    /**
     * How many threads can share a change of so many bytes, whatever their number. As a power of two: pieces of one weight's rows
     * end where the parts of products do that read them, and a thread changes what it has read.
     */
    public static int pieces(long bytes) {
        return Integer.highestOneBit((int) Math.max(1, Math.min(Tiling.STRANDS, bytes / PIECE)));
    }

    /** What an update reads that computes the gradient itself; nothing if it does not. */
    public List<Expr> operands(Expr gradient) {
        return direct.stream()
                .filter(form -> form.isTaken(gradient))
                .findFirst()
                .map(form -> form.operands(gradient))
                .orElse(List.of());
    }

    /** Whether the gradient is computed by the update itself. */
    public boolean isTaken(Expr gradient) {
        return direct.stream().anyMatch(form -> form.isTaken(gradient));
    }

    /** Sees to it that gradients are gathered, unless parameters keep them and the stage leaves them as they are. */
    public void pinGradients(Graph.Stage stage) {
        Set<Op> changed = new HashSet<>();
        stage.updates().forEach(u -> u.parameters().forEach(p -> changed.add(p.op())));
        for (Update update : stage.updates()) {
            boolean changes = update.gradients().stream().anyMatch(g -> changed.contains(g.op()));
            if (kept(update).isEmpty() || changes || update.rule().isOfRows()) {
                gather(update);
            }
        }
    }

    private void gather(Update update) {
        ParameterStore parameters = lowering.parameters();
        int[] others = IntStream.range(0, update.parameters().size())
                .filter(i -> direct.stream().noneMatch(form -> form.take(update, i)))
                .toArray();
        GradientBlock gathered = new GradientBlock(
                Arrays.stream(others)
                        .mapToObj(i -> name(update.parameters().get(i)))
                        .toList(),
                parameters::offset,
                parameters::end);
        gradients.put(update, gathered);
        for (int i : others) {
            String name = name(update.parameters().get(i));
            Layout plain = TensorLayout.plain(update.parameters().get(i).shape(), Layout.Type.F32);
            lowering.pin(update.gradients().get(i), made -> gathered.gradient(name, parameters.layout(name, plain)));
        }
    }

    public void lower(Graph.Stage stage) {
        checked.clear();
        stage.outputs().keySet().forEach(name -> checked.add(lowering.output(name)));
        stage.carried().keySet().forEach(leaf -> checked.add(lowering.carried(leaf)));
        stage.outputs().forEach(this::checkOutput);
        for (Update update : stage.updates()) {
            for (Range range : ranges(update)) {
                if (gradients.containsKey(update)) {
                    clearGaps(range, source(update, range));
                }
                range.pieces().forEach(piece -> checkGradients(update, piece));
            }
            direct.forEach(form -> form.taken(update).forEach(i -> checked.add(form.check(update, i))));
        }
        for (Update update : stage.updates()) {
            for (Range range : ranges(update)) {
                range.pieces().forEach(piece -> apply(update, piece));
            }
            direct.forEach(form -> form.taken(update).forEach(i -> form.apply(update, i)));
        }
    }

    private void checkOutput(String name, Expr e) {
        if (!all.isEmpty() && e.shape().size() == 1 && e.dtype() == DType.FLOAT) {
            Buffer output = lowering.output(name);
            check("finite " + name, output, 1, ScheduleKey.SERIAL, at -> name, places -> Limit.FINITE, places -> null);
        }
    }

    /** Between the gradients of two parameters lies whatever was in that part of the arena before. */
    private void clearGaps(Range range, Buffer source) {
        int[] gaps = range.gaps(lowering.parameters());
        if (gaps.length > 0) {
            Step.Binder binder = Fill.zeros(gaps, source);
            lowering.addToRun(Step.of("clear gaps", "", List.of(), List.of(source), "java:fill", binder));
        }
    }

    private void checkGradients(Update update, Range range) {
        Buffer source = source(update, range);
        int count = (int) ((range.end() - range.start()) / Float.BYTES);
        Elements elements = elements(range);
        GuardSpec guard = guard(update);
        TracedUpdate rule = chunk(update, count);
        List<Buffer> targets = List.copyOf(places(update, rule, range).values());
        Trials trials = places -> new Trial(rule, targets, count, elements, places);
        IntFunction<String> name = update.assigns()
                ? at -> Errors.nextValueOf(elements.name(at))
                : at -> Errors.gradientOf(elements.name(at));
        check(
                "finite gradients",
                source,
                count,
                range.key(),
                name,
                places -> places.of(guard).limit(),
                guard.isBlind() ? places -> null : trials);
    }

    /** Makes the trial that a check falls back to, if there is one. */
    private interface Trials {
        @Nullable
        Trial bind(Step.Places places);
    }

    /** Finds the limit of a check. */
    private interface Limits {
        Limit bind(Step.Places places);
    }

    private void check(
            String operator,
            Buffer source,
            int count,
            ScheduleKey key,
            IntFunction<String> name,
            Limits limits,
            Trials trials) {
        Buffer sum = Buffer.scratch("sum of squares", Float.BYTES);
        Step.Binder binder = places -> {
            Finite finite = new Finite(places.of(source), places.of(sum), count);
            Position position = places.of(Own.POSITION);
            return new FiniteCheck(finite, position, name, limits.bind(places), trials.bind(places));
        };
        checked.add(sum);
        lowering.addToRun(Step.of(operator, "", List.of(source), List.of(sum), "openblas", binder)
                .flops(2.0 * count)
                .at(key));
    }

    /** Whether a parameter lies row by row, or nobody has laid it out otherwise. */
    boolean isPlain(Expr parameter) {
        Layout plain = TensorLayout.plain(parameter.shape(), Layout.Type.F32);
        return lowering.parameters().layout(name(parameter), plain).isPlain();
    }

    private Elements elements(Range range) {
        return range.elements(lowering.parameters());
    }

    /** What knows how large the numbers of an update can become. */
    public GuardSpec guard(Update update) {
        return guards.computeIfAbsent(update, this::guarding);
    }

    private GuardSpec guarding(Update update) {
        TracedUpdate rule = chunk(update, 1);
        List<Block> targets = targets(update, rule, 0);
        boolean uniform = IntStream.range(0, update.parameters().size())
                .allMatch(i -> targets(update, rule, i).equals(targets));
        boolean blind = !uniform || !Growth.isBoundable(rule);
        return new GuardSpec(rule, targets, blind, blind || !Growth.isLasting(rule));
    }

    private static List<Block> targets(Update update, TracedUpdate rule, int parameter) {
        return rule.next().keySet().stream()
                .map(target -> Block.of(rule.variable(target, variable(update, parameter))))
                .toList();
    }

    /** The rule, written for a few elements of so many. */
    TracedUpdate chunk(Update update, int count) {
        return TracedUpdate.of(update.rule(), number(update), Shape.of(Math.min(count, Trial.CHUNK)));
    }

    private Map<Expr, Buffer> places(Update update, TracedUpdate rule, Range range) {
        Map<Expr, Buffer> places = new LinkedHashMap<>();
        rule.next()
                .keySet()
                .forEach(target ->
                        places.put(target, block(rule.variable(target, variable(update, 0)), range, range.layout())));
        return places;
    }

    private void apply(Update update, Range range) {
        Layout layout = range.layout();
        TracedUpdate rule = TracedUpdate.of(update.rule(), number(update), Shape.of((int) layout.elements()));
        Map<Expr, Buffer> places = places(update, rule, range);
        places.put(rule.gradient(), source(update, range));
        String kind = update.assigns() ? " buffers" : " parameters";
        String names =
                range.names().size() == 1 ? range.names().get(0) : range.names().size() + kind;
        Rows rows = Rows.flat(rule.shape().size(), places);
        AxpyUpdate.of(rule)
                .filter(changes -> rules.has(RuleBook.Form.WEIGHTED_SUMS))
                .map(changes -> changes.stream().map(c -> c.step(rows)).toList())
                .orElseGet(() -> List.of(fused(rule, places)))
                .forEach(step -> emit(names, looking(step, update, rule, places, range), range.key()));
    }

    /** Emits a step that changes parameters, to run after all checks, beside those of other strands that change others. */
    void emit(String names, Step step, ScheduleKey key) {
        List<Buffer> reads = new ArrayList<>(step.reads());
        reads.addAll(checked);
        // An order before that of the checks, which are last: no strand begins before all have met behind them.
        ScheduleKey next = key.isStrand() ? new ScheduleKey(key.strand(), 0) : key;
        String operator = "update " + names + ": " + step.operator();
        lowering.addToRun(Step.of(operator, "", reads, step.writes(), step.implementation(), step.binder())
                .needing(step.scratch())
                .flops(step.flops())
                .at(next));
    }

    /** The step of a rule whose vectors lie in these places. */
    Step fused(TracedUpdate rule, Map<Expr, Buffer> places) {
        FusedBuilder builder =
                new FusedBuilder(rule.shape(), Layout.plain(rule.shape().size()), new Flat(rule, places));
        rule.next().forEach((target, next) -> builder.add(next, Objects.requireNonNull(places.get(target))));
        return builder.build("");
    }

    /** The same step with a look at what it writes, where that is wanted. */
    private Step looking(Step step, Update update, TracedUpdate rule, Map<Expr, Buffer> places, Range range) {
        GuardSpec spec = guard(update);
        List<Buffer> targets = rule.next().keySet().stream().map(places::get).toList();
        Afterwards.Sighting sighting = bound -> {
            Guard guard = bound.of(spec);
            return (written, squares) -> guard.saw(targets.indexOf(written), squares);
        };
        return spec.looks() ? Afterwards.step(step, sighting, Errors.optimizer(update.rule()), elements(range)) : step;
    }

    /** The gradients of a range: gathered in the arena, or kept by the parameters. */
    private Buffer source(Update update, Range range) {
        GradientBlock gathered = gradients.get(update);
        return gathered == null
                ? block(kept(update).orElseThrow(), range, range.layout())
                : gathered.stretch(range.names().get(0), range.start(), range.layout());
    }

    /** A stretch of the block that a variable is in. */
    private Buffer block(Leaf.Variable variable, Range range, Layout layout) {
        Block block = Block.of(variable);
        return Buffer.fixed(block.name(), layout, block, () -> range.start());
    }

    /** What the gradients are kept in, if each is in the same slot of its parameter. */
    private static Optional<Leaf.Variable> kept(Update update) {
        Optional<Leaf.Variable> first = Optional.empty();
        for (int i = 0; i < update.parameters().size(); i++) {
            if (!(update.gradients().get(i).op() instanceof Leaf.Kept kept)) {
                return Optional.empty();
            }
            if (first.isEmpty()) {
                first = Optional.of(kept);
            }
            Slot expected =
                    ((Leaf.Kept) first.get()).slot().of(name(update.parameters().get(i)));
            if (!kept.slot().equals(expected)) {
                return Optional.empty();
            }
        }
        return first;
    }

    static Leaf.Variable variable(Update update, int index) {
        return (Leaf.Variable) update.parameters().get(index).op();
    }

    static String name(Expr parameter) {
        return ((Leaf.Variable) parameter.op()).parameter();
    }

    private List<Range> ranges(Update update) {
        return Range.of(
                lowering.parameters(),
                IntStream.range(0, update.parameters().size())
                        .filter(i -> !isTaken(update.gradients().get(i)))
                        .mapToObj(i -> name(update.parameters().get(i))));
    }

    /** What a rule's expressions over one range stand on. */
    private record Flat(TracedUpdate rule, Map<Expr, Buffer> places) implements FusedBuilder.Operands {
        @Override
        public boolean isInside(Expr e) {
            return e.op() instanceof Movement.Broadcast
                    || Fusion.isElementwise(e) && e.shape().equals(rule.shape());
        }

        @Override
        public Buffer buffer(Expr e) {
            Buffer place = places.get(e);
            if (place == null) {
                throw new IllegalArgumentException(Errors.notElementwise(e));
            }
            return place;
        }

        @Override
        public Optional<Step.Scalar> scalar(Expr e) {
            return rule.number(e);
        }
    }
}
