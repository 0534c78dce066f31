package dev.fluxion.engine.update;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.error.Errors;
import dev.fluxion.engine.kernel.Calls;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.engine.store.Own;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Updates of weights whose gradient is the outer product of two vectors, as a linear layer's is for a single sample: the
 * product is added to the weights where they lie, and the gradient, as large as they are, is neither written nor read.
 */
final class RankOneUpdate extends DirectUpdate {
    /** From this size on, a pass over memory is worth a kernel of its own. */
    private static final int SIZE = 1024;

    private final RuleBook rules;

    RankOneUpdate(Lowering lowering, UpdateLowering updates, RuleBook rules) {
        super(lowering, updates);
        this.rules = rules;
    }

    @Override
    boolean holds(Update update, int parameter) {
        Expr gradient = update.gradients().get(parameter);
        return rules.has(RuleBook.Form.RANK_ONE)
                && isOuter(gradient)
                && AxpyUpdate.of(TracedUpdate.of(update.rule(), updates.number(update), gradient.shape()))
                        .isPresent()
                && isAlone(update, parameter);
    }

    @Override
    List<Expr> operands(Expr gradient) {
        return gradient.inputs();
    }

    private static boolean isOuter(Expr e) {
        return e.op() instanceof Contraction.MatMul
                && e.shape().rank() == 2
                && e.input(0).shape().dim(1) == 1
                && e.shape().size() >= SIZE
                && e.inputs().stream().noneMatch(RankOneUpdate::isParameter);
    }

    /** Another update may change a parameter before this one reads it. */
    private static boolean isParameter(Expr e) {
        return e.op() instanceof Leaf.Variable || e.op() instanceof Movement && isParameter(e.input(0));
    }

    @Override
    Buffer check(Update update, int parameter) {
        Expr gradient = update.gradients().get(parameter);
        Buffer column = vector(gradient.input(0));
        Buffer row = vector(gradient.input(1));
        Buffer columnSquares = Buffer.scratch("sum of squares", Float.BYTES);
        Buffer rowSquares = Buffer.scratch("sum of squares", Float.BYTES);
        int m = gradient.shape().dim(0);
        int n = gradient.shape().dim(1);
        GuardSpec guard = updates.guard(update);
        Function<Step.Places, Trial> trial = trial(update, parameter);
        Step.Binder squares =
                places -> Calls.one(Blas.dot(m, places.of(column), places.of(column), places.of(columnSquares)));
        Step.Binder check = places -> new RankOneCheck(
                new RankOneCheck.Vector(
                        m, places.of(column).floats(), places.of(columnSquares).floats()),
                new RankOneCheck.Vector(
                        n, places.of(row).floats(), places.of(rowSquares).floats()),
                Blas.dot(n, places.of(row), places.of(row), places.of(rowSquares)),
                places.of(Own.POSITION),
                Errors.gradientOf(name(update, parameter)),
                places.of(guard).limit(),
                trial.apply(places));
        lowering.addToRun(Step.of("sum of squares", "", List.of(column), List.of(columnSquares), "openblas", squares)
                .flops(2.0 * m));
        lowering.addToRun(Step.of(
                        "finite gradient",
                        "",
                        List.of(column, row, columnSquares),
                        List.of(rowSquares),
                        "openblas",
                        check)
                .flops(2.0 * n));
        return rowSquares;
    }

    /** Where the numbers of a row or a column lie, one beside the other. */
    private Buffer vector(Expr operand) {
        Buffer buffer = lowering.value(operand);
        return buffer.layout().isDense() ? buffer : lowering.plain(operand);
    }

    /** Threads share the rows. */
    @Override
    void apply(Update update, int parameter) {
        Shape shape = update.gradients().get(parameter).shape();
        int rows = shape.dim(0);
        int count = Math.min(rows, UpdateLowering.pieces((long) shape.size() * Float.BYTES));
        for (int piece = 0; piece < count; piece++) {
            ScheduleKey key = count == 1 ? ScheduleKey.SERIAL : ScheduleKey.last(piece);
            apply(update, parameter, at(rows, piece, count), at(rows, piece + 1, count), key);
        }
    }

    private static int at(int rows, int piece, int count) {
        return (int) ((long) rows * piece / count);
    }

    private void apply(Update update, int parameter, int from, int to, ScheduleKey key) {
        Expr gradient = update.gradients().get(parameter);
        int n = gradient.shape().dim(1);
        int m = to - from;
        TracedUpdate rule = TracedUpdate.of(update.rule(), updates.number(update), Shape.of(m * n));
        Map<Expr, Buffer> places = new HashMap<>();
        for (Expr target : rule.next().keySet()) {
            Buffer whole = lowering.buffer(rule.variable(target, UpdateLowering.variable(update, parameter)));
            places.put(target, whole.part("rows", () -> (long) from * n * Float.BYTES, Layout.plain(m, n)));
        }
        Buffer column = vector(gradient.input(0)).part("elements", () -> (long) from * Float.BYTES, Layout.plain(m));
        Buffer row = vector(gradient.input(1));
        Rows rows = Rows.of(m, n, places, rule.gradient(), column, row);
        for (AxpyUpdate.Change change : AxpyUpdate.of(rule).orElseThrow()) {
            updates.emit(name(update, parameter), change.step(rows), key);
        }
    }
}
