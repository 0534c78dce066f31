package dev.fluxion.engine.update;

import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A form of updates that compute the gradients of some parameters themselves: these are as large as the parameters, and are never there. */
abstract class DirectUpdate {
    final Lowering lowering;
    final UpdateLowering updates;
    private final Set<Expr> taken = new HashSet<>();

    DirectUpdate(Lowering lowering, UpdateLowering updates) {
        this.lowering = lowering;
        this.updates = updates;
    }

    /** Whether a parameter of an update can, and should, be updated in this form. */
    abstract boolean holds(Update update, int parameter);

    /** What a gradient is computed of. */
    abstract List<Expr> operands(Expr gradient);

    /** Emits the check of a gradient; gives what it finds. */
    abstract Buffer check(Update update, int parameter);

    /** Emits the update of a parameter. */
    abstract void apply(Update update, int parameter);

    /** Takes on a parameter of an update, if that can be done here. */
    boolean take(Update update, int parameter) {
        Expr gradient = update.gradients().get(parameter);
        if (holds(update, parameter)) {
            taken.add(gradient);
        }
        return isTaken(gradient);
    }

    boolean isTaken(Expr gradient) {
        return taken.contains(gradient);
    }

    /** The parameters of an update that were taken. */
    IntStream taken(Update update) {
        return IntStream.range(0, update.parameters().size())
                .filter(i -> isTaken(update.gradients().get(i)));
    }

    /** Whether nobody else reads the gradient, the parameter lies row by row, and nobody looks at what is written. */
    boolean isAlone(Update update, int parameter) {
        return lowering.readers().isResultOnly(update.gradients().get(parameter))
                && updates.isPlain(update.parameters().get(parameter))
                && !updates.guard(update).looks();
    }

    /** Makes the trial of a check, of the whole parameter. */
    Function<Step.Places, Trial> trial(Update update, int parameter) {
        Shape shape = update.gradients().get(parameter).shape();
        int count = shape.size();
        TracedUpdate rule = updates.chunk(update, count);
        List<Buffer> targets = targets(update, parameter);
        Elements elements =
                new Elements(List.of(new Elements.Part(name(update, parameter), 0, count, count, shape, true)));
        return places -> new Trial(rule, targets, count, elements, places);
    }

    /** What the rule changes, in its order. */
    List<Buffer> targets(Update update, int parameter) {
        TracedUpdate rule = updates.chunk(update, 1);
        return rule.next().keySet().stream()
                .map(target -> lowering.buffer(rule.variable(target, UpdateLowering.variable(update, parameter))))
                .toList();
    }

    static String name(Update update, int parameter) {
        return UpdateLowering.name(update.parameters().get(parameter));
    }
}
