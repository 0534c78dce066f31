package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.UnaryFn;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Adam for tables of vectors, as embeddings have, of which a step reads few: only these change, and only their moments, as if the
 * others had not been there. {@code adam(1e-3).group("embed", sparseAdam(1e-3))}. Like PyTorch's, it counts all steps, whatever rows
 * they read, divides by √v + ε before the bias of v is corrected, and has no weight decay.
 *
 * <p>The gradient of the table must be a sum of rows: the table is read by embeddings alone, in any number, and gradients are neither
 * clipped nor noisy nor accumulated. Its state is {@code exp_avg} and {@code exp_avg_sq}.
 *
 * @param learningRate lr, at least 0
 * @param beta1 β₁ in [0, 1)
 * @param beta2 β₂ in [0, 1)
 * @param eps ε, above 0
 */
public record SparseAdam(double learningRate, double beta1, double beta2, double eps) implements Optimizer {
    private static final String SPARSE_ADAM = "sparseAdam";

    /** Checks the numbers. */
    public SparseAdam {
        Options.requireAdaptive(SPARSE_ADAM, learningRate, beta1, beta2, eps, 0);
        Numbers.requirePositive(SPARSE_ADAM, "eps", eps);
    }

    /** This optimizer with other decay rates of the means of the gradient and of its square. */
    public SparseAdam betas(double first, double second) {
        return new SparseAdam(learningRate, first, second, eps);
    }

    /** This optimizer with another ε. */
    public SparseAdam eps(double epsilon) {
        return new SparseAdam(learningRate, beta1, beta2, epsilon);
    }

    /**
     * The change of each table.
     *
     * @throws IllegalArgumentException if a gradient is no sum of rows
     */
    @Override
    public List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
        List<Expr> sums = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            Expr parameter = parameters.get(i);
            Expr gradient = gradients.get(i);
            sums.add(isKept(gradient) ? gradient : sum(gradient).orElseThrow(() -> refusal(parameter)));
        }
        return List.of(new Update(parameters, sums, this));
    }

    /** Whether only the names of what is kept are asked for, or somebody updates by hand, which compilers refuse. */
    private static boolean isKept(Expr gradient) {
        return gradient.op() instanceof Leaf.Kept || isNegative(gradient) && isKept(gradient.input(0));
    }

    private static boolean isNegative(Expr e) {
        return e.op() instanceof Elementwise.Unary unary && unary.fn() == UnaryFn.NEG;
    }

    private IllegalArgumentException refusal(Expr parameter) {
        return new IllegalArgumentException(Errors.notOfRows(this, ((Leaf.Variable) parameter.op()).parameter()));
    }

    /** A gradient as one sum of rows, if it is a sum of such sums. */
    private static Optional<Expr> sum(Expr gradient) {
        if (Update.rows(gradient).isPresent()) {
            return Optional.of(gradient);
        }
        if (isNegative(gradient)) {
            return sum(gradient.input(0))
                    .map(s -> new Expr(s.op(), List.of(s.input(0).neg(), s.input(1))));
        }
        if (gradient.op() instanceof Elementwise.Binary binary && binary.fn() == BinaryFn.ADD) {
            return sum(gradient.input(0)).flatMap(a -> sum(gradient.input(1)).map(b -> both(a, b)));
        }
        return Optional.empty();
    }

    private static Expr both(Expr a, Expr b) {
        Expr parts = Expr.concat(0, List.of(a.input(0), b.input(0)));
        Expr rows = Expr.concat(
                0, List.of(Update.rows(a).orElseThrow(), Update.rows(b).orElseThrow()));
        return new Expr(a.op(), List.of(parts, rows.broadcastTo(parts.shape())));
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Expr mean = state.keep("exp_avg", m -> m.mul(beta1).add(gradient.mul(1 - beta1)));
        Expr square =
                state.keep("exp_avg_sq", v -> v.mul(beta2).add(gradient.square().mul(1 - beta2)));
        Expr rate = state.scalar((t, lr) -> lr * Math.sqrt(Bias.correction(beta2, t)) / Bias.correction(beta1, t));
        return value.sub(mean.div(square.sqrt().add(eps)).mul(rate));
    }

    @Override
    public boolean isOfRows() {
        return true;
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(SPARSE_ADAM, learningRate) + Options.betas(beta1, beta2) + Text.option("eps", eps, 1e-8);
    }
}
