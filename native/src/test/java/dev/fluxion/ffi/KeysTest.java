package dev.fluxion.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations whose equality is written out are equal if all of their components are, and only then. */
class KeysTest {
    private static final Layout SMALL = Layout.plain(2, 3, 4, 4);
    private static final Layout LARGE = Layout.plain(2, 3, 8, 8);
    private static final Layout BIAS = Layout.plain(3);
    private static final PostOps SUM = PostOps.NONE.sum(1);
    private static final Window WINDOW = Window.of(3, 3);

    private static List<List<Object>> kinds() {
        return List.of(windows(), convolutions(), poolings(), products(), reorders());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void differInEachComponent(List<Object> different) {
        List<Object> again = kinds().stream()
                .filter(kind -> kind.get(0).getClass() == different.get(0).getClass())
                .findFirst()
                .orElseThrow();
        assertThat(again).isEqualTo(different).hasSameHashCodeAs(different);
        for (int i = 0; i < different.size(); i++) {
            assertThat(again.indexOf(different.get(i)))
                    .as("%s", different.get(i))
                    .isEqualTo(i);
        }
    }

    private static List<Object> windows() {
        return List.of(
                WINDOW,
                Window.of(3, 2),
                WINDOW.stride(2, 1),
                WINDOW.dilation(1, 2),
                WINDOW.padding(new long[] {1, 0}, new long[] {0, 0}),
                WINDOW.padding(new long[] {0, 0}, new long[] {1, 0}));
    }

    private static List<Object> convolutions() {
        Convolution one = Convolution.of(SMALL, SMALL, SMALL, WINDOW);
        return List.of(
                one,
                one.pass(Pass.TRAINING),
                one.layouts(LARGE, SMALL),
                Convolution.of(SMALL, LARGE, SMALL, WINDOW),
                one.bias(BIAS),
                one.layouts(SMALL, LARGE),
                Convolution.of(SMALL, SMALL, SMALL, WINDOW.stride(2, 2)),
                one.postOps(SUM));
    }

    private static List<Object> poolings() {
        Pooling one = Pooling.of(Pooling.Kind.MAX, SMALL, SMALL, WINDOW);
        return List.of(
                one,
                one.pass(Pass.TRAINING),
                Pooling.of(Pooling.Kind.PADDED_MEAN, SMALL, SMALL, WINDOW),
                Pooling.of(Pooling.Kind.MAX, LARGE, SMALL, WINDOW),
                Pooling.of(Pooling.Kind.MAX, SMALL, LARGE, WINDOW),
                Pooling.of(Pooling.Kind.MAX, SMALL, SMALL, WINDOW.stride(2, 2)),
                one.postOps(SUM));
    }

    private static List<Object> products() {
        MatMul one = MatMul.of(SMALL, SMALL, SMALL);
        return List.of(
                one,
                MatMul.of(LARGE, SMALL, SMALL),
                MatMul.of(SMALL, LARGE, SMALL),
                MatMul.of(SMALL, SMALL, LARGE),
                one.bias(BIAS),
                one.postOps(SUM));
    }

    private static List<Object> reorders() {
        Reorder one = Reorder.of(SMALL, SMALL);
        return List.of(one, Reorder.of(LARGE, SMALL), Reorder.of(SMALL, LARGE), one.postOps(SUM));
    }
}
