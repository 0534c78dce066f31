package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/** A loss whose inputs have other names. */
record NamedLoss(MultiLoss loss, List<String> inputs) implements MultiLoss {
    NamedLoss(MultiLoss loss, String... names) {
        this(loss, Arrays.asList(Given.require("on", "the names", names)));
    }

    NamedLoss {
        inputs.forEach(name -> Given.require("on", "a name", name));
        int count = loss instanceof Loss ? 2 : loss.inputs().size();
        if (inputs.isEmpty() || count > 0 && inputs.size() != count) {
            throw new IllegalArgumentException(Errors.otherNames(loss, loss.inputs(), inputs));
        }
        if (new HashSet<>(inputs).size() < inputs.size()) {
            throw new IllegalArgumentException(Errors.sameNames(loss, inputs));
        }
        inputs = List.copyOf(inputs);
    }

    @Override
    public Expr apply(Expr... given) {
        if (loss instanceof Loss two && given.length == 2) {
            Shape expected = two.targetShape(given[0].shape());
            boolean fits = two.takesOtherShapes() || given[1].shape().equals(expected);
            if (!fits || given[1].dtype() != two.targetType()) {
                throw new ShapeException(Errors.otherTarget(loss, inputs, given, expected, two.targetType()));
            }
            return two.apply(given[0], given[1]);
        }
        return loss.apply(given);
    }

    @Override
    public DType type(int input) {
        return loss.type(input);
    }

    @Override
    public double sum(double value, double samples) {
        return loss.sum(value, samples);
    }

    @Override
    public double guess(Shape output) {
        return loss.guess(output);
    }

    /** The loss and the names, as the user wrote them. */
    @Override
    public String toString() {
        return Errors.text(loss) + ".on(\"" + String.join("\", \"", inputs) + "\")";
    }
}
