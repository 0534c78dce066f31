package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.avgPool;
import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.dropout2d;
import static dev.fluxion.dsl.layer.Layers.groupNorm;
import static dev.fluxion.dsl.layer.Layers.identity;
import static dev.fluxion.dsl.layer.Layers.instanceNorm;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.localResponseNorm;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.prelu;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.squeezeExcite;

import dev.fluxion.Layer;
import dev.fluxion.check.GradCheck;
import dev.fluxion.engine.check.NativeCheck;
import dev.fluxion.ir.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A pooling that leaves rows and columns over reads a part of what a layer makes, whose statistics are of all of it. */
class LeftOverTest {
    private static final int LEFT = 3;
    private static final int READ = 8;

    static Stream<Layer> layers() {
        return Stream.of(
                identity(),
                batchNorm(),
                groupNorm(2),
                instanceNorm(),
                layerNorm(4, READ + LEFT, READ + LEFT),
                localResponseNorm(3),
                prelu(),
                squeezeExcite(2),
                dropout2d(0));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aLayerIsTrainedBeforeIt(Layer layer) {
        for (Pool pool : new Pool[] {maxPool(4), avgPool(4)}) {
            Seq net = Seq.of(conv(2, 4, 3), layer, relu(), pool);
            GradCheck check = GradCheck.of(net, Shape.of(3, 2, READ + LEFT + 2, READ + LEFT + 2));
            NativeCheck.of(check).run().orThrow();
        }
    }

    /** A gradient that is cut is multiplied with what a layer makes, of which no part can be taken where it has several results. */
    @ParameterizedTest
    @MethodSource("layers")
    void aLayerIsReadByWhatIsCut(Layer layer) {
        for (Layer middle : new Layer[] {conv(4, 4, 2), maxPool(2).stride(1)}) {
            Seq net = Seq.of(conv(2, 4, 3), layer, middle, maxPool(4));
            GradCheck check = GradCheck.of(net, Shape.of(3, 2, READ + LEFT + 2, READ + LEFT + 2));
            NativeCheck.of(check).run().orThrow();
        }
    }
}
