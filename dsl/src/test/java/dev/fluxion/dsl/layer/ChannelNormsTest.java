package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.groupNorm;
import static dev.fluxion.dsl.layer.Layers.instanceNorm;
import static dev.fluxion.dsl.layer.Layers.rmsNorm;
import static dev.fluxion.dsl.layer.Layers.shared;
import static dev.fluxion.dsl.layer.Layers.tanh;

import dev.fluxion.Layer;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Batch, group, instance and RMS normalisations are PyTorch's, as recorded by {@code record_channel_norms.py}, in three steps of
 * training and in evaluation; {@code -Dfluxion.norms=FILE} compares with a sweep of it.
 */
class ChannelNormsTest {
    private static Layer layer(Recorded r) {
        Shape shape = r.tensor("x").shape();
        int channels = shape.dim(1);
        return switch (r.text("layer")) {
            case "batchNorm" -> batch(r, channels);
            case "instanceNorm" ->
                instanceNorm(channels)
                        .eps(r.real("eps"))
                        .momentum(r.real("momentum"))
                        .affine(r.is("affine"))
                        .bias(r.is("bias"))
                        .trackRunningStats(r.is("track"));
            case "groupNorm" ->
                groupNorm(r.number("groups"), channels)
                        .eps(r.real("eps"))
                        .affine(r.is("affine"))
                        .bias(r.is("bias"));
            case "shared" -> {
                Layer norm = shared(batch(r, channels));
                yield Seq.of(norm, tanh(), norm);
            }
            default -> {
                int rank = shape.rank();
                int[] row = IntStream.range(rank - r.number("axes"), rank)
                        .map(shape::dim)
                        .toArray();
                yield rmsNorm(row).eps(r.real("eps")).affine(r.is("affine"));
            }
        };
    }

    private static BatchNorm batch(Recorded r, int channels) {
        return batchNorm(channels)
                .eps(r.real("eps"))
                .momentum(r.real("momentum"))
                .cumulative(r.is("cumulative"))
                .affine(r.is("affine"))
                .bias(r.is("bias"))
                .trackRunningStats(r.is("track"));
    }

    @TestFactory
    Stream<DynamicTest> trainingAndEvaluationAreThoseOfPyTorch() {
        return Recorded.read("channel-norms.txt").stream()
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    Replay replay = new Replay(r, layer(r));
                    replay.interpret(tolerance(1e-11));
                    replay.compile(tolerance(r.name().contains("large mean") ? 3e-4 : 1e-5));
                }));
    }

    @TestFactory
    Stream<DynamicTest> randomConfigurationsAreThoseOfPyTorch() throws IOException {
        return Recorded.more("fluxion.norms")
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    Replay replay = new Replay(r, layer(r));
                    replay.interpret(Tolerance.of(1e-11));
                    replay.check();
                    replay.compile(Tolerance.of(0.01)); // buffers after three steps
                }));
    }

    /** Where sums cancel in gradients, a share of what was summed. */
    private static Tolerance tolerance(double share) {
        return new Tolerance(share, name -> name.matches("(eval)?d.*") ? share : Float.MIN_NORMAL);
    }
}
