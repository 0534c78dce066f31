package dev.fluxion.engine;

import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.plan.Turn;
import dev.fluxion.ffi.Blas;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Updates of weights whose gradient is the outer product of two vectors, as a linear layer's is for a single sample: the
 * product is added to the weights where they lie, and the gradient, as large as they are, is neither written nor read.
 */
final class OuterUpdates {
    private final Lowering lowering;
    private final MatMulLowering products;
    private final Set<Expr> taken = new HashSet<>();

    OuterUpdates(Lowering lowering) {
        this.lowering = lowering;
        this.products = new MatMulLowering(lowering);
    }

    /** Takes on a parameter of an update, if that can be done here. */
    boolean take(Update update, int parameter) {
        Expr gradient = update.gradients().get(parameter);
        if (isOuter(gradient)
                && lowering.fusion.isResultOnly(gradient)
                && WeightedSums.of(WrittenRule.of(update.rule(), gradient.shape(), lowering.state))
                        .isPresent()
                && isPlain(update.parameters().get(parameter))) {
            taken.add(gradient);
        }
        return isTaken(gradient);
    }

    boolean isTaken(Expr gradient) {
        return taken.contains(gradient);
    }

    private static boolean isOuter(Expr e) {
        return e.op() instanceof Contraction.MatMul
                && e.shape().rank() == 2
                && e.input(0).shape().dim(1) == 1
                && e.shape().size() >= Fusion.NATIVE_SIZE
                && e.inputs().stream().noneMatch(OuterUpdates::isParameter);
    }

    /** Another update may change a parameter before this one reads it. */
    private static boolean isParameter(Expr e) {
        return e.op() instanceof Leaf.Parameter || e.op() instanceof Movement && isParameter(e.input(0));
    }

    private boolean isPlain(Expr parameter) {
        Layout plain = Lowering.plain(parameter.shape(), Layout.Type.F32);
        return lowering.parameters.layout(UpdateLowering.name(parameter), plain).isPlain();
    }

    /** Emits the checks of the gradients that were taken, and notes what they find. */
    void check(Update update, List<Buffer> checked) {
        for (int i = 0; i < update.parameters().size(); i++) {
            if (isTaken(update.gradients().get(i))) {
                checked.add(check(update.parameters().get(i), update.gradients().get(i)));
            }
        }
    }

    private Buffer check(Expr parameter, Expr gradient) {
        Buffer column = products.vector(gradient.input(0));
        Buffer row = products.vector(gradient.input(1));
        Buffer sums = Buffer.temporary("sums of squares", Layout.plain(2));
        int m = gradient.shape().dim(0);
        int n = gradient.shape().dim(1);
        String name = "the gradient of '" + UpdateLowering.name(parameter) + "'";
        Step.Binder binder = places -> new OuterCheck(
                m, n, places.of(column), places.of(row), places.of(sums), lowering.state::step, at -> name);
        lowering.steps.add(Step.of("finite gradient", "", List.of(column, row), List.of(sums), "openblas", binder)
                .flops(2.0 * (m + n)));
        return sums;
    }

    /** Emits the updates of the parameters that were taken. */
    void apply(Update update, List<Buffer> checked) {
        for (int i = 0; i < update.parameters().size(); i++) {
            if (isTaken(update.gradients().get(i))) {
                apply(update, i, checked);
            }
        }
    }

    /** Threads share the rows. */
    private void apply(Update update, int parameter, List<Buffer> checked) {
        Shape shape = update.gradients().get(parameter).shape();
        int rows = shape.dim(0);
        int count = Math.min(rows, UpdateLowering.pieces((long) shape.size() * Float.BYTES));
        IntStream.range(0, count)
                .forEach(piece -> apply(
                        update,
                        parameter,
                        rows * piece / count,
                        rows * (piece + 1) / count,
                        count == 1 ? Turn.SERIAL : new Turn(piece, Integer.MAX_VALUE),
                        checked));
    }

    private void apply(Update update, int parameter, int from, int to, Turn turn, List<Buffer> checked) {
        Expr gradient = update.gradients().get(parameter);
        int n = gradient.shape().dim(1);
        int m = to - from;
        String name = UpdateLowering.name(update.parameters().get(parameter));
        WrittenRule rule = WrittenRule.of(update.rule(), Shape.of(m * n), lowering.state);
        WeightedSums sums = WeightedSums.of(rule).orElseThrow();
        Map<Expr, Buffer> targets = new LinkedHashMap<>();
        for (Expr target : rule.next().keySet()) {
            Buffer whole = lowering.parameters.buffer(name, rule.slot(target, UpdateLowering.slot(update)));
            targets.put(target, whole.part("rows", () -> (long) from * n * Float.BYTES, Layout.plain(m, n)));
        }
        Buffer column =
                products.vector(gradient.input(0)).part("elements", () -> (long) from * Float.BYTES, Layout.plain(m));
        Buffer row = products.vector(gradient.input(1));
        List<Buffer> reads = new ArrayList<>(targets.values());
        reads.add(column);
        reads.add(row);
        reads.addAll(checked);
        Step.Binder binder = places -> sums.bind(
                m * n,
                target -> places.of(Objects.requireNonNull(targets.get(target))),
                (factor, weights) -> Blas.ger(m, n, factor, places.of(column), places.of(row), weights));
        lowering.steps.add(Step.of(
                        "update " + name + ": outer product",
                        "",
                        reads,
                        List.copyOf(targets.values()),
                        "openblas",
                        binder)
                .flops(sums.flops())
                .at(turn));
    }
}
