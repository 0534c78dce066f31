package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.check.GradCheck;
import dev.fluxion.engine.check.NativeCheck;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every operator that takes or gives integers does so over their whole range, to the last bit. */
class IntegerRangeTest {
    /** Ends of the range, integers that float32 does not hold, and such with the bits of a NaN. */
    private static final int[] EDGES = {
        Integer.MIN_VALUE,
        Integer.MIN_VALUE + 1,
        -8_388_607,
        -16_777_217,
        -1,
        0,
        1,
        16_777_216,
        16_777_217,
        33_554_433,
        2_139_095_041,
        2_143_289_345,
        Integer.MAX_VALUE - 1,
        Integer.MAX_VALUE
    };

    private static final int N = EDGES.length;
    private static final Shape PAIRS = Shape.of(N, N);
    private static final Tensor A = pairs(true);
    private static final Tensor B = pairs(false);
    private static final Tensor PLACES = Tensor.of(A.ints().clone(), PAIRS);

    static {
        for (int i = 0; i < PLACES.size(); i++) {
            PLACES.ints()[i] = i * 5 % N;
        }
    }

    @Test
    void comparisonsAreExact() {
        Expr a = input("a");
        Expr b = input("b");
        Map<String, Expr> all = new LinkedHashMap<>();
        all.put("eq", a.eq(b));
        all.put("ne", a.ne(b));
        all.put("lt", a.lt(b));
        all.put("le", a.le(b));
        all.put("gt", a.gt(b));
        all.put("ge", a.ge(b));
        for (int edge : EDGES) {
            all.put("with " + edge, a.le(edge));
        }
        all.put("row", a.eq(b.slice(0, 3, 4)));
        all.put("element", a.lt(b.slice(0, 8, 9).slice(1, 8, 9)));
        all.put("literal", a.gt(Expr.constant(B)));
        requireExact(all);
    }

    @Test
    void movedIntegersAreExact() {
        Expr a = input("a");
        Expr b = input("b");
        Map<String, Expr> all = new LinkedHashMap<>();
        all.put("same", a);
        all.put("literal", Expr.constant(A));
        all.put("where", a.lt(b).where(a, b));
        all.put("where integers", a.where(a, b));
        all.put("where of an integer", a.where(Expr.constant(0.5), Expr.constant(-0.5)));
        all.put("constants", a.lt(b).where(Expr.constant(Integer.MAX_VALUE).toInt(), b));
        all.put("constant", Expr.constant(16_777_217).toInt().broadcastTo(PAIRS));
        all.put("reshape", a.reshape(N * N));
        all.put("transpose", a.transpose(1, 0));
        all.put("broadcast", a.slice(0, 2, 3).broadcastTo(PAIRS));
        all.put("slice", a.slice(1, 3, 9));
        all.put("concat", Expr.concat(0, List.of(a, b)));
        all.put("gather", a.gather(0, input("places")));
        all.put("stopGradient", a.stopGradient());
        all.put("require", a.require(b.ge(Integer.MIN_VALUE), "anything"));
        all.put("iota", Expr.iota(N));
        requireExact(all);
    }

    @Test
    void conversionsRoundOnce() {
        Expr a = input("a");
        Map<String, Expr> all = new LinkedHashMap<>();
        all.put("float", a.toFloat());
        all.put("back", a.toFloat().toInt());
        Expr x = Expr.constant(Tensor.of(
                new float[] {-0x1p31f, 0x1p31f, -2.5f, 16_777_218, 1e30f, Float.POSITIVE_INFINITY}, Shape.of(6)));
        all.put("truncated", x.toInt());
        Map<String, Tensor> actual = run(all);
        interpreted(all).forEach((name, value) -> {
            double[] rounded = Tensor.of(value).toValue().data();
            if (!name.equals("back")) {
                assertThat(actual.get(name).toValue().data())
                        .as(name)
                        .isEqualTo(name.equals("float") ? rounded : value.data());
            }
        });
        int[] back = actual.get("back").ints();
        for (int i = 0; i < back.length; i++) {
            assertThat(back[i]).isEqualTo((int) (float) A.ints()[i]);
        }
    }

    @Test
    void refusalsNameTheInteger() {
        Expr a = input("a");
        Expr refused = a.require(a.ne(16_777_217), "no such number");
        assertThatThrownBy(() -> run(Map.of("a", refused)))
                .isInstanceOf(ValueException.class)
                .hasMessage("no such number, but element [8, 0] is 16777217");
        assertThatThrownBy(() -> interpreted(Map.of("a", refused)))
                .isInstanceOf(ValueException.class)
                .hasMessage("no such number, but element [8, 0] is 16777217");
        Expr outside = Expr.parameter("w", Shape.of(3, N)).gather(0, a.slice(0, 13, 14));
        assertThatThrownBy(() -> run(Map.of("a", outside)))
                .hasMessage("index 2147483647 at position 0 is outside [0, 3)");
        Expr zero = a.require(a, "not 0");
        assertThatThrownBy(() -> run(Map.of("a", zero))).hasMessage("not 0, but element [5, 0] is 0");
    }

    /** The native check binds integers as they are, and knows that the float next to one may be another number. */
    @Test
    void theNativeCheckKnowsAllIntegers() {
        Expr a = input("a");
        for (Expr e : List.of(a.eq(16_777_217), a.toFloat(), a.toFloat().toInt().toFloat(), a.lt(input("b")))) {
            GradCheck check = GradCheck.of(e).with("a", A);
            NativeCheck.of(e.inputs().size() == 2 && e.input(1).inputs().isEmpty() ? check.with("b", B) : check)
                    .run()
                    .orThrow();
        }
    }

    private static void requireExact(Map<String, Expr> all) {
        Map<String, Tensor> actual = run(all);
        interpreted(all).forEach((name, value) -> {
            assertThat(actual.get(name).shape()).as(name).isEqualTo(value.shape());
            assertThat(actual.get(name).toValue().data()).as(name).isEqualTo(value.data());
        });
    }

    private static Map<String, Value> interpreted(Map<String, Expr> all) {
        Interpreter interpreter = new Interpreter()
                .bind("a", A.toValue())
                .bind("b", B.toValue())
                .bind("places", PLACES.toValue())
                .bind("w", Tensor.zeros(3, N).toValue());
        return interpreter.run(Graph.of(all));
    }

    private static Map<String, Tensor> run(Map<String, Expr> all) {
        try (Parameters parameters = Parameters.of(Map.of("w", Tensor.zeros(3, N)));
                Program program = Compiler.compile(Graph.of(all), parameters, new Options(1))) {
            Map.of("a", A, "b", B, "places", PLACES).forEach((name, values) -> {
                if (program.reads(name)) {
                    program.write(name, values);
                }
            });
            program.run();
            Map<String, Tensor> results = new LinkedHashMap<>();
            new ArrayList<>(all.keySet()).forEach(name -> results.put(name, program.read(name)));
            return results;
        }
    }

    private static Expr input(String name) {
        return Expr.input(name, PAIRS, DType.INT);
    }

    private static Tensor pairs(boolean first) {
        int[] all = new int[N * N];
        for (int i = 0; i < all.length; i++) {
            all[i] = EDGES[first ? i / N : i % N];
        }
        return Tensor.of(all, PAIRS);
    }
}
