package dev.fluxion.dsl.loss;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * A loss of several inputs where a loss of an output and a target is wanted. The model makes outputs N×K×…, whose axis 1 holds the inputs of
 * the loss in their order, without the one named {@code target}: a triplet loss takes N×3×D. Targets have the shape
 * of one part, or of one number for each of its rows where the loss takes rows. A loss without a target is trained
 * with labels N, which it ignores.
 *
 * @param loss the loss of several inputs
 */
public record Stacked(MultiLoss loss) implements Loss {
    private static final String TARGET = "target";

    /** Requires names of the inputs. */
    public Stacked {
        if (Given.require("stacked", "the loss", loss).inputs().isEmpty()) {
            throw new IllegalArgumentException(Errors.noInputNames());
        }
    }

    @Override
    public Shape targetShape(Shape output) {
        List<String> parts = parts();
        if (output.rank() < 2 || output.dim(1) != parts.size()) {
            throw new ShapeException(Text.of(loss) + ": " + Errors.stackedOutput(parts, output));
        }
        Shape part = output.without(1);
        boolean rows = loss instanceof PairLoss pairs && pairs.formula().rows();
        return hasTarget() ? rows ? part.without(-1) : part : Shape.of(output.dim(0));
    }

    @Override
    public DType targetType() {
        return hasTarget() ? loss.type(loss.inputs().indexOf(TARGET)) : DType.INT;
    }

    @Override
    public double sum(double value, double samples) {
        return loss.sum(value, samples);
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        Targets.requireShape("targets", targetShape(output.shape()), target);
        Shape part = output.shape().without(1);
        List<String> names = loss.inputs();
        Expr[] inputs = new Expr[names.size()];
        int next = 0;
        for (int i = 0; i < inputs.length; i++) {
            if (names.get(i).equals(TARGET)) {
                inputs[i] = target;
            } else {
                inputs[i] = output.slice(1, next, next + 1).reshape(part);
                next++;
            }
        }
        return loss.apply(inputs);
    }

    private boolean hasTarget() {
        return loss.inputs().contains(TARGET);
    }

    private List<String> parts() {
        return loss.inputs().stream().filter(name -> !name.equals(TARGET)).toList();
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "stacked(" + Text.of(loss) + ")";
    }
}
