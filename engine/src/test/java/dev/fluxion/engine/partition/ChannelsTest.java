package dev.fluxion.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.engine.plan.Turn;
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
class ChannelsTest {
    private static final Turn FIRST = new Turn(0, 0);
    private static final Turn SECOND = new Turn(1, 1);
    private static final Turn IMAGES = new Turn(0, Integer.MAX_VALUE);
    private static final Turn WEIGHTS = new Turn(1, Integer.MAX_VALUE);

    private final Expr x = Expr.input("x", Shape.of(1, 32, 16, 16));
    private final Expr w = Expr.parameter("w", Shape.of(64, 32, 3, 3));
    private final Expr b = Expr.parameter("b", Shape.of(64));
    private final Map<String, Expr> outputs = new LinkedHashMap<>();

    private static Expr conv(Expr x, Expr w, int groups) {
        return x.conv(w, new ConvSpec(Size.of(1), Size.of(1), Size.of(1), groups));
    }

    private Tiles.Tiled divided(Expr y, Expr... wrt) {
        List<Expr> gradients = Gradients.of(y.square().sum(), List.of(wrt));
        for (int i = 0; i < wrt.length; i++) {
            outputs.put("gradient " + i, gradients.get(i));
        }
        outputs.put("y", y);
        return Tiles.byChannels(Graph.of(outputs), 2);
    }

    private static List<Turn> turns(Tiles.Tiled tiled, Class<? extends Op> op) {
        return tiled.graph().order().stream()
                .filter(e -> op.isInstance(e.op()))
                .map(tiled::turn)
                .toList();
    }

    @Test
    void gradientsAreBesideEachOtherWithWhatIsDoneForThemAlone() {
        Tiles.Tiled tiled = divided(conv(x, w, 1).add(b.reshape(1, 64, 1, 1)).relu(), x, w, b);
        assertThat(turns(tiled, Contraction.Conv.class)).containsExactly(FIRST, SECOND);
        assertThat(turns(tiled, Contraction.ConvGradInput.class)).containsExactly(IMAGES);
        assertThat(turns(tiled, Contraction.ConvGradWeight.class)).containsExactly(WEIGHTS);
        assertThat(turns(tiled, Reduction.Sum.class)).containsExactly(WEIGHTS);
        assertThat(tiled.turn(w)).isEqualTo(IMAGES);
    }

    /** The first convolution of a net for digits: small, but longer than a lane takes to be taken. */
    @Test
    void theFirstConvolutionForDigitsIsDivided() {
        Expr digit = Expr.input("digit", Shape.of(1, 1, 26, 26));
        Expr y = digit.conv(
                Expr.parameter("filters", Shape.of(32, 1, 3, 3)), new ConvSpec(Size.of(1), Size.of(0), Size.of(1), 1));
        assertThat(turns(Tiles.byChannels(Graph.of(Map.of("y", y)), 2), Contraction.Conv.class))
                .containsExactly(FIRST, SECOND);
    }

    @Test
    void weightsThatOthersReadBelongToNobody() {
        outputs.put("sum", w.sum());
        Tiles.Tiled tiled = divided(conv(x, w, 1), x, w);
        assertThat(turns(tiled, Contraction.ConvGradInput.class)).containsExactly(IMAGES);
        assertThat(tiled.turn(w)).isEqualTo(Turn.SERIAL);
    }

    private Tiles.Tiled trained(Expr y, Expr... parameters) {
        List<Expr> all = List.of(parameters);
        Update update = new Update(all, Gradients.of(y.square().sum(), all), (p, g, state) -> p.sub(g));
        return Tiles.byChannels(Graph.of(new Graph.Stage("update", Map.of(), List.of(update))), 2);
    }

    @Test
    void whereImagesWantNoGradientThatOfTheWeightsIsDivided() {
        Expr y = conv(x, w, 1).add(b.reshape(1, 64, 1, 1)).relu();
        Tiles.Tiled tiled = trained(y, w, b);
        assertThat(turns(tiled, Contraction.ConvGradWeight.class)).containsExactly(FIRST, SECOND);
        assertThat(turns(tiled, Reduction.Sum.class)).containsExactly(FIRST, SECOND);
    }

    /** Without an update one thread divides nothing, and the bits shall be the same. */
    @Test
    void aGradientOfWeightsThatIsAResultIsNotDivided() {
        assertThat(turns(divided(conv(x, w, 1), w), Contraction.ConvGradWeight.class))
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
    private static List<String> products(Tiles.Tiled tiled) {
        return tiled.graph().order().stream()
                .filter(e ->
                        e.op() instanceof Contraction.MatMul && tiled.turn(e).isStrand())
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
            assertThat(turns(Tiles.byChannels(Graph.of(Map.of("y", whole)), 2), Contraction.Conv.class))
                    .containsExactly(Turn.SERIAL);
        }
    }

    /** It looks for the maxima that the pooling has noted. */
    @Test
    void theGradientOfAPoolingIsDividedIfThePoolingIs() {
        PoolSpec spec = PoolSpec.of(Size.of(2));
        Expr images = Expr.input("images", Shape.of(1, 64, 32, 32));
        Tiles.Tiled beside = divided(images.maxPool(spec).mul(conv(x, w, 1)), images);
        assertThat(turns(beside, Pooling.MaxPool.class)).containsExactly(Turn.SERIAL);
        assertThat(turns(beside, Pooling.MaxPoolGrad.class)).containsExactly(Turn.SERIAL);
        outputs.clear();
        Tiles.Tiled after = divided(conv(x, w, 1).maxPool(spec), w);
        assertThat(turns(after, Pooling.MaxPool.class)).containsExactly(FIRST, SECOND);
        assertThat(turns(after, Pooling.MaxPoolGrad.class)).containsExactly(FIRST, SECOND);
    }

    /** The bits of an activation that is computed with its convolution are others than those of a part of it. */
    @Test
    void whatASmallConvolutionTakesAlongIsNotDivided() {
        Expr small = x.conv(
                Expr.parameter("small", Shape.of(64, 32, 1, 1)), new ConvSpec(Size.of(4), Size.of(0), Size.of(1), 1));
        Expr large = conv(x, w, 1).maxPool(new PoolSpec(Size.of(4), Size.of(4), Size.of(0)));
        Expr biased = small.add(b.reshape(1, 64, 1, 1));
        for (Expr taken : List.of(biased, small.sigmoid(), biased.sigmoid())) {
            Tiles.Tiled tiled = Tiles.byChannels(Graph.of(Map.of("y", large.add(taken))), 2);
            assertThat(tiled.graph().order()).contains(taken);
            assertThat(tiled.turn(taken)).isEqualTo(Turn.SERIAL);
        }
    }
}
