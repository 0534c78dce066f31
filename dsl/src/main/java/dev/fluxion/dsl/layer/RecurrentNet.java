package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The layers of a recurrent layer for some sequences. */
final class RecurrentNet {
    private final Recurrent layer;
    private final Scope scope;
    private final int sequences;
    private final int steps;
    private final boolean isProjected;
    private final Initializer first;
    private final List<Expr> lengths;
    /** Of each kind of state, the last ones of all layers and directions so far. */
    private final List<List<Expr>> last = new ArrayList<>();

    RecurrentNet(Recurrent layer, Scope scope, int sequences, int steps) {
        this.layer = layer;
        this.scope = scope;
        this.sequences = sequences;
        this.steps = steps;
        this.isProjected = layer.stack().projection() > 0;
        double bound = 1 / Math.sqrt(layer.hidden());
        this.first = Initializers.uniform(-bound, bound);
        this.lengths = layer.ends().lengths().isEmpty() ? List.of() : List.of(lengths());
        for (int i = 0; i < layer.cell().states(); i++) {
            last.add(new ArrayList<>());
        }
    }

    /** Integers, one for each sequence. */
    private Expr lengths() {
        Expr given = scope.value(layer.ends().lengths());
        if (given.dtype() != DType.INT || given.shape().size() != sequences) {
            throw new ShapeException(Errors.lengths(layer.ends().lengths(), sequences, given));
        }
        Expr flat = given.reshape(sequences);
        Expr sound = flat.ge(1).where(flat.le(steps), Expr.constant(0));
        return flat.require(sound, "each length must be in [1, " + steps + "]");
    }

    Expr apply(Expr x) {
        Expr y = x;
        for (int i = 0; i < layer.stack().layers(); i++) {
            Expr given = i == 0 ? y : Dropout.of(scope, y, layer.stack().dropout());
            List<Expr> outputs = new ArrayList<>();
            for (int direction = 0; direction < layer.stack().directions(); direction++) {
                outputs.add(direction(given, i, direction == 1));
            }
            y = Expr.concat(2, outputs);
        }
        for (int i = 0; i < layer.ends().states().size(); i++) {
            Shape one = Shape.of(sequences, 1, extent(i));
            List<Expr> all = last.get(i).stream().map(e -> e.reshape(one)).toList();
            scope.define(layer.ends().states().get(i), Expr.concat(1, all));
        }
        List<Expr> h = last.get(0);
        return layer.ends().onlyLast()
                ? Expr.concat(1, h.subList(h.size() - layer.stack().directions(), h.size()))
                : y;
    }

    /** A layer in a direction: one product of all inputs, and the recurrence. */
    private Expr direction(Expr x, int number, boolean reverse) {
        String suffix = "_l" + number + (reverse ? "_reverse" : "");
        int gates = layer.cell().gates() * layer.hidden();
        int features = x.shape().dim(2);
        Expr input = scope.parameter("weight_ih" + suffix, Shape.of(gates, features), first);
        Expr weights = scope.parameter("weight_hh" + suffix, Shape.of(gates, extent(0)), first);
        Expr products = x.reshape(sequences * steps, features).matmul(input.transposeLast());
        Expr bias = Expr.constant(0).broadcastTo(Shape.of(gates));
        if (layer.stack().bias()) {
            Expr ofInput = scope.parameter("bias_ih" + suffix, Shape.of(gates), first);
            Expr ofState = scope.parameter("bias_hh" + suffix, Shape.of(gates), first);
            boolean apart = layer.cell().isSplit();
            products = products.add(apart ? ofInput : ofInput.add(ofState));
            bias = apart ? ofState : bias;
        }
        products = products.reshape(sequences, steps, gates);
        boolean carried = layer.ends().initial().isEmpty() && scope.goesOn(x);
        List<Expr> states = carried
                ? carried(suffix, reverse)
                : initial(number * layer.stack().directions() + (reverse ? 1 : 0));
        if (!isProjected) {
            return run(products, weights, bias, states, reverse, carried);
        }
        Expr projection = scope.parameter("weight_hr" + suffix, Shape.of(extent(0), layer.hidden()), first);
        if (!layer.ends().initial().isEmpty()) {
            products = products.add(begun(states.get(0).matmul(weights.transposeLast()), reverse));
            states = List.of(zeros(), states.get(1));
        }
        return projected(run(products, weights.matmul(projection), bias, states, reverse, carried), projection);
    }

    /** A recurrence, whose last states are kept. */
    private Expr run(Expr products, Expr weights, Expr bias, List<Expr> states, boolean reverse, boolean carried) {
        List<Expr> operands = new ArrayList<>(List.of(products, weights, bias));
        operands.addAll(states);
        operands.addAll(lengths);
        Expr y = new Expr(new Recurrence(layer.cell(), reverse), operands);
        for (int i = 0; i < last.size(); i++) {
            Expr end = y.result(1 + i);
            last.get(i).add(end);
            if (carried) {
                scope.next(states.get(i), end);
            }
        }
        return y;
    }

    /** The outputs, and the last state h, of steps that go from one to the next unprojected. */
    private Expr projected(Expr y, Expr projection) {
        List<Expr> h = last.get(0);
        h.set(h.size() - 1, h.get(h.size() - 1).matmul(projection.transposeLast()));
        return y.reshape(sequences * steps, layer.hidden())
                .matmul(projection.transposeLast())
                .reshape(sequences, steps, extent(0));
    }

    /** What the first step of each sequence gets from its first state, and zeros for other steps. */
    private Expr begun(Expr products, boolean reverse) {
        Shape all = Shape.of(sequences, steps, products.shape().dim(1));
        Shape each = Shape.of(sequences, steps, 1);
        Expr step = Expr.iota(steps).reshape(1, steps, 1).broadcastTo(each);
        Expr isFirst = !reverse
                ? step.eq(0)
                : lengths.isEmpty()
                        ? step.eq(steps - 1)
                        : step.add(1).eq(lengths.get(0).reshape(sequences, 1, 1).broadcastTo(each));
        Expr given = products.reshape(all.with(1, 1)).broadcastTo(all);
        return isFirst.broadcastTo(all).where(given, Expr.constant(0));
    }

    private Expr zeros() {
        return Expr.constant(0).broadcastTo(Shape.of(sequences, layer.hidden()));
    }

    /** The extent of a kind of state. */
    private int extent(int state) {
        return state == 0 && isProjected ? layer.stack().projection() : layer.hidden();
    }

    /** The states at the end of what a session has seen before. */
    private List<Expr> carried(String suffix, boolean reverse) {
        if (reverse) {
            throw new ShapeException(Errors.backwardsInSession());
        }
        return IntStream.range(0, layer.cell().states())
                .mapToObj(i -> scope.state("state" + i + suffix, Shape.of(sequences, layer.hidden())))
                .toList();
    }

    private List<Expr> initial(int place) {
        return IntStream.range(0, layer.cell().states())
                .mapToObj(i -> initial(i, place))
                .toList();
    }

    private Expr initial(int state, int place) {
        if (layer.ends().initial().isEmpty()) {
            return zeros();
        }
        String name = layer.ends().initial().get(state);
        Expr given = scope.value(name);
        Shape all = Shape.of(sequences, layer.stack().layers() * layer.stack().directions(), extent(state));
        if (given.dtype() != DType.FLOAT || !given.shape().equals(all)) {
            throw new ShapeException(Errors.states(name, all, given));
        }
        return given.slice(1, place, place + 1).reshape(sequences, extent(state));
    }
}
