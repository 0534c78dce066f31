package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.Flops;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.TensorLayout;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.MatMul;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Products of matrices by the library's kernel, with bias and activation; also of many pairs of matrices. Operands are read as
 * they lie, or packed where they are read again and again.
 *
 * @param small multiplications: fewer go to BLAS, as does a single row, since the native kernel's start-up costs more than it
 *     gains
 * @param rows with fewer, panels of 64 columns are measured to be faster
 * @param few weights: with fewer, it does not matter how they lie
 * @param many weights: more come from memory, faster in wide panels
 */
public record ProductRule(long small, int rows, int few, int many) implements Rule {
    private static final List<Arg> ARGUMENTS = List.of(Arg.SOURCE, Arg.WEIGHTS, Arg.BIAS);

    @Override
    public String name() {
        return "product";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        Expr e = c.core();
        if (!(e.op() instanceof Contraction.MatMul)) {
            return Optional.empty();
        }
        if (e.shape().rank() > 2) {
            return facts.offered(many(e))
                    .map(primitive -> match(c, primitive, Laid.plain(e.input(0)), Laid.plain(e.input(1))));
        }
        long multiplications = (long) e.shape().size() * e.input(0).shape().dim(1);
        if (e.shape().dim(0) == 1 || multiplications < small) {
            return Optional.empty();
        }
        return offered(c, MatrixView.of(e.input(0), facts), MatrixView.of(e.input(1), facts), facts)
                .or(() -> offered(c, MatrixView.plain(e.input(0)), MatrixView.plain(e.input(1)), facts));
    }

    private Optional<Match> offered(Candidate c, MatrixView a, MatrixView b, Facts facts) {
        boolean packed = facts.isPacked(c.core());
        return rights(c.core(), b, packed, facts).stream()
                .flatMap(right -> facts.offered(operation(c, a.layout(), right)).stream())
                .findFirst()
                .map(primitive -> match(
                        c,
                        primitive,
                        a.laid(),
                        packed ? new Laid(b.laid().value(), primitive.layout(Arg.WEIGHTS)) : b.laid()));
    }

    /** The layouts in which the right operand is wanted, the best first. */
    private List<Layout> rights(Expr product, MatrixView b, boolean packed, Facts facts) {
        if (!packed) {
            return List.of(b.layout());
        }
        Shape w = product.input(1).shape();
        return isInPanels(product, facts)
                ? List.of(Layout.panels(w.dim(0), w.dim(1)), TensorLayout.any(w))
                : List.of(TensorLayout.any(w));
    }

    /**
     * Whether weights that nobody changes are packed in panels of 32 columns rather than of 64, which the library would choose. Sums
     * of twice as many rows stay in registers then, so that the weights are read half as often.
     */
    private boolean isInPanels(Expr product, Facts facts) {
        int weights = product.input(1).shape().size();
        return facts.isStable(product.input(1)) && product.shape().dim(0) >= rows && weights >= few && weights <= many;
    }

    /** Operands that lie otherwise than they are told to lie are views of the same numbers. */
    private Match match(Candidate c, Primitive primitive, Laid left, Laid right) {
        List<Laid> operands = new ArrayList<>(List.of(left, right));
        c.bias().ifPresent(b -> operands.add(Laid.plain(b)));
        return Match.step(this, c, operands, plain(c.root()), () -> Meanings.forward(c), (buffers, to) -> {
            Map<Arg, Buffer> reads = new LinkedHashMap<>();
            for (int i = 0; i < buffers.size(); i++) {
                Arg arg = ARGUMENTS.get(i);
                reads.put(arg, buffers.get(i).as(primitive.layout(arg)));
            }
            return Primitives.step(
                    c.operator(), c.root().origin(), primitive, reads, Map.of(Arg.DESTINATION, to), Flops.of(c.core()));
        });
    }

    /** The operation on operands in some layouts. */
    static MatMul operation(Candidate c, Layout left, Layout right) {
        return MatMul.of(left, right, plain(c.core()))
                .bias(c.bias()
                        .map(b -> Layout.plain(1, c.core().shape().dim(1)))
                        .orElse(null))
                .postOps(NativeFunctions.after(c.activation()));
    }

    private static MatMul many(Expr e) {
        return MatMul.of(plain(e.input(0)), plain(e.input(1)), plain(e));
    }

    private static Layout plain(Expr e) {
        return TensorLayout.plain(e.shape(), Layout.Type.F32);
    }
}
