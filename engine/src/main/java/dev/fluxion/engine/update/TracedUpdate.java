package dev.fluxion.engine.update;

import dev.fluxion.engine.kernel.FusedBuilder;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.engine.store.Own;
import dev.fluxion.engine.store.Scalars;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Movement;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** The rule of an update, written out for a tensor of some shape: expressions over a few leaves, and numbers. */
public final class TracedUpdate {
    private static final String VALUE = "value";

    private final Own<Scalars> numbers;
    private final Shape shape;
    private final Expr value;
    private final Expr gradient;
    private final Map<Expr, Expr> next = new LinkedHashMap<>();
    private final List<Expr> scalars = new ArrayList<>();

    private TracedUpdate(Own<Scalars> numbers, Shape shape) {
        this.numbers = numbers;
        this.shape = shape;
        this.value = Expr.parameter(VALUE, shape);
        this.gradient = Expr.input("gradient", shape);
    }

    /** A rule, of the update of this number. */
    public static TracedUpdate of(Update.Rule rule, int update, Shape shape) {
        TracedUpdate written = new TracedUpdate(Own.scalars(update), shape);
        Expr last = Update.next(rule, written.value, written.gradient, written.asked());
        written.next.put(written.value, last);
        return written;
    }

    /** What the rule asks for is noted here; nothing here refers to the user's functions. */
    private Update.State asked() {
        return new Update.State() {
            @Override
            public Expr keep(String name, UnaryOperator<Expr> change) {
                Expr leaf = Expr.kept(Slot.optimizer(name, VALUE), shape);
                Expr result = change.apply(leaf);
                next.put(leaf, result);
                return result;
            }

            @Override
            public Expr scalar(Update.Scalar number) {
                Expr scalar = Expr.input("scalar " + scalars.size(), Shape.scalar());
                scalars.add(scalar);
                return scalar;
            }
        };
    }

    Shape shape() {
        return shape;
    }

    /** The leaf that stands for the gradient. */
    Expr gradient() {
        return gradient;
    }

    /** The leaves that stand for the scalars, in the order in which the rule asks for them. */
    public List<Expr> scalars() {
        return scalars;
    }

    /** Where a program has the numbers of the scalars. */
    List<Scalars.Cell> cells(Step.Places places) {
        Scalars own = places.of(numbers);
        return IntStream.range(0, scalars.size()).mapToObj(own::cell).toList();
    }

    /** What is changed and its next values: what is kept, in the order in which the rule names it, at last the value. */
    public Map<Expr, Expr> next() {
        return next;
    }

    /** The name of something that is changed, or of the gradient. */
    static String name(Expr leaf) {
        if (leaf.op() instanceof Leaf.Kept kept) {
            return kept.slot().name();
        }
        return leaf.op() instanceof Leaf.Parameter ? VALUE : "gradient";
    }

    /** What a leaf stands for in the change of a variable. */
    Leaf.Variable variable(Expr leaf, Leaf.Variable changed) {
        return leaf.op() instanceof Leaf.Kept kept
                ? new Leaf.Kept(kept.slot().of(changed.parameter()), changed.shape())
                : changed;
    }

    /** The number that an expression is everywhere, if it is one that is known before each run. */
    Optional<Step.Scalar> number(Expr e) {
        Expr x = e.op() instanceof Movement.Broadcast ? e.input(0) : e;
        Optional<DoubleSupplier> constant = FusedBuilder.constant(x);
        if (constant.isPresent()) {
            return Optional.of(places -> constant.get());
        }
        int index = scalars.indexOf(x);
        return index < 0
                ? Optional.empty()
                : Optional.of(places -> places.of(numbers).cell(index));
    }
}
