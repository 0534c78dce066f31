package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.fn.Reductions;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A loss of three inputs: two outputs of equal shape and a target for each pair of them. Pairs are elements, or rows
 * N×D (or D, a single one) with targets N (or a scalar). The mean is over the pairs.
 *
 * @param formula the loss of single pairs
 * @param reduction how the losses of the pairs are reduced
 * @param strict whether a target that the loss is not defined for is an error
 * @param callSite the file and line that made it
 */
public record PairLoss(Formula formula, LossReduction reduction, boolean strict, CallSite callSite) implements Reduced {
    private static final List<String> INPUTS = List.of("first", "second", "target");

    /** The loss of single pairs, as expressions. */
    @FunctionalInterface
    public interface Each {
        /** The losses of pairs. */
        Expr of(Expr first, Expr second, Expr target);
    }

    /**
     * A loss of single pairs.
     *
     * @param text the loss as the user wrote it
     * @param rows whether pairs are rows and not elements
     * @param each the losses of the pairs
     * @param strictTarget checks the target of a strict loss
     */
    public record Formula(String text, boolean rows, Each each, UnaryOperator<Expr> strictTarget) {
        /** Checks that nothing is null. */
        public Formula {
            Given.require("a loss of pairs", "the text", text);
            Given.require(text, "the formula", each);
            Given.require(text, "the check of targets", strictTarget);
        }
    }

    /** Checks that nothing is null. */
    public PairLoss {
        Options.require(Given.require("a loss of pairs", "the formula", formula).text, reduction, callSite);
    }

    /** This loss with another reduction. */
    public PairLoss reduction(LossReduction other) {
        return new PairLoss(formula, other, strict, callSite);
    }

    /** This loss with or without an error for targets that it is not defined for. */
    public PairLoss strict(boolean on) {
        return new PairLoss(formula, reduction, on, callSite);
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Expr apply(Expr... inputs) {
        return LossCalls.loss(this, callSite, () -> {
            Targets.requireCount(INPUTS, 3, inputs.length);
            for (int i = 0; i < inputs.length; i++) {
                Targets.requireFloat(INPUTS.get(i), inputs[i]);
            }
            Shape shape = inputs[0].shape();
            if (formula.rows && (shape.rank() < 1 || shape.rank() > 2)) {
                throw new ShapeException(Errors.noRows(shape));
            }
            Targets.requireShape("second", shape, inputs[1]);
            Targets.requireShape("target", formula.rows ? shape.without(-1) : shape, inputs[2]);
            Expr target = strict ? formula.strictTarget.apply(inputs[2]) : inputs[2];
            return reduction.of(formula.each.of(inputs[0], inputs[1], target));
        });
    }

    /** max(0, −y·(a−b) + m). */
    static Expr ranking(Expr a, Expr b, Expr y, double margin) {
        return Formulas.hinge(a.sub(b).mul(y).neg().add(margin));
    }

    /** 1 − cos where y = 1, max(0, cos − m) where y = −1, else 0. */
    static Expr cosine(Expr a, Expr b, Expr y, double margin) {
        Expr cos = a.mul(b).sum(-1).div(length(a).mul(length(b)));
        Expr alike = Formulas.only(y.eq(1), cos.neg().add(1));
        return alike.add(Formulas.only(y.eq(-1), Formulas.hinge(cos.sub(margin))));
    }

    private static Expr length(Expr rows) {
        return rows.square().sum(-1).add(1e-12).sqrt();
    }

    /** ½·(y·d² + (1−y)·max(0, m−d)²). */
    static Expr contrastive(Expr a, Expr b, Expr y, double margin) {
        Expr d = Reductions.l2(a.sub(b), -1);
        Expr apart = d.neg().add(margin).relu();
        return y.mul(d.square()).add(y.neg().add(1).mul(apart.square())).mul(0.5);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return formula.text + Text.option("reduction", reduction, LossReduction.MEAN) + Text.strict(strict);
    }
}
