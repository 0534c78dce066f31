package dev.fluxion.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.plan.ScheduleKey;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Op;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Pooling;
import dev.fluxion.ir.Reduction;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is divided for a single sample, and what two strands do beside each other. */
class ChannelPartitionTest {
    private static final ScheduleKey FIRST = new ScheduleKey(0, 0);
    private static final ScheduleKey SECOND = new ScheduleKey(1, 1);
    private static final ScheduleKey IMAGES = new ScheduleKey(0, Integer.MAX_VALUE);
    private static final ScheduleKey WEIGHTS = new ScheduleKey(1, Integer.MAX_VALUE);

    private final Expr x = Expr.input("x", Shape.of(1, 32, 16, 16));
    private final Expr w = Expr.parameter("w", Shape.of(64, 32, 3, 3));
    private final Expr b = Expr.parameter("b", Shape.of(64));
    private final Map<String, Expr> outputs = new LinkedHashMap<>();

    private static Expr conv(Expr x, Expr w, int groups) {
        return x.conv(w, new ConvSpec(Size.of(1), Size.of(1), Size.of(1), groups));
    }

    private BatchPartition.Tiled divided(Expr y, Expr... wrt) {
        List<Expr> gradients = Gradients.of(y.square().sum(), List.of(wrt));
        for (int i = 0; i < wrt.length; i++) {
            outputs.put("gradient " + i, gradients.get(i));
        }
        outputs.put("y", y);
        return BatchPartition.byChannels(Graph.of(outputs), 2);
    }

    private static List<ScheduleKey> keys(BatchPartition.Tiled tiled, Class<? extends Op> op) {
        return tiled.graph().order().stream()
                .filter(e -> op.isInstance(e.op()))
                .map(tiled::key)
                .toList();
    }

    @Test
    void gradientsAreBesideEachOtherWithWhatIsDoneForThemAlone() {
        BatchPartition.Tiled tiled =
                divided(conv(x, w, 1).add(b.reshape(1, 64, 1, 1)).relu(), x, w, b);
        assertThat(keys(tiled, Contraction.Conv.class)).containsExactly(FIRST, SECOND);
        assertThat(keys(tiled, Contraction.ConvGradInput.class)).containsExactly(IMAGES);
        assertThat(keys(tiled, Contraction.ConvGradWeight.class)).containsExactly(WEIGHTS);
        assertThat(keys(tiled, Reduction.Sum.class)).containsExactly(WEIGHTS);
        assertThat(tiled.key(w)).isEqualTo(IMAGES);
    }

    /** The first convolution of a net for digits: small, but longer than a lane takes to be taken. */
    @Test
    void theFirstConvolutionForDigitsIsDivided() {
        Expr digit = Expr.input("digit", Shape.of(1, 1, 26, 26));
        Expr y = digit.conv(
                Expr.parameter("filters", Shape.of(32, 1, 3, 3)), new ConvSpec(Size.of(1), Size.of(0), Size.of(1), 1));
        assertThat(keys(BatchPartition.byChannels(Graph.of(Map.of("y", y)), 2), Contraction.Conv.class))
                .containsExactly(FIRST, SECOND);
    }

    @Test
    void weightsThatOthersReadBelongToNobody() {
        outputs.put("sum", w.sum());
        BatchPartition.Tiled tiled = divided(conv(x, w, 1), x, w);
        assertThat(keys(tiled, Contraction.ConvGradInput.class)).containsExactly(IMAGES);
        assertThat(tiled.key(w)).isEqualTo(ScheduleKey.SERIAL);
    }

    private BatchPartition.Tiled trained(Expr y, Expr... parameters) {
        List<Expr> all = List.of(parameters);
        Update update = new Update(all, Gradients.of(y.square().sum(), all), (p, g, state) -> p.sub(g));
        return BatchPartition.byChannels(Graph.of(new Graph.Stage("update", Map.of(), List.of(update))), 2);
    }

    @Test
    void whereImagesWantNoGradientThatOfTheWeightsIsDivided() {
        Expr y = conv(x, w, 1).add(b.reshape(1, 64, 1, 1)).relu();
        BatchPartition.Tiled tiled = trained(y, w, b);
        assertThat(keys(tiled, Contraction.ConvGradWeight.class)).containsExactly(FIRST, SECOND);
        assertThat(keys(tiled, Reduction.Sum.class)).containsExactly(FIRST, SECOND);
    }

    /** Without an update one thread divides nothing, and the bits shall be the same. */
    @Test
    void aGradientOfWeightsThatIsAResultIsNotDivided() {
        assertThat(keys(divided(conv(x, w, 1), w), Contraction.ConvGradWeight.class))
                .containsExactly(WEIGHTS);
    }

    @Test
    void rowsOfTrainedWeightsAreReadByTheThreadThatTrainsThem() {
        Expr first = Expr.parameter("first", Shape.of(8, 320));
        Expr second = Expr.parameter("second", Shape.of(320, 256));
        Expr y = Expr.input("row", Shape.of(1, 8)).matmul(first).matmul(second);
        assertThat(products(trained(y, first, second)))
                .containsExactly("1×160 · 160×256", "1×160 · 160×256", "1×256 · 256×160", "1×256 · 256×160");
        assertThat(products(divided(y, first, second)))
                .containsExactly("1×320 · 320×128", "1×320 · 320×128", "1×256 · 256×160", "1×256 · 256×160");
    }

    /** The shapes of the products that are divided. */
    private static List<String> products(BatchPartition.Tiled tiled) {
        return tiled.graph().order().stream()
                .filter(e ->
                        e.op() instanceof Contraction.MatMul && tiled.key(e).isStrand())
                .map(e -> e.input(0).shape() + " · " + e.input(1).shape())
                .toList();
    }

    @Test
    void groupsAndBatchesAndSmallConvolutionsAreNotDivided() {
        Expr groups = conv(x, Expr.parameter("g", Shape.of(64, 16, 3, 3)), 2);
        Expr batch = conv(Expr.input("batch", Shape.of(2, 32, 16, 16)), w, 1);
        Expr small = conv(Expr.input("small", Shape.of(1, 32, 2, 2)), w, 1);
        Expr odd = conv(x, Expr.parameter("odd", Shape.of(48, 32, 3, 3)), 1);
        for (Expr whole : List.of(groups, batch, small, odd)) {
            assertThat(keys(BatchPartition.byChannels(Graph.of(Map.of("y", whole)), 2), Contraction.Conv.class))
                    .containsExactly(ScheduleKey.SERIAL);
        }
    }

    /** It looks for the maxima that the pooling has noted. */
    @Test
    void theGradientOfAPoolingIsDividedIfThePoolingIs() {
        PoolSpec spec = PoolSpec.of(Size.of(2));
        Expr images = Expr.input("images", Shape.of(1, 64, 32, 32));
        BatchPartition.Tiled beside = divided(images.maxPool(spec).mul(conv(x, w, 1)), images);
        assertThat(keys(beside, Pooling.MaxPool.class)).containsExactly(ScheduleKey.SERIAL);
        assertThat(keys(beside, Pooling.MaxPoolGrad.class)).containsExactly(ScheduleKey.SERIAL);
        outputs.clear();
        BatchPartition.Tiled after = divided(conv(x, w, 1).maxPool(spec), w);
        assertThat(keys(after, Pooling.MaxPool.class)).containsExactly(FIRST, SECOND);
        assertThat(keys(after, Pooling.MaxPoolGrad.class)).containsExactly(FIRST, SECOND);
    }

    /** The bits of an activation that is computed with its convolution are others than those of a part of it. */
    @Test
    void whatASmallConvolutionTakesAlongIsNotDivided() {
        Expr small = x.conv(
                Expr.parameter("small", Shape.of(64, 32, 1, 1)), new ConvSpec(Size.of(4), Size.of(0), Size.of(1), 1));
        Expr large = conv(x, w, 1).maxPool(new PoolSpec(Size.of(4), Size.of(4), Size.of(0)));
        Expr biased = small.add(b.reshape(1, 64, 1, 1));
        for (Expr taken : List.of(biased, small.sigmoid(), biased.sigmoid())) {
            BatchPartition.Tiled tiled = BatchPartition.byChannels(Graph.of(Map.of("y", large.add(taken))), 2);
            assertThat(tiled.graph().order()).contains(taken);
            assertThat(tiled.key(taken)).isEqualTo(ScheduleKey.SERIAL);
        }
    }
}
