package dev.fluxion.check;

import dev.fluxion.Initializer;
import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Noise;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Makes checks of losses, layers and models. */
final class Subjects {
    static final String INPUT = "input";
    static final String OUTPUT = "output";
    static final String TARGET = "target";

    private static final int SMALL = 256;
    private static final int DIRECTIONS = 3;

    private Subjects() {}

    static GradCheck of(MultiLoss loss, Tensor... inputs) {
        List<String> names = loss.inputs();
        Expr[] leaves = new Expr[inputs.length];
        Map<String, Value> values = new LinkedHashMap<>();
        for (int i = 0; i < inputs.length; i++) {
            String name = i < names.size() ? names.get(i) : INPUT + i;
            leaves[i] = Expr.input(name, inputs[i].shape(), inputs[i].dtype());
            values.put(name, inputs[i].toValue());
        }
        Expr value =
                leaves.length == 2 && loss instanceof Loss two ? two.apply(leaves[0], leaves[1]) : loss.apply(leaves);
        return GradCheck.of(value).with(used(value, values));
    }

    static GradCheck of(Layer layer, Shape input) {
        Scope scope = Scope.root(true);
        return of(layer.apply(scope, Expr.input(INPUT, input)), scope, input.size());
    }

    static GradCheck of(Layer layer, Tensors inputs) {
        Map<String, Expr> leaves = new LinkedHashMap<>();
        Map<String, Value> values = new LinkedHashMap<>();
        int size = 0;
        for (Map.Entry<String, Tensor> input : inputs.all().entrySet()) {
            Tensor tensor = input.getValue();
            String name = input.getKey().isEmpty() ? INPUT : input.getKey();
            leaves.put(name, Expr.input(name, tensor.shape(), tensor.dtype()));
            values.put(name, tensor.toValue());
            size += tensor.size();
        }
        Scope scope = Scope.root(true, leaves);
        Expr value = layer.apply(scope, leaves.values().iterator().next());
        return of(value, scope, size).with(used(value, values));
    }

    static GradCheck of(Layer model, Loss loss, Tensor input, Tensor target) {
        Scope scope = Scope.root(true);
        Expr output = model.apply(scope, Expr.input(INPUT, input.shape()));
        Expr value = loss.apply(output, Expr.input(TARGET, target.shape(), target.dtype()));
        GradCheck check = of(value, scope, input.size())
                .with(used(value, Map.of(INPUT, input.toValue(), TARGET, target.toValue())));
        return check.wrt(
                check.variables().stream().filter(name -> !name.equals(TARGET)).toArray(String[]::new));
    }

    private static GradCheck of(Expr value, Scope scope, int input) {
        GradCheck check = GradCheck.of(value).draw(INPUT, Subjects::normal);
        int size = input;
        for (Scope.Parameter p : scope.declared().values()) {
            check = check.draw(p.name(), p.initializer());
            size += p.expr().shape().size();
        }
        return check.directions(size > SMALL ? DIRECTIONS : 0);
    }

    private static void normal(float[] values, Shape shape, RandomGenerator random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
    }

    /** A value that a seed gives, as the engine draws it. */
    static Value draw(String name, Shape shape, Initializer initializer, long seed) {
        float[] values = new float[shape.size()];
        initializer.fill(values, shape, new SplittableRandom(Noise.key(seed, 0, name)));
        return Tensor.of(values, shape).toValue();
    }

    /** The inputs, parameters and buffers by name, in the order of their first use. */
    static Map<String, Expr> leaves(Expr expr) {
        Map<String, Expr> leaves = new LinkedHashMap<>();
        for (Expr e : Graph.topological(List.of(expr))) {
            if (!name(e).isEmpty()) {
                leaves.putIfAbsent(name(e), e);
            }
        }
        return leaves;
    }

    /** The name of an input, parameter or buffer; empty of anything else. */
    static String name(Expr e) {
        if (e.op() instanceof Leaf.Input input) {
            return input.name();
        }
        if (e.op() instanceof Leaf.Buffer buffer) {
            return buffer.name();
        }
        return e.op() instanceof Leaf.Parameter parameter ? parameter.name() : "";
    }

    private static Map<String, Value> used(Expr expr, Map<String, Value> values) {
        Map<String, Value> used = new LinkedHashMap<>(values);
        used.keySet().retainAll(leaves(expr).keySet());
        return used;
    }
}
