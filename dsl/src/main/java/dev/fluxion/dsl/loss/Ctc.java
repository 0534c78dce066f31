package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * Connectionist temporal classification (Graves et al., 2006): minus the logarithm of the probability of a sequence
 * of labels, summed over all its alignments with T steps; an alignment repeats labels and has blanks between them.
 * Composed of the α recursion over 2S+1 states in log space, a step of which is in the graph for each step of time.
 *
 * <p>The four inputs are logarithms of probabilities T×N×C (or T×C, of a single sample), labels N×S (or S), of which
 * only the first of each row count, and the integers N (or a scalar) how many steps and labels count. As a trainer's
 * objective it takes outputs N×T×C, batch first, all steps of which count, and labels N×S, a row ending before its
 * first negative number.
 *
 * <p>The mean is that of each loss over its number of labels, at least 1. A sequence that does not fit into the steps
 * has the loss ∞, or 0 with {@code zeroInfinity}, and the gradient 0 in either case (PyTorch's is NaN in the first).
 * The gradient is the derivative; PyTorch's is that only after a logSoftmax, through which both are the same.
 *
 * @param blank the class of the blank
 * @param zeroInfinity whether an infinite loss is replaced by 0
 * @param reduction how the losses of the samples are reduced
 * @param callSite the file and line that made it
 */
public record Ctc(int blank, boolean zeroInfinity, LossReduction reduction, CallSite callSite)
        implements Reduced.Single {
    private static final List<String> INPUTS = List.of("log-probabilities", "labels", "input lengths", "label lengths");

    /** Checks the blank. */
    public Ctc {
        String place = Options.require("ctc()", reduction, callSite);
        Numbers.requireAtLeast(place, "blank", 0, blank);
    }

    /** This loss with another class as the blank. */
    public Ctc blank(int label) {
        return new Ctc(label, zeroInfinity, reduction, callSite);
    }

    /** This loss with infinite losses kept or replaced by 0. */
    public Ctc zeroInfinity(boolean on) {
        return new Ctc(blank, on, reduction, callSite);
    }

    /** This loss with another reduction. */
    public Ctc reduction(LossReduction other) {
        return new Ctc(blank, zeroInfinity, other, callSite);
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public DType type(int input) {
        return input == 0 ? DType.FLOAT : DType.INT;
    }

    /** The shape of targets with as many labels as there are steps; any other number fits as well. */
    @Override
    public Shape targetShape(Shape output) {
        return output.without(-1);
    }

    @Override
    public boolean takesOtherShapes() {
        return true;
    }

    @Override
    public DType targetType() {
        return DType.INT;
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return LossCalls.loss(this, callSite, () -> {
            Shape shape = output.shape();
            if (shape.rank() != 3) {
                throw new ShapeException(Errors.ctcOutput("N×T×C", shape));
            }
            int most = target.shape().rank() == 2 ? target.shape().dim(1) : shape.dim(1);
            Targets.requireIntegers("labels", Shape.of(shape.dim(0), most), target);
            Expr ended = target.lt(0).matmul(upTo(most));
            Expr lengths = ended.eq(0).sum(1).toInt();
            Expr steps = Expr.constant(shape.dim(1)).toInt().broadcastTo(lengths.shape());
            return loss(output.transpose(1, 0, 2), target, steps, lengths);
        });
    }

    @Override
    public Expr apply(Expr... inputs) {
        return LossCalls.loss(this, callSite, () -> {
            Targets.requireCount(INPUTS, 4, inputs.length);
            Shape shape = inputs[0].shape();
            if (shape.rank() == 3) {
                return loss(inputs[0], inputs[1], inputs[2], inputs[3]);
            }
            if (shape.rank() != 2) {
                throw new ShapeException(Errors.ctcOutput("T×N×C or T×C", shape));
            }
            Expr one = loss(
                    inputs[0].reshape(shape.dim(0), 1, shape.dim(1)),
                    inputs[1].reshape(1, inputs[1].shape().size()),
                    inputs[2].reshape(1),
                    inputs[3].reshape(1));
            return one.reshape(Shape.scalar());
        });
    }

    private static Expr upTo(int labels) {
        return Expr.iota(labels).reshape(labels, 1).le(Expr.iota(labels).reshape(1, labels));
    }

    private Expr loss(Expr logs, Expr labels, Expr steps, Expr lengths) {
        int time = logs.shape().dim(0);
        int batch = logs.shape().dim(1);
        int classes = logs.shape().dim(2);
        int most = labels.shape().dim(-1);
        if (blank >= classes) {
            throw new ShapeException(Errors.ctcBlank(blank, classes));
        }
        Targets.requireIntegers("labels", Shape.of(batch, most), labels);
        Targets.requireIntegers("input lengths", Shape.of(batch), steps);
        Targets.requireIntegers("label lengths", Shape.of(batch), lengths);
        Expr inTime = steps.require(steps.ge(0).mul(steps.le(time)), Errors.length("input length", time));
        Expr inRow = lengths.require(lengths.ge(0).mul(lengths.le(most)), Errors.length("label length", most));
        Expr used = Expr.iota(most).reshape(1, most).lt(inRow.reshape(batch, 1));
        Expr kept = used.where(labels, Expr.constant(0).toInt());
        Expr likelihood = ends(alphas(logs, states(Targets.classes(kept, 0, classes)), inTime), inRow);
        Expr possible = likelihood.gt(Formulas.NEVER / 2);
        Expr each = possible.where(likelihood.neg(), Expr.constant(zeroInfinity ? 0 : Double.POSITIVE_INFINITY));
        return reduction == LossReduction.MEAN
                ? each.div(inRow.toFloat().max(1)).mean()
                : reduction.of(each);
    }

    /** The classes of the states N×(2S+1): a blank, and after each label another. */
    private Expr states(Expr labels) {
        int batch = labels.shape().dim(0);
        int most = labels.shape().dim(1);
        Expr column = labels.reshape(batch, most, 1);
        Expr blanks = Expr.constant(blank).toInt();
        Expr pairs = Expr.concat(2, List.of(column, blanks.broadcastTo(column.shape())));
        return Expr.concat(1, List.of(blanks.broadcastTo(Shape.of(batch, 1)), pairs.reshape(batch, 2 * most)));
    }

    /** The logarithm of the probability to be in each state N×(2S+1) after the last step. */
    private static Expr alphas(Expr logs, Expr states, Expr steps) {
        int time = logs.shape().dim(0);
        Shape one = states.shape();
        Expr before2 = shifted(states.toFloat(), 2, -1);
        Expr skips = states.toFloat().ne(before2).mul(before2.ge(0));
        Expr emitted = logs.gather(
                        2,
                        states.reshape(1, one.dim(0), one.dim(1)).broadcastTo(Shape.of(time, one.dim(0), one.dim(1))))
                .max(Formulas.NEVER);
        Expr never = Expr.constant(Formulas.NEVER);
        Expr alpha = Expr.iota(one.dim(1)).eq(0).where(Expr.constant(0), never).broadcastTo(one);
        for (int t = 0; t < time; t++) {
            Expr stay = Formulas.logAddExp(alpha, shifted(alpha, 1, Formulas.NEVER));
            Expr skip = skips.where(shifted(alpha, 2, Formulas.NEVER), never);
            Expr next = Formulas.logAddExp(stay, skip)
                    .add(emitted.slice(0, t, t + 1).reshape(one));
            alpha = steps.gt(t).reshape(one.dim(0), 1).where(next, alpha);
        }
        return alpha;
    }

    private static Expr shifted(Expr rows, int by, double fill) {
        int length = rows.shape().dim(1);
        return rows.pad(1, by, 0, fill).slice(1, 0, length);
    }

    /** What ends in the last label or in the blank after it. */
    private static Expr ends(Expr alpha, Expr lengths) {
        Expr blankEnd = lengths.toFloat().mul(2).reshape(lengths.shape().dim(0), 1);
        Expr last = alpha.gather(1, blankEnd.toInt());
        Expr label = alpha.gather(1, blankEnd.sub(1).max(0).toInt());
        Expr either = blankEnd.eq(0).where(last, Formulas.logAddExp(last, label));
        return either.reshape(lengths.shape());
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "ctc()"
                + Text.option("blank", blank, 0)
                + Text.option("zeroInfinity", zeroInfinity, false)
                + Text.option("reduction", reduction, LossReduction.MEAN);
    }
}
