package dev.fluxion.engine;

import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Size;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values that are seen under other extents and orders are put behind others, wherever they and the whole lie. */
class JoinedViewsTest {
    private static final ConvSpec SAME = new ConvSpec(Size.of(1), Size.of(1), Size.of(1), 1);
    private static final int CHANNELS = 16;
    private static final int SIDE = 6;

    private final Leaves leaves = new Leaves(0.1);

    /** Ways to see some of {@value #CHANNELS} channels of {@value #SIDE} × {@value #SIDE} as images of the same height and width. */
    enum View {
        SHUFFLED {
            @Override
            Expr of(Expr x, int n) {
                return x.reshape(n, 2, CHANNELS / 2, SIDE * SIDE)
                        .transpose(0, 2, 1, 3)
                        .reshape(n, CHANNELS, SIDE, SIDE);
            }
        },
        SHUFFLED_IN_THREES {
            @Override
            Expr of(Expr x, int n) {
                return x.slice(1, 0, 12)
                        .reshape(n, 3, 4, SIDE, SIDE)
                        .transpose(0, 2, 1, 3, 4)
                        .reshape(n, 12, SIDE, SIDE);
            }
        },
        CUT {
            @Override
            Expr of(Expr x, int n) {
                return x.slice(1, CHANNELS / 2, CHANNELS);
            }
        },
        TURNED {
            @Override
            Expr of(Expr x, int n) {
                return x.transpose(0, 1, 3, 2);
            }
        },
        ROWS_AS_CHANNELS {
            @Override
            Expr of(Expr x, int n) {
                return x.slice(1, 0, SIDE).transpose(0, 2, 1, 3);
            }
        },
        BLOCKS_AS_PIXELS {
            @Override
            Expr of(Expr x, int n) {
                return x.reshape(n, 4, 2, 2, SIDE, SIDE)
                        .transpose(0, 1, 4, 2, 5, 3)
                        .reshape(n, 4, 2 * SIDE, 2 * SIDE)
                        .slice(2, 0, SIDE)
                        .slice(3, SIDE, 2 * SIDE);
            }
        },
        SEEN_OTHERWISE {
            @Override
            Expr of(Expr x, int n) {
                return x.reshape(n, CHANNELS / 2, 2 * SIDE, SIDE)
                        .transpose(0, 1, 3, 2)
                        .reshape(n, CHANNELS, SIDE, SIDE);
            }
        };

        abstract Expr of(Expr x, int n);
    }

    @ParameterizedTest
    @EnumSource(View.class)
    void areWhatTheyWere(View view) {
        for (int n : new int[] {1, 3}) {
            Expr input = leaves.input("x" + n, n, CHANNELS, SIDE, SIDE);
            Expr image = convolution(input, "w" + n, CHANNELS);
            for (Expr x : List.of(input, image)) {
                Expr seen = view.of(x, n);
                Expr before = Expr.concat(1, List.of(seen, convolution(seen, "a" + n + view, 8)));
                Expr behind = Expr.concat(1, List.of(convolution(input, "b" + n, 5), seen));
                for (Expr whole : List.of(before, behind)) {
                    check(view, Map.of("whole", whole));
                    check(view, Map.of("read", convolution(whole, "c" + n + whole.shape(), 16)));
                    check(
                            view,
                            Map.of(
                                    "sum",
                                    convolution(whole.relu(), "c" + n + whole.shape(), 16)
                                            .sum(2, 3)));
                }
            }
        }
    }

    private void check(View view, Map<String, Expr> outputs) {
        Match.check(view + " " + outputs, Graph.of(outputs), leaves.values, 1, 1);
    }

    private Expr convolution(Expr x, String weights, int filters) {
        return x.conv(leaves.parameter(weights + filters, filters, x.shape().dim(1), 3, 3), SAME);
    }
}
