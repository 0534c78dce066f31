package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A form that is left out is not taken, and what it computes is computed all the same. */
class FormSwitchesTest {
    /** A graph whose explanation tells the form, on vectors of a width, or of any if that is 0. */
    private record Row(RuleBook.Form form, String step, int lanes, Function<Leaves, Graph> graph) {
        Row(RuleBook.Form form, String step, Function<Leaves, Graph> graph) {
            this(form, step, 0, graph);
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                new Row(RuleBook.Form.FOLD, "once mul", l -> scaled(l, l.parameter("s", 8, 1, 1))),
                new Row(RuleBook.Form.CHANNEL_NORMS, "conv groups 8", 16, l -> pooled(l, 8)),
                new Row(RuleBook.Form.SINGLE_CHANNEL, " conv ", 8, l -> images(l, 8)),
                new Row(RuleBook.Form.SUB_PIXELS, " conv ", l -> transposed(l, 1, 4)),
                new Row(RuleBook.Form.DEPTHWISE, " pad[3:", 16, l -> apart(l, 7, 1)),
                new Row(RuleBook.Form.RANK_ONE, "(outer product)", l -> sample(l, 40, 40)),
                new Row(RuleBook.Form.ROWS, "(rows)", l -> step(read(l, 20), TinyNet.SGD)),
                new Row(RuleBook.Form.WEIGHTED_SUMS, "add gradient to value", l -> step(weighted(l), TinyNet.SGD)),
                new Row(RuleBook.Form.ADDENDS, " + sum", 0, FormSwitchesTest::residual),
                new Row(RuleBook.Form.IN_PLACE_SUMS, " in place", 8, l -> residual(l, false)),
                new Row(RuleBook.Form.CLIPS, "conv clip(0.0, 6.0)", l -> clipped(l, 16, 0)),
                new Row(
                        RuleBook.Form.SHORTCUTS,
                        "once sum of squares",
                        l -> rectified(l, l.parameter("w", 16, 16, 1, 1))),
                new Row(
                        RuleBook.Form.SPREAD_REORDERS,
                        "f32 ba*",
                        l -> Graph.of(Map.of("y", l.input("x", 1024, 1024).transpose(1, 0)))));
    }

    /** Graphs at the thresholds of the forms, and just past them. */
    static Stream<Arguments> thresholds() {
        return Stream.of(
                edge(
                        RuleBook.Form.FOLD,
                        "once mul",
                        0,
                        l -> scaled(l, l.parameter("s", 8, 1, 1)),
                        l -> scaled(l, l.parameter("s", 1, 1, 6))),
                edge(RuleBook.Form.CHANNEL_NORMS, "conv groups", 16, l -> pooled(l, 8), l -> pooled(l, 7)),
                edge(RuleBook.Form.CHANNEL_NORMS, "conv groups", 8, l -> pooled(l, 8), l -> pooled(l, 7)),
                edge(RuleBook.Form.CLIPS, "conv clip(", 0, l -> clipped(l, 9, 0), l -> clipped(l, 9, 1)),
                edge(
                        RuleBook.Form.CLIPS,
                        "conv clip(",
                        0,
                        l -> clipped(l, 16, 1),
                        l -> Graph.of(Map.of(
                                "y",
                                l.input("x", 4, 16)
                                        .matmul(l.parameter("w", 16, 16))
                                        .clamp(0, 6)))),
                edge(RuleBook.Form.IN_PLACE_SUMS, " in place", 8, l -> residual(l, false), l -> residual(l, true)),
                edge(RuleBook.Form.SINGLE_CHANNEL, " conv ", 8, l -> images(l, 8), l -> images(l, 7)),
                edge(RuleBook.Form.SUB_PIXELS, " conv ", 0, l -> transposed(l, 1, 3), l -> transposed(l, 8, 3)),
                edge(RuleBook.Form.SUB_PIXELS, " conv ", 16, l -> transposed(l, 4, 3), l -> transposed(l, 5, 3)),
                edge(RuleBook.Form.SUB_PIXELS, " conv ", 16, l -> transposed(l, 7, 4), l -> transposed(l, 8, 4)),
                edge(RuleBook.Form.DEPTHWISE, " pad[3:", 16, l -> apart(l, 7, 1), l -> apart(l, 6, 1)),
                edge(RuleBook.Form.DEPTHWISE, " pad[3:", 8, l -> apart(l, 5, 1), l -> apart(l, 4, 1)),
                edge(RuleBook.Form.DEPTHWISE, " concat[3]", 16, l -> apart(l, 4, 2), l -> apart(l, 4, 1)),
                edge(
                        RuleBook.Form.SHORTCUTS,
                        "sum of squares",
                        0,
                        l -> rectified(l, l.parameter("w", 16, 16, 1, 1)),
                        l -> rectified(l, l.input("w", 16, 16, 1, 1).exp())),
                edge(
                        RuleBook.Form.SHORTCUTS,
                        "sum of squares",
                        0,
                        l -> rectified(l, x -> x.mish().add(x.mean(2, 3).reshape(1, 16, 1, 1))),
                        l -> rectified(l, Expr::exp)),
                edge(RuleBook.Form.RANK_ONE, "(outer product)", 0, l -> sample(l, 32, 32), l -> sample(l, 31, 33)),
                edge(
                        RuleBook.Form.ROWS,
                        "(rows)",
                        0,
                        l -> step(read(l, 20), TinyNet.SGD),
                        l -> step(read(l, 21), TinyNet.SGD)),
                edge(
                        RuleBook.Form.WEIGHTED_SUMS,
                        "add gradient to value",
                        0,
                        l -> step(weighted(l), TinyNet.SGD),
                        l -> step(weighted(l), (w, g, state) -> w.sub(g.mul(g)))),
                edge(
                        RuleBook.Form.SPREAD_REORDERS,
                        "f32 ba*",
                        0,
                        l -> Graph.of(Map.of("y", l.input("x", 64, 1024).transpose(1, 0))),
                        l -> Graph.of(Map.of("y", l.input("x", 63, 1024).transpose(1, 0)))));
    }

    private static Arguments edge(
            RuleBook.Form form, String step, int lanes, Function<Leaves, Graph> taken, Function<Leaves, Graph> past) {
        return Arguments.of(new Row(form, step, lanes, taken), new Row(form, step, lanes, past));
    }

    @ParameterizedTest
    @MethodSource("thresholds")
    void endAtTheirThresholds(Row taken, Row past) {
        if (taken.lanes == 0 || taken.lanes == NativeLibrary.lanes()) {
            assertThat(Explained.of(taken.graph, "")).contains(taken.step);
            assertThat(Explained.of(past.graph, "")).doesNotContain(past.step);
        }
    }

    private static Graph residual(Leaves l) {
        Expr x = l.input("x", 1, 16, 8, 8);
        return Graph.of(Map.of("y", x.add(x.conv(l.parameter("w", 16, 16, 1, 1), ConvSpec.of()))));
    }

    /** A sum of two convolutions, one of which somebody else may read as well. */
    private static Graph residual(Leaves l, boolean isReadAgain) {
        Expr x = l.input("x", 1, 16, 8, 8);
        Expr added = x.conv(l.parameter("w", 16, 16, 1, 1), ConvSpec.of());
        Expr other = x.conv(l.parameter("v", 16, 16, 1, 1), ConvSpec.of());
        Expr sum = added.add(other.add(l.parameter("b", 16).reshape(1, 16, 1, 1)));
        Expr y = sum.conv(l.parameter("u", 16, 16, 1, 1), ConvSpec.of());
        return Graph.of(Map.of("y", isReadAgain ? y.mul(added) : y));
    }

    /** A number for each channel of images that no weights can take. */
    private static Graph pooled(Leaves l, int channels) {
        PoolSpec pairs = PoolSpec.of(Size.of(2));
        Expr y = l.input("x", 2, channels, 8, 8).maxPool(pairs).mul(l.parameter("s", channels, 1, 1));
        return Graph.of(Map.of("y", y));
    }

    private static Graph clipped(Leaves l, int filters, double least) {
        Expr y = l.input("x", 1, 16, 8, 8).conv(l.parameter("w", filters, 16, 1, 1), ConvSpec.of());
        return Graph.of(Map.of("y", y.clamp(least, 6)));
    }

    private static Graph rectified(Leaves l, Expr weights) {
        return Graph.of(Map.of(
                "y", l.input("x", 1, 16, 8, 8).conv(weights, ConvSpec.of()).relu()));
    }

    private static Graph rectified(Leaves l, UnaryOperator<Expr> before) {
        Expr x = before.apply(l.input("x", 1, 16, 8, 8));
        return Graph.of(Map.of(
                "y", x.conv(l.parameter("w", 16, 16, 1, 1), ConvSpec.of()).relu()));
    }

    private static Graph scaled(Leaves l, Expr factors) {
        Expr y = l.input("x", 2, 3, 8, 8).conv(l.parameter("w", 8, 3, 3, 3), ConvSpec.of());
        return Graph.of(Map.of("y", y.mul(factors)));
    }

    private static Expr matrix(Leaves l, String name) {
        return l.input(name, 40, 40);
    }

    /** A transposed convolution into so many channels, with a kernel of so many rows. */
    private static Graph transposed(Leaves l, int channels, int kernel) {
        ConvSpec spec = new ConvSpec(Size.of(2), Size.of(1), Size.of(1), 1);
        Expr w = l.parameter("w", 32, channels, kernel, kernel);
        Shape large = Shape.of(1, channels, 28 + kernel, 28 + kernel);
        Expr x = l.input("x", 1, 32, 16, 16);
        return Graph.of(Map.of("y", new Expr(new Contraction.ConvGradInput(spec, large), List.of(x, w))));
    }

    /** The weight gradient of images of one channel. */
    private static Graph images(Leaves l, int batch) {
        Expr w = l.parameter("w", 8, 1, 3, 3);
        Expr y = l.input("x", batch, 1, 12, 12).conv(w, ConvSpec.of());
        Expr objective = y.mul(l.input("g", batch, 8, 10, 10)).sum();
        return Graph.of(Map.of("dw", Gradients.of(objective, List.of(w)).get(0)));
    }

    /** A depthwise convolution with so much padding and such gaps between its weights, and the gradient of its images. */
    private static Graph apart(Leaves l, int pad, int dilation) {
        Expr x = l.input("x", 1, 16, 12, 12);
        int side = 2 * pad / dilation + 1;
        ConvSpec spec = new ConvSpec(Size.of(1), Size.of(pad), Size.of(dilation), 16);
        Expr y = x.conv(l.parameter("w", 16, 1, side, side), spec);
        return Graph.of(
                Map.of("y", y, "dx", Gradients.of(y.square().sum(), List.of(x)).get(0)));
    }

    /** A linear layer on a single sample. */
    private static Graph sample(Leaves l, int inner, int columns) {
        return step(
                l.input("x", 1, inner)
                        .matmul(l.parameter("w", inner, columns))
                        .square()
                        .mean(),
                TinyNet.SGD);
    }

    /** So many rows of a table of 40. */
    private static Expr read(Leaves l, int count) {
        Expr index = Expr.iota(count).reshape(count, 1).broadcastTo(Shape.of(count, 5));
        return l.parameter("table", 40, 5).gather(0, index).square().mean();
    }

    private static Expr weighted(Leaves l) {
        return matrix(l, "x").mul(l.parameter("w", 40, 40)).square().mean();
    }

    private static Graph step(Expr loss, Update.Rule rule) {
        List<Expr> parameters = Graph.of(Map.of("loss", loss)).parameters();
        Update update = new Update(parameters, Gradients.of(loss, parameters), rule);
        return Graph.of(new Graph.Stage("step", Map.of("loss", loss), List.of(update)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void areLeftOut(Row row) {
        String taken = Explained.of(row.graph, "");
        String left = Explained.of(row.graph, "-" + row.form.label());
        if (row.lanes == 0 || row.lanes == NativeLibrary.lanes()) {
            assertThat(taken).contains(row.step);
            assertThat(left).doesNotContain(row.step);
        }
    }

    @Test
    void allHaveARow() {
        assertThat(rows().map(Row::form)).containsExactlyInAnyOrder(RuleBook.Form.values());
    }
}
