package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;

/**
 * The hinge loss of samples with several classes: for outputs x, N×C (or C, of a single sample), and integer targets
 * of the same shape, each row of which lists classes T up to its first −1, (1/C)·Σ over j in T and i not in T of
 * max(0, 1 − x[j] + x[i]); its derivative at the kink is 0. The mean is over the samples.
 *
 * @param reduction how the losses of the samples are reduced
 * @param callSite the file and line that made it
 */
public record MultiLabelMargin(LossReduction reduction, CallSite callSite) implements Reduced.Single {
    /** Checks that nothing is null. */
    public MultiLabelMargin {
        Options.require("multiLabelMargin()", reduction, callSite);
    }

    /** This loss with another reduction. */
    public MultiLabelMargin reduction(LossReduction other) {
        return new MultiLabelMargin(other, callSite);
    }

    @Override
    public DType targetType() {
        return DType.INT;
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return LossCalls.loss(this, callSite, () -> {
            Shape rows = Classes.requireRows(output.shape());
            Targets.requireIntegers("lists of classes", output.shape(), target);
            Expr list = Targets.classes(target, -1, rows.dim(1)).reshape(rows);
            Expr each = each(output.reshape(rows), list);
            return reduction.of(each.reshape(output.shape().without(-1)));
        });
    }

    private static Expr each(Expr x, Expr list) {
        int n = x.shape().dim(0);
        int c = x.shape().dim(1);
        Expr listed = beforeTheFirstEnd(list, c);
        Expr classes = listed.where(list, Expr.constant(0).toInt());
        Expr named = classes.reshape(n, c, 1).eq(Expr.iota(c).reshape(1, 1, c)).mul(listed.reshape(n, c, 1));
        Expr others = named.maxOver(1).eq(0).reshape(n, 1, c);
        Expr shortfall = x.reshape(n, 1, c)
                .sub(x.gather(1, classes).reshape(n, c, 1))
                .add(1)
                .relu();
        Expr counted = others.mul(listed.reshape(n, c, 1));
        return Formulas.only(counted, shortfall).sum(1, 2).mul(1.0 / c);
    }

    /** 1 where no −1 stands at or before a place of its row: the running count of them is a product with a triangle. */
    private static Expr beforeTheFirstEnd(Expr list, int c) {
        Expr triangle = Expr.iota(c).reshape(c, 1).le(Expr.iota(c).reshape(1, c));
        return list.lt(0).matmul(triangle).eq(0);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "multiLabelMargin()" + Text.option("reduction", reduction, LossReduction.MEAN);
    }
}
