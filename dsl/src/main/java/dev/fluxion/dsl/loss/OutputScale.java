package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Findings;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.Elementwise.Binary;
import dev.fluxion.ir.Elementwise.Unary;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Normalised;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.UnaryFn;

/** On which scale outputs are, as what made them tells: a loss that takes another one learns little, and without an error. */
enum OutputScale {
    /** Any numbers, as weights make them. */
    LOGITS,
    PROBABILITIES,
    LOGARITHMS,
    /** Nothing tells. */
    UNKNOWN;

    /** Tells of logits that are probabilities; the loss at work applies a function itself. */
    static void requireLogits(Expr output, String itself) {
        if (of(output) == PROBABILITIES) {
            tell(output, "logits", "leave that out, the loss applies a " + itself + " itself");
        }
    }

    /** Tells of probabilities that are something else. */
    static void requireProbabilities(Expr output, String advice) {
        OutputScale scale = of(output);
        if (scale == LOGITS || scale == LOGARITHMS) {
            tell(output, "probabilities", advice);
        }
    }

    /** Tells of logarithms of probabilities that are something else. */
    static void requireLogarithms(Expr output, String advice) {
        OutputScale scale = of(output);
        if (scale == LOGITS || scale == PROBABILITIES) {
            tell(output, "logarithms of probabilities", advice);
        }
    }

    private static void tell(Expr output, String expected, String advice) {
        Expr loss = Expr.constant(0);
        Findings.found(new Finding(
                Check.OUTPUT_SCALE,
                (loss.origin() + " " + loss.place()).strip(),
                Errors.otherScale(expected, made(output)),
                advice));
    }

    /** What made a value, with its line. */
    private static String made(Expr output) {
        Expr e = moved(output);
        return e.origin().isEmpty() ? e.op().toString() : (e.origin() + " " + e.place()).strip();
    }

    static OutputScale of(Expr output) {
        Expr e = moved(output);
        if (e.op() instanceof Normalised.Softmax || unary(e, UnaryFn.SIGMOID) || isShare(e)) {
            return PROBABILITIES;
        }
        if (e.op() instanceof Normalised.LogSoftmax || unary(e, UnaryFn.LOG) && of(e.input(0)) == PROBABILITIES) {
            return LOGARITHMS;
        }
        boolean biased = e.op() instanceof Binary two
                && two.fn() == BinaryFn.ADD
                && moved(e.input(1)).op() instanceof Leaf.Parameter;
        return isWeighted(biased ? moved(e.input(0)) : e) ? LOGITS : UNKNOWN;
    }

    /** eˣ over a sum of it. */
    private static boolean isShare(Expr e) {
        return e.op() instanceof Binary two
                && two.fn() == BinaryFn.DIV
                && unary(e.input(0), UnaryFn.EXP)
                && moved(e.input(1)).op() instanceof Reduction.Sum
                && moved(e.input(1)).input(0) == e.input(0);
    }

    /** A product with parameters, as of a linear layer or a convolution. */
    private static boolean isWeighted(Expr e) {
        return e.op() instanceof Contraction
                && e.inputs().stream().anyMatch(in -> moved(in).op() instanceof Leaf.Parameter);
    }

    private static boolean unary(Expr e, UnaryFn fn) {
        return e.op() instanceof Unary one && one.fn() == fn;
    }

    /** The value whose elements these are, or those that dropout leaves. */
    private static Expr moved(Expr moved) {
        Expr e = moved;
        while (isMoved(e) || isDropped(e)) {
            e = e.input(0);
        }
        return e;
    }

    private static boolean isMoved(Expr e) {
        return e.op() instanceof Movement && e.inputs().size() == 1 && !(e.op() instanceof Movement.Pad);
    }

    private static boolean isDropped(Expr e) {
        return e.op() instanceof Binary two && two.fn() == BinaryFn.MUL && isDrawn(e.input(1));
    }

    /** Whether it is made of random numbers and constants, as what dropout multiplies with. */
    private static boolean isDrawn(Expr drawn) {
        Expr e = drawn;
        while (isMoved(e) || e.op() instanceof Binary && isConstant(e.input(1))) {
            e = e.input(0);
        }
        return e.op() instanceof Leaf.Uniform;
    }

    private static boolean isConstant(Expr constant) {
        Expr e = constant;
        while (isMoved(e)) {
            e = e.input(0);
        }
        return e.op() instanceof Leaf.Constant;
    }
}
