package dev.fluxion.engine.rule;

import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.List;

/** What forms of contractions compute, in plain operators over the operands of the nodes that they stand for. */
final class Meanings {
    private Meanings() {}

    /** A convolution or a product with its bias and its activation. */
    static Expr forward(Candidate c) {
        Expr core = c.core();
        Expr alone = new Expr(core.op(), core.inputs());
        Expr sum = c.bias()
                .map(b -> alone.add(
                        core.op() instanceof Contraction.Conv
                                ? b.reshape(1, core.shape().dim(1), 1, 1)
                                : b.reshape(1, core.shape().dim(1))))
                .orElse(alone);
        Expr all = c.addend().map(sum::add).orElse(sum);
        Expr activated =
                c.activation().map(a -> new Expr((Elementwise) a, List.of(all))).orElse(all);
        return c.clip().map(b -> new Expr((Elementwise) b, List.of(activated))).orElse(activated);
    }

    /** The gradient of the images of a convolution. */
    static Expr inputGradient(Expr e) {
        Expr y = convolution(e, Expr.input("images", e.shape()), e.input(1));
        return y.op().gradient(y, e.input(0)).get(0);
    }

    /** The gradient of the weights of a convolution, and that of its bias if it is made, too. */
    static List<Expr> weightGradient(Candidate c) {
        Expr e = c.core();
        Expr y = convolution(e, e.input(0), Expr.input("weights", e.shape()));
        List<Expr> meanings = new ArrayList<>();
        meanings.add(y.op().gradient(y, e.input(1)).get(1));
        c.bias().ifPresent(b -> meanings.add(e.input(1).sum(0, 2, 3).reshape(b.shape())));
        return meanings;
    }

    private static Expr convolution(Expr gradient, Expr x, Expr w) {
        return x.conv(w, spec(gradient));
    }

    private static ConvSpec spec(Expr gradient) {
        return gradient.op() instanceof Contraction.ConvGradInput op
                ? op.spec()
                : ((Contraction.ConvGradWeight) gradient.op()).spec();
    }
}
