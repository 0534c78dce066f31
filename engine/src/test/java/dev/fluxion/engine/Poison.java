package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.partition.Tiling;
import dev.fluxion.engine.partition.TilingPolicy;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Numbers that are not finite, put into graphs, and the law that no kernel makes a finite number of them. */
final class Poison {
    private static final double[] OTHERS = {
        Double.NaN, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 3e38, -3e38
    };

    final Map<String, Value> values = new LinkedHashMap<>();
    private final Random random;

    Poison(int seed) {
        this.random = new Random(seed);
    }

    /** The expression plus a parameter that is 0 but for some elements. */
    Expr into(Expr x) {
        double[] data = new double[x.shape().size()];
        int hits = 1 + random.nextInt(3);
        double one = OTHERS[random.nextInt(OTHERS.length)];
        for (int i = 0; i < hits && data.length > 0; i++) {
            data[random.nextInt(data.length)] = random.nextInt(3) == 0 ? OTHERS[random.nextInt(OTHERS.length)] : one;
        }
        String name = "poison " + values.size();
        values.put(name, new Value(x.shape(), data));
        return x.add(Expr.parameter(name, x.shape()));
    }

    /** A parameter of normally distributed numbers. */
    Expr parameter(String name, double spread, int... dims) {
        return leaf(name, Expr.parameter(name, Shape.of(dims)), spread);
    }

    /** An input of normally distributed numbers. */
    Expr input(String name, int... dims) {
        return leaf(name, Expr.input(name, Shape.of(dims)), 1);
    }

    private Expr leaf(String name, Expr leaf, double spread) {
        double[] data = new double[leaf.shape().size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (spread * random.nextGaussian());
        }
        values.put(name, new Value(leaf.shape(), data));
        return leaf;
    }

    /** Overwrites one or all elements of a parameter. */
    void spoil(String name, boolean all) {
        double[] data = values.get(name).data();
        double other = OTHERS[random.nextInt(OTHERS.length)];
        int one = random.nextInt(data.length);
        for (int i = 0; i < data.length; i++) {
            data[i] = all || i == one ? other : data[i];
        }
    }

    /** The expression with each floating-point input replaced. */
    static Expr replaced(Expr root, UnaryOperator<Expr> input) {
        Map<Expr, Expr> known = new HashMap<>();
        for (Expr e : Graph.topological(List.of(root))) {
            boolean replaces = e.op() instanceof Leaf.Input && e.dtype() == DType.FLOAT;
            Expr same = e.inputs().isEmpty()
                    ? e
                    : new Expr(e.op(), e.inputs().stream().map(known::get).toList());
            known.put(e, replaces ? input.apply(e) : same);
        }
        return known.get(root);
    }

    /** How a graph is compiled. */
    record Setting(Options options, Function<Graph, Optional<Tiling>> tiling) {
        static Setting threads(int count) {
            return new Setting(new Options(count), TilingPolicy::of);
        }

        static Setting tiles(int batch, int count) {
            return new Setting(new Options(2), g -> Optional.of(new Tiling(batch, count, 2)));
        }
    }

    /** Sees that outputs are not finite where those of the interpreter are not. */
    static void check(String what, Graph graph, Map<String, Value> values, Setting... settings) {
        Map<String, Expr> outputs = graph.stages().get(0).outputs();
        List<Value> expected = Match.interpreter(values, 1).evaluate(List.copyOf(outputs.values()));
        for (Setting setting : settings) {
            try (Parameters parameters = Match.parameters(graph, values);
                    Program program = Compiler.compile(
                            graph, parameters, RunState.of(parameters), setting.options, setting.tiling)) {
                program.state().seed(1);
                Match.write(program, graph, values);
                program.run();
                int at = 0;
                for (String name : outputs.keySet()) {
                    compare(what + ", " + name, program.read(name).toValue().data(), expected.get(at++));
                }
            }
        }
    }

    private static void compare(String what, double[] got, Value expected) {
        for (int i = 0; i < got.length; i++) {
            boolean kept = Double.isFinite(expected.data()[i]) || !Double.isFinite(got[i]);
            assertThat(kept)
                    .as("%s[%d] is %s, not %s", what, i, got[i], expected.data()[i])
                    .isTrue();
        }
    }
}
