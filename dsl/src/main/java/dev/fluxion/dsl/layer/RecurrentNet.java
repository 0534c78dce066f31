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
    private final Initializer first;
    private final List<Expr> lengths;
    /** Of each kind of state, the last ones of all layers and directions so far. */
    private final List<List<Expr>> last = new ArrayList<>();

    RecurrentNet(Recurrent layer, Scope scope, int sequences, int steps) {
        this.layer = layer;
        this.scope = scope;
        this.sequences = sequences;
        this.steps = steps;
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
            Shape one = Shape.of(sequences, 1, layer.hidden());
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
        Expr weights = scope.parameter("weight_hh" + suffix, Shape.of(gates, layer.hidden()), first);
        Expr products = x.reshape(sequences * steps, features).matmul(input.transposeLast());
        Expr bias = Expr.constant(0).broadcastTo(Shape.of(gates));
        if (layer.stack().bias()) {
            Expr ofInput = scope.parameter("bias_ih" + suffix, Shape.of(gates), first);
            Expr ofState = scope.parameter("bias_hh" + suffix, Shape.of(gates), first);
            boolean apart = layer.cell().isSplit();
            products = products.add(apart ? ofInput : ofInput.add(ofState));
            bias = apart ? ofState : bias;
        }
        List<Expr> operands = new ArrayList<>(List.of(products.reshape(sequences, steps, gates), weights, bias));
        boolean carried = layer.ends().initial().isEmpty() && scope.goesOn(x);
        List<Expr> states = carried
                ? carried(suffix, reverse)
                : initial(number * layer.stack().directions() + (reverse ? 1 : 0));
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
        Shape shape = Shape.of(sequences, layer.hidden());
        if (layer.ends().initial().isEmpty()) {
            return Expr.constant(0).broadcastTo(shape);
        }
        String name = layer.ends().initial().get(state);
        Expr given = scope.value(name);
        Shape all = Shape.of(sequences, layer.stack().layers() * layer.stack().directions(), layer.hidden());
        if (given.dtype() != DType.FLOAT || !given.shape().equals(all)) {
            throw new ShapeException(Errors.states(name, all, given));
        }
        return given.slice(1, place, place + 1).reshape(shape);
    }
}
