package dev.fluxion.engine.update;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.kernel.Finite;
import dev.fluxion.engine.kernel.InTurn;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.Position;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

/**
 * Updates of tables of which a step reads few rows, as of embeddings: where a rule only adds a multiple of the gradient, as gradient
 * descent without momentum and decay, or is one of rows, these rows alone are changed, and the gradient, as large as the table, is
 * never there.
 */
final class RowUpdate extends DirectUpdate {
    private final RuleBook rules;
    private final Map<Expr, Sums> sums = new HashMap<>();

    /** The summed up rows of a gradient, which rows they are, and the sum of all squares. */
    private record Sums(Buffer rows, Buffer firsts, Buffer squares) {
        static Sums of(Shape parts) {
            return new Sums(
                    Buffer.scratch("rows of the gradient", (long) parts.size() * Float.BYTES),
                    Buffer.scratch("which rows", (long) parts.dim(0) * Integer.BYTES),
                    Buffer.scratch("sum of squares", Float.BYTES));
        }
    }

    RowUpdate(Lowering lowering, UpdateLowering updates, RuleBook rules) {
        super(lowering, updates);
        this.rules = rules;
    }

    /** Rules that are of rows must be; others, where that changes few rows. */
    @Override
    boolean holds(Update update, int parameter) {
        Expr gradient = update.gradients().get(parameter);
        boolean can = Update.rows(gradient).isPresent() && isAlone(update, parameter);
        boolean must = update.rule().isOfRows();
        if (must && !can) {
            throw new IllegalArgumentException(Errors.notOfRows(update.rule(), name(update, parameter)));
        }
        return must || can && rules.has(RuleBook.Form.ROWS) && isOfFewRows(gradient) && isSum(update, gradient);
    }

    /** The parts, and the rows that they belong to. */
    @Override
    List<Expr> operands(Expr gradient) {
        return List.of(gradient.input(0), Update.rows(gradient).orElseThrow());
    }

    /** Whether at most half of the rows are named. */
    private static boolean isOfFewRows(Expr gradient) {
        return 2L * gradient.input(0).shape().dim(0) <= gradient.shape().dim(0);
    }

    private boolean isSum(Update update, Expr gradient) {
        return term(update, gradient.shape()).isPresent();
    }

    /** The multiple of the gradient that is added, if that is all that a rule does. */
    private Optional<AxpyUpdate.Term> term(Update update, Shape shape) {
        TracedUpdate rule = TracedUpdate.of(update.rule(), updates.number(update), shape);
        return AxpyUpdate.of(rule)
                .filter(changes -> changes.size() == 1 && rule.next().size() == 1)
                .map(changes -> changes.get(0))
                .filter(AxpyUpdate.Term.class::isInstance)
                .map(AxpyUpdate.Term.class::cast)
                .filter(term -> term.addend() == rule.gradient());
    }

    /** With the sums of rows. */
    @Override
    Buffer check(Update update, int parameter) {
        Expr gradient = update.gradients().get(parameter);
        Sums made = Sums.of(gradient.input(0).shape());
        sums.put(gradient, made);
        List<Buffer> operands = operands(gradient).stream().map(lowering::plain).toList();
        Buffer parts = operands.get(0);
        Buffer ids = operands.get(1);
        Shape shape = gradient.input(0).shape();
        Shape table = gradient.shape();
        GuardSpec guard = updates.guard(update);
        Function<Step.Places, Trial> trial = trial(update, parameter);
        String origin = gradient.origin();
        Step.Binder binder = places -> {
            RowSums add = new RowSums(
                    places.of(parts).floats(),
                    places.of(ids).ints(),
                    places.of(made.rows).floats(),
                    places.of(made.firsts).ints(),
                    shape.dim(0),
                    shape.dim(1),
                    table.dim(0),
                    origin);
            Finite finite = new Finite(places.of(made.rows), places.of(made.squares), shape.size());
            Position position = places.of(Own.POSITION);
            FiniteCheck check = new FiniteCheck(
                    finite,
                    position,
                    at -> Errors.gradientOf(name(update, parameter)),
                    places.of(guard).limit(),
                    trial.apply(places),
                    add.gradient());
            return InTurn.of(List.of(of -> add, of -> check)).bind(places);
        };
        lowering.addToRun(Step.of(
                        "sum of rows, finite gradient",
                        origin,
                        List.of(parts, ids),
                        List.of(made.rows, made.firsts, made.squares),
                        "java:rows",
                        binder)
                .flops(2.0 * shape.size()));
        return made.squares;
    }

    @Override
    void apply(Update update, int parameter) {
        Expr gradient = update.gradients().get(parameter);
        Sums made = Objects.requireNonNull(sums.get(gradient));
        Shape shape = gradient.input(0).shape();
        List<Buffer> tables = targets(update, parameter);
        Step step = term(update, gradient.shape())
                .map(term -> sum(term, made, tables.get(0), shape))
                .orElseGet(() -> rule(update, made, tables, shape));
        updates.emit(name(update, parameter), step, ScheduleKey.SERIAL);
    }

    private static Step sum(AxpyUpdate.Term term, Sums sums, Buffer table, Shape shape) {
        return Step.of(
                        term + " (rows)",
                        "",
                        List.of(sums.rows, sums.firsts, table),
                        List.of(table),
                        "java:rows",
                        places -> add(
                                term.factor().bind(places),
                                places.of(sums.rows).floats(),
                                places.of(sums.firsts).ints(),
                                places.of(table).floats(),
                                shape))
                .flops(2.0 * shape.size());
    }

    /** The rows of all that is changed are brought together, changed as by any rule, and brought back. */
    private Step rule(Update update, Sums sums, List<Buffer> tables, Shape shape) {
        TracedUpdate rule = TracedUpdate.of(update.rule(), updates.number(update), Shape.of(shape.size()));
        Layout flat = Layout.plain(shape.size());
        List<Expr> targets = List.copyOf(rule.next().keySet());
        List<Buffer> rows = targets.stream()
                .map(target -> Buffer.temporary("rows of " + TracedUpdate.name(target), flat))
                .toList();
        Map<Expr, Buffer> places = new HashMap<>(Map.of(rule.gradient(), sums.rows.as(flat)));
        for (int i = 0; i < rows.size(); i++) {
            places.put(targets.get(i), rows.get(i));
        }
        Step change = updates.fused(rule, places);
        List<Buffer> reads = new ArrayList<>(List.of(sums.rows, sums.firsts));
        reads.addAll(tables);
        List<Buffer> scratch = new ArrayList<>(rows);
        scratch.addAll(change.scratch());
        Step.Binder binder = InTurn.of(List.of(
                bound -> RowCopies.of(bound, sums.firsts, tables, rows, shape.dim(1))
                        .out(),
                change.binder(),
                bound -> RowCopies.of(bound, sums.firsts, tables, rows, shape.dim(1))
                        .back()));
        return Step.of(change.operator() + " (rows)", "", reads, tables, change.implementation(), binder)
                .needing(scratch)
                .flops(change.flops());
    }

    private static Step.Kernel add(
            DoubleSupplier factor, FloatBuffer rows, IntBuffer firsts, FloatBuffer table, Shape shape) {
        int width = shape.dim(1);
        float[] value = new float[width];
        float[] addend = new float[width];
        return () -> {
            float scale = (float) factor.getAsDouble();
            for (int i = 0; i < shape.dim(0); i++) {
                int row = firsts.get(i);
                if (row == RowSums.NONE) {
                    continue;
                }
                table.get(row * width, value);
                rows.get(i * width, addend);
                for (int j = 0; j < width; j++) {
                    value[j] = Math.fma(scale, addend[j], value[j]);
                }
                table.put(row * width, value);
            }
        };
    }
}
