package dev.fluxion.engine;

import dev.fluxion.Tensor;
import dev.fluxion.engine.catalogue.Case;
import dev.fluxion.engine.catalogue.OperatorCatalogue;
import dev.fluxion.engine.catalogue.Row;
import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.rule.ActivationGradientRule;
import dev.fluxion.engine.rule.Candidate;
import dev.fluxion.engine.rule.ChannelProductRule;
import dev.fluxion.engine.rule.LstmRule;
import dev.fluxion.engine.rule.NativeFunctionRule;
import dev.fluxion.engine.rule.NativeSumRule;
import dev.fluxion.engine.rule.PooledSumRule;
import dev.fluxion.engine.rule.Rule;
import dev.fluxion.engine.rule.StepwiseRule;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Indexing;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Recurrence;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The rows of rules that are asked when the layouts of their operands are known. */
final class FollowerRows {
    private static final PoolSpec POOL = PoolSpec.of(Size.of(2));

    private FollowerRows() {}

    static Stream<RuleRow> rows() {
        return Stream.of(
                        elementwise(),
                        pooling("pooling", "", "maxPool", "avgPool"),
                        pooling("java", "-pooling", "java:pool", "java:pool"),
                        others(),
                        operators())
                .flatMap(rows -> rows);
    }

    /** Operators that a rule computes, and a kernel in Java without it. */
    private static Stream<RuleRow> operators() {
        return OperatorCatalogue.rows().stream()
                .filter(row -> row.rule().isPresent())
                .flatMap(row -> {
                    String rule = row.rule().get();
                    Case use = plain(row);
                    Function<Leaves, Graph> taken = l -> used(use, l);
                    String operator = operator(use);
                    return Stream.of(
                            row(rule, operator, taken, FollowerRows::images),
                            row("java", "-" + rule, operator, taken, FollowerRows::images));
                });
    }

    /** A use with as few extents of 1 as there are in the first: for these the library may have no kernel. */
    private static Case plain(Row row) {
        return row.cases(64)
                .min(Comparator.comparingLong(use -> use.inputs().values().stream()
                        .flatMapToInt(tensor -> Arrays.stream(tensor.shape().dims()))
                        .filter(extent -> extent == 1)
                        .count()))
                .orElseThrow();
    }

    /** The first one that is computed. */
    private static String operator(Case use) {
        return use.graph().order().stream()
                .filter(e -> !(e.op() instanceof Leaf))
                .findFirst()
                .orElseThrow()
                .op()
                .toString();
    }

    private static Graph used(Case use, Leaves l) {
        l.values.putAll(use.inputs());
        return use.graph();
    }

    /** A rule that holds for nothing. */
    record Never(String name) implements Rule {
        @Override
        public Optional<Match> match(Candidate candidate, Facts facts) {
            return Optional.empty();
        }
    }

    private static Stream<RuleRow> elementwise() {
        return Stream.of(
                row(
                        "activation-gradients",
                        "silu gradient",
                        l -> gradient(l, Expr::silu, 16, 16),
                        l -> gradient(l, Expr::silu, 15, 17),
                        new ActivationGradientRule(128),
                        new ActivationGradientRule(512)),
                row(
                        "native-functions",
                        "exp",
                        l -> of(l, Expr::exp, 32, 32),
                        l -> of(l, Expr::exp, 31, 33),
                        new NativeFunctionRule(512, 64),
                        new NativeFunctionRule(2048, 64)),
                row(
                        "native-functions",
                        "tanh",
                        l -> of(l, Expr::tanh, 8, 8),
                        l -> of(l, Expr::tanh, 7, 9),
                        new NativeFunctionRule(1024, 32),
                        new NativeFunctionRule(1024, 128)),
                row(
                        "native-functions",
                        "sigmoid",
                        l -> of(l, Expr::sigmoid, 8, 8),
                        l -> of(l, Expr::sigmoid, 7, 9),
                        new NativeFunctionRule(1024, 32),
                        new NativeFunctionRule(1024, 128)),
                row(
                        "native-functions",
                        "elu",
                        l -> of(l, x -> x.elu(0.5), 8, 8),
                        l -> of(l, x -> x.elu(0.5), 7, 9),
                        new NativeFunctionRule(1024, 32),
                        new NativeFunctionRule(1024, 128)),
                row(
                        "native-functions",
                        "mish",
                        l -> of(l, Expr::mish, 8, 8),
                        l -> of(l, Expr::mish, 7, 9),
                        new NativeFunctionRule(1024, 32),
                        new NativeFunctionRule(1024, 128)),
                row(
                        "native-sums",
                        "sum of 2",
                        l -> of(l, x -> x.add(l.input("z", 32, 32)), 32, 32),
                        l -> of(l, x -> x.add(l.input("z", 31, 33)), 31, 33),
                        new NativeSumRule(512),
                        new NativeSumRule(2048)),
                new RuleRow(
                        "channel-products",
                        "",
                        "mul" + " ".repeat(32) + "jit",
                        16,
                        l -> gated(l, 48),
                        l -> gated(l, 47),
                        List.of(new ChannelProductRule(32, 96), new ChannelProductRule(64, 96))),
                row("fused", "java:fused", l -> of(l, x -> x.square().add(1), 5, 7), FollowerRows::softmax),
                row("fused", "mul add", FollowerRows::scaled, FollowerRows::softmax));
    }

    private static Stream<RuleRow> pooling(String rule, String switches, String max, String average) {
        Function<Leaves, Graph> past = rule.equals("pooling") ? FollowerRows::softmax : FollowerRows::images;
        return Stream.of(
                row(rule, switches, max, l -> of(l, x -> x.maxPool(POOL), 2, 16, 8, 8), past),
                row(rule, switches, max, l -> gradient(l, x -> x.maxPool(POOL), 2, 16, 8, 8), past),
                row(rule, switches, average, l -> of(l, x -> x.avgPool(POOL), 2, 16, 8, 8), past),
                row(rule, switches, average, l -> gradient(l, x -> x.avgPool(POOL), 2, 16, 8, 8), past));
    }

    private static Graph images(Leaves l) {
        return of(l, Expr::square, 2, 16, 8, 8);
    }

    /** A sum of images that lie as a convolution makes them. */
    private static Graph convolved(Leaves l, int... axes) {
        return of(l, x -> x.conv(l.parameter("w", 16, 16, 1, 1), ConvSpec.of()).sum(axes), 2, 16, 8, 8);
    }

    /** Images times a number for each channel of each. */
    private static Graph gated(Leaves l, int channels) {
        Expr gates = l.input("gates", 2, channels, 1, 1);
        return of(
                l,
                x -> x.conv(l.parameter("w", channels, 16, 1, 1), ConvSpec.of()).mul(gates),
                2,
                16,
                5,
                4);
    }

    private static Graph pooled(Leaves l, int rows) {
        return of(l, x -> x.conv(l.parameter("w", 16, 16, 1, 1), ConvSpec.of()).sum(2, 3), 1, 16, rows, 32);
    }

    private static Expr convolution(Leaves l) {
        return l.input("x", 2, 16, 8, 8).conv(l.parameter("w", 16, 16, 1, 1), ConvSpec.of());
    }

    /** Images of as many elements as fused kernels take at once, with factors of each channel of each image. */
    private static Graph scaled(Leaves l) {
        Expr x = l.input("x", 3, 32, 5, 5).conv(l.parameter("w", 32, 32, 1, 1), ConvSpec.of());
        return Graph.of(Map.of("y", x.mul(l.input("s", 3, 32, 1, 1)).add(l.input("t", 1, 32, 1, 1))));
    }

    /** Images of twice the width, or the sums that gradients of such images are, with channels last. */
    private static Graph resized(Leaves l, boolean gathers) {
        int[] places = IntStream.range(0, gathers ? 16 : 8).map(i -> i / 2).toArray();
        Expr index = Expr.constant(Tensor.of(places, Shape.of(1, 1, 1, places.length)));
        Expr x = convolution(l);
        Expr all = index.broadcastTo(x.shape().with(3, places.length));
        return Graph.of(
                Map.of("y", gathers ? x.gather(3, all) : new Expr(new Indexing.ScatterAdd(3, 4), List.of(x, all))));
    }

    /** Each row has an index of its own. */
    private static Graph looked(Leaves l) {
        int[] places = IntStream.range(0, 32).map(i -> i % 4).toArray();
        Expr index = Expr.constant(Tensor.of(places, Shape.of(1, 1, 8, 4)));
        Expr x = convolution(l);
        return Graph.of(Map.of("y", x.gather(3, index.broadcastTo(x.shape().with(3, 4)))));
    }

    private static Graph plainMoments(Leaves l) {
        return moments(l.input("x", 2, 16, 8, 8));
    }

    private static Graph moments(Expr x) {
        Expr mean = x.moments(2, 3);
        return Graph.of(Map.of("mean", mean, "variance", mean.result(1)));
    }

    /** The gradients of a standardisation. */
    private static Graph sums(Leaves l) {
        List<Expr> statistics =
                Stream.of("m", "s", "b").map(name -> l.input(name, 1, 16, 1, 1)).toList();
        Expr y = convolution(l).standardise(statistics.get(0), statistics.get(1), statistics.get(2));
        List<Expr> all = Gradients.of(y.mul(l.input("g", 2, 16, 8, 8)).sum(), statistics);
        return Graph.of(Map.of("dm", all.get(0), "ds", all.get(1), "db", all.get(2)));
    }

    /** Images side by side, as convolutions make them, which no convolution reads. */
    private static Graph joined(Leaves l) {
        Expr x = convolution(l);
        Expr both = Expr.concat(1, List.of(x, x.conv(l.parameter("v", 16, 16, 1, 1), ConvSpec.of())));
        return Graph.of(Map.of("y", both.maxPool(POOL)));
    }

    private static Graph softmax(Leaves l) {
        return of(l, x -> x.softmax(1), 5, 7);
    }

    private static Expr images(Leaves l, String name) {
        return l.input(name, 2, 16, 8, 8);
    }

    private static Graph grouped(Expr x, Leaves l) {
        Expr y = x.groupNorm(4, l.input("weight", 16), l.input("bias", 16), 0.1);
        return Graph.of(Map.of("y", y, "mean", y.result(1), "inverse", y.result(2)));
    }

    private static Graph groupedGradient(Expr x, Leaves l) {
        Expr y = x.groupNorm(4, l.input("weight", 16), l.input("bias", 16), 0.1);
        List<Expr> gradients = Gradients.of(y.mul(images(l, "g")).sum(), y.inputs());
        return Graph.of(Map.of("dx", gradients.get(0), "dw", gradients.get(1), "db", gradients.get(2)));
    }

    private static Graph recurrence(Leaves l) {
        return states(lstm(l));
    }

    /** With the products of inputs of a single feature. */
    private static Graph sequences(Leaves l, int sequences, int steps, int width) {
        return sequences(l, sequences, steps, l.parameter("w", 4 * width, width));
    }

    private static Graph sequences(Leaves l, int sequences, int steps, Expr weights) {
        return states(behindProduct(l, sequences, steps, weights));
    }

    private static Graph backwards(Leaves l, int sequences, int steps, int width) {
        Expr forwards = behindProduct(l, sequences, steps, l.parameter("w", 4 * width, width));
        return states(new Expr(new Recurrence(RecurrentCell.LSTM, true), forwards.inputs()));
    }

    /** With one of the results that gradients are made of. */
    private static Graph kept(Leaves l, String name, int result) {
        Expr y = behindProduct(l, 4, 5, l.parameter("w", 512, 128));
        return Graph.of(Map.of("y", y, name, y.result(result)));
    }

    /** Where the library has kernels for vectors; it has loops for others. */
    private static RuleRow lstm(Function<Leaves, Graph> taken, Function<Leaves, Graph> past, Rule... wrong) {
        return new RuleRow("lstm", "", "brgemm", 8, taken, past, List.of(wrong));
    }

    private static Graph states(Expr y) {
        return Graph.of(Map.of("y", y, "h", y.result(1), "c", y.result(2)));
    }

    private static Expr behindProduct(Leaves l, int sequences, int steps, Expr weights) {
        return behind(
                l, sequences, steps, weights, l.parameter("i", weights.shape().dim(0), 1));
    }

    private static Expr behind(Leaves l, int sequences, int steps, Expr weights, Expr ofInputs) {
        int width = weights.shape().dim(1);
        Expr x = l.input("x", sequences * steps, 1).matmul(ofInputs.transposeLast());
        return new Expr(
                new Recurrence(RecurrentCell.LSTM, false),
                List.of(
                        x.add(l.parameter("b", 4 * width)).reshape(sequences, steps, 4 * width),
                        weights,
                        l.parameter("d", 4 * width),
                        l.input("h", sequences, width),
                        l.input("c", sequences, width)));
    }

    private static Graph recurrenceGradient(Leaves l) {
        Expr y = lstm(l);
        Expr objective = y.mul(l.input("g", 3, 4, 5)).sum().add(y.result(2).sum());
        List<Expr> gradients = Gradients.of(objective, y.inputs());
        return Graph.of(Map.of("du", gradients.get(0), "dw", gradients.get(1), "dc", gradients.get(4)));
    }

    private static Expr lstm(Leaves l) {
        return new Expr(
                new Recurrence(RecurrentCell.LSTM, false),
                List.of(
                        l.input("u", 3, 4, 20),
                        l.input("w", 20, 5),
                        l.input("b", 20),
                        l.input("h", 3, 5),
                        l.input("c", 3, 5)));
    }

    private static Stream<RuleRow> others() {
        return Stream.of(
                lstm(
                        l -> sequences(l, 4, 5, 128),
                        l -> sequences(l, 3, 5, 128),
                        new LstmRule(2, 1 << 16, 16, 1 << 19),
                        new LstmRule(8, 1 << 16, 16, 1 << 19)),
                lstm(
                        l -> backwards(l, 2, 5, 127),
                        l -> backwards(l, 2, 5, 128),
                        new LstmRule(4, 1 << 15, 16, 1 << 19),
                        new LstmRule(4, 1 << 17, 16, 1 << 19)),
                lstm(l -> sequences(l, 4, 5, 128), l -> kept(l, "before", 3), new LstmRule(4, 1 << 16, 32, 1 << 18)),
                lstm(l -> sequences(l, 4, 5, 64), l -> kept(l, "kept", 4)),
                lstm(l -> sequences(l, 4, 5, 64), l -> sequences(l, 4, 5, l.input("w", 256, 64))),
                lstm(
                        l -> sequences(l, 4, 5, 64),
                        l -> states(behind(l, 4, 5, l.parameter("w", 256, 64), l.input("i", 256, 1)))),
                row(
                        "stepwise",
                        "-lstm",
                        "matmul lstm",
                        l -> sequences(l, 16, 32, 128),
                        l -> sequences(l, 15, 35, 128),
                        new StepwiseRule(8, 1 << 18, 1 << 18),
                        new StepwiseRule(32, 1 << 18, 1 << 18)),
                row(
                        "stepwise",
                        "-lstm",
                        "matmul lstm",
                        l -> sequences(l, 16, 32, 128),
                        l -> sequences(l, 16, 31, 128),
                        new StepwiseRule(16, 1 << 17, 1 << 18),
                        new StepwiseRule(16, 1 << 19, 1 << 18)),
                row(
                        "stepwise",
                        "-lstm",
                        "matmul lstm",
                        l -> sequences(l, 16, 17, 248),
                        l -> sequences(l, 16, 17, 256),
                        new StepwiseRule(16, 1 << 18, 1 << 17),
                        new StepwiseRule(16, 1 << 18, 1 << 19)),
                row(
                        "one-sequence",
                        "openblas java:recurrent",
                        l -> sequences(l, 1, 5, 24),
                        l -> sequences(l, 2, 5, 24)),
                row(
                        "one-sequence",
                        "openblas java:recurrent",
                        l -> sequences(l, 1, 5, 24),
                        l -> sequences(l, 1, 5, l.input("w", 96, 24))),
                row("recurrent", "java:recurrent", FollowerRows::recurrence, FollowerRows::softmax),
                row("recurrent", "lstm gradient", FollowerRows::recurrenceGradient, FollowerRows::softmax),
                row("java", "-recurrent", "java:recurrent", FollowerRows::recurrence, FollowerRows::softmax),
                row("java", "-recurrent", "lstm gradient", FollowerRows::recurrenceGradient, FollowerRows::softmax),
                row("group-norm", "groupNorm", l -> grouped(convolution(l), l), l -> grouped(images(l, "x"), l)),
                row(
                        "group-norm",
                        "groupNormGradient",
                        l -> groupedGradient(convolution(l), l),
                        l -> groupedGradient(images(l, "x"), l)),
                row("java", "java:groups", l -> grouped(images(l, "x"), l), FollowerRows::softmax),
                row("java", "java:groups", l -> groupedGradient(images(l, "x"), l), FollowerRows::softmax),
                row("moments", "moments[2, 3]", l -> moments(convolution(l)), FollowerRows::plainMoments),
                row("moments", "standardiseSums", FollowerRows::sums, FollowerRows::plainMoments),
                row("java", "java:moments", FollowerRows::plainMoments, FollowerRows::softmax),
                row("java", "-moments", "standardiseSums", FollowerRows::sums, FollowerRows::softmax),
                row("java", "java:softmax", l -> of(l, x -> x.logSoftmax(1), 5, 7), FollowerRows::softmax),
                row("java", "java:reduce", l -> of(l, x -> x.sum(0), 5, 7), FollowerRows::softmax),
                row(
                        "pooled-sums",
                        "1x16x8x64 f32",
                        l -> pooled(l, 16),
                        l -> pooled(l, 15),
                        new PooledSumRule(1 << 12),
                        new PooledSumRule(1 << 14)),
                row("reductions", "sum[2, 3]", l -> convolved(l, 2, 3), l -> of(l, x -> x.sum(2, 3), 2, 16, 8, 8)),
                row("reductions", "sum[0]", l -> convolved(l, 0), l -> convolved(l, 1, 2)),
                row("reductions", "sum[0, 2, 3]", l -> convolved(l, 0, 2, 3), l -> convolved(l, 1, 2)),
                row("shared-index", "-> 2x16x8x16 f32 acdb", l -> resized(l, true), FollowerRows::looked),
                row("shared-index", "-> 2x16x8x4 f32 acdb", l -> resized(l, false), FollowerRows::looked),
                row("java", "java:gather", FollowerRows::looked, l -> resized(l, true)),
                row("parts", "slice", l -> of(l, x -> x.slice(1, 2, 5), 5, 7, 3), FollowerRows::softmax),
                row("parts", "java:copy", l -> of(l, x -> Expr.concat(1, List.of(x, x)), 5, 7), FollowerRows::softmax),
                row("parts", "-> 2x32x4x4 f32 acdb", FollowerRows::joined, FollowerRows::softmax),
                row("movement", "reorder", l -> of(l, x -> x.transpose(1, 0), 5, 7), FollowerRows::softmax),
                row("movement", "pad", l -> of(l, x -> x.pad(1, 2, 1, 0.5), 5, 7), FollowerRows::softmax),
                row(
                        "movement",
                        "broadcast",
                        l -> of(l, x -> x.broadcastTo(Shape.of(3, 5, 7)), 5, 7),
                        FollowerRows::softmax));
    }

    private static RuleRow row(
            String rule, String step, Function<Leaves, Graph> taken, Function<Leaves, Graph> past, Rule... wrong) {
        return row(rule, "", step, taken, past, wrong);
    }

    private static RuleRow row(
            String rule,
            String switches,
            String step,
            Function<Leaves, Graph> taken,
            Function<Leaves, Graph> past,
            Rule... wrong) {
        List<Rule> wrongs = wrong.length == 0 ? List.of(new Never(rule)) : List.of(wrong);
        return new RuleRow(rule, switches, step, 0, taken, past, wrongs);
    }

    private static Graph of(Leaves l, UnaryOperator<Expr> y, int... dims) {
        return Graph.of(Map.of("y", y.apply(l.input("x", dims))));
    }

    static Graph gradient(Leaves l, UnaryOperator<Expr> of, int... dims) {
        Expr x = l.input("x", dims);
        Expr y = of.apply(x);
        Expr objective = y.mul(l.input("g", y.shape().dims())).sum();
        return Graph.of(Map.of("dx", Gradients.of(objective, List.of(x)).get(0)));
    }
}
