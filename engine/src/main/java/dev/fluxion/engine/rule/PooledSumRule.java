package dev.fluxion.engine.rule;

import dev.fluxion.engine.emit.Facts;
import dev.fluxion.engine.emit.Lowering;
import dev.fluxion.engine.emit.Primitives;
import dev.fluxion.engine.kernel.ReduceParts;
import dev.fluxion.engine.plan.Buffer;
import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Arg;
import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ffi.Layout;
import dev.fluxion.ffi.Pooling;
import dev.fluxion.ffi.PostOps;
import dev.fluxion.ffi.Primitive;
import dev.fluxion.ffi.Window;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Sums of a prediction over the places of images whose channels lie side by side. A pooling of the library adds up some neighbours each,
 * and Java what is left.
 *
 * @param size elements of an image from which on another kernel pays
 */
public record PooledSumRule(int size) implements Rule {
    /** The library adds up so many places at most, one after the other in single precision. */
    private static final int MOST = 64;

    @Override
    public String name() {
        return "pooled-sums";
    }

    @Override
    public Optional<Match> match(Candidate c, Facts facts) {
        return facts.updates() || !(c.core().op() instanceof Reduction.Sum)
                ? Optional.empty()
                : ReductionRule.Lying.of(c.core(), facts)
                        .flatMap(Places::of)
                        .filter(places -> places.pays(size, facts.lanes()))
                        .flatMap(places -> facts.offered(places.sums()).map(primitive -> match(places, primitive)));
    }

    private Match match(Places places, Primitive primitive) {
        ReductionRule.Lying sum = places.sum;
        return new Match(
                name(),
                Candidate.alone(sum.e()),
                List.of(sum.operand()),
                List.of(new Laid(sum.e(), sum.made())),
                () -> List.of(sum.e()),
                to -> emit(places, primitive, to.lowering()));
    }

    private static void emit(Places places, Primitive primitive, Lowering lowering) {
        ReductionRule.Lying sum = places.sum;
        Buffer to = lowering.destination(sum.e(), sum.made());
        boolean all = places.groups() == 1;
        Buffer sums = all ? to.as(places.after()) : Buffer.temporary("sums", places.after());
        lowering.add(sum.e(), pooling(places, primitive, lowering, sums));
        if (!all) {
            lowering.add(sum.e(), rest(places, sums, to));
        }
        lowering.record(sum.e(), to);
    }

    private static Step pooling(Places places, Primitive primitive, Lowering lowering, Buffer sums) {
        ReductionRule.Lying sum = places.sum;
        Buffer from = lowering.value(sum.operand().value(), sum.operand().layout());
        return Primitives.step(
                sum.e(),
                primitive,
                Map.of(Arg.SOURCE, from.as(places.before())),
                Map.of(Arg.DESTINATION, sums),
                sum.in().size());
    }

    private static Step rest(Places places, Buffer sums, Buffer to) {
        Expr e = places.sum.e();
        Shape left = Shape.of(places.images, places.groups(), places.channels);
        Shape made = Shape.of(places.images, 1, places.channels);
        return ReduceParts.step(e, true, left, made, sums, to);
    }

    /**
     * What is summed, as images of so many channels.
     *
     * @param together how many neighbours a pooling takes together
     */
    private record Places(ReductionRule.Lying sum, int images, int places, int channels, int together) {
        /** Empty if what is kept does not lie around what is summed. */
        static Optional<Places> of(ReductionRule.Lying sum) {
            int[] in = sum.in().dims();
            int[] kept = IntStream.range(0, in.length)
                    .filter(i -> sum.out().dim(i) == in[i])
                    .toArray();
            int[] summed = IntStream.range(0, in.length)
                    .filter(i -> sum.out().dim(i) != in[i])
                    .toArray();
            if (kept.length == 0 || summed.length == 0) {
                return Optional.empty();
            }
            int first = summed[0];
            int last = summed[summed.length - 1];
            boolean around = last - first == summed.length - 1 && last < in.length - 1;
            int places = product(in, first, last + 1);
            int together = IntStream.rangeClosed(1, MOST)
                    .filter(n -> places % n == 0)
                    .max()
                    .orElse(1);
            return around
                    ? Optional.of(
                            new Places(sum, product(in, 0, first), places, product(in, last + 1, in.length), together))
                    : Optional.empty();
        }

        private static int product(int[] extents, int from, int to) {
            return IntStream.range(from, to).map(i -> extents[i]).reduce(1, (a, b) -> a * b);
        }

        /** Kernels compute whole vectors of channels; few places together leave as much to be added up. */
        boolean pays(int size, int lanes) {
            return channels >= lanes && together >= 8 && places * channels >= size;
        }

        int groups() {
            return places / together;
        }

        Layout before() {
            return Layout.channelsLast(images, channels, groups(), together);
        }

        Layout after() {
            return Layout.channelsLast(images, channels, groups(), 1);
        }

        /** Means, times the number of places. */
        Pooling sums() {
            Window window = Window.of(1, together).stride(1, together);
            return Pooling.of(Pooling.Kind.PADDED_MEAN, before(), after(), window)
                    .postOps(PostOps.NONE.eltwise(Eltwise.Function.LINEAR, together, 0));
        }
    }
}
