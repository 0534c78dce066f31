package dev.fluxion.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void countsAxesFromBothEnds() {
        Shape s = Shape.of(2, 3, 4);
        assertThat(s.rank()).isEqualTo(3);
        assertThat(s.size()).isEqualTo(24);
        assertThat(s.dim(0)).isEqualTo(2);
        assertThat(s.dim(-1)).isEqualTo(4);
        assertThat(s.axis(-3)).isZero();
        assertThat(s.strides()).containsExactly(12, 4, 1);
    }

    @Test
    void aScalarHasOneElement() {
        assertThat(Shape.scalar().size()).isEqualTo(1);
        assertThat(Shape.of()).isSameAs(Shape.scalar()).hasToString("scalar");
    }

    /** Whatever the other extents and their order: they say nothing of how many elements there are. */
    @Test
    void anExtentOfZeroMakesItEmpty() {
        int much = Integer.MAX_VALUE;
        assertThat(Shape.of(0, much, much, much).size()).isZero();
        assertThat(Shape.of(much, much, much, 0).size()).isZero();
        assertThatThrownBy(() -> Shape.of(much, much, much, 1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Shape.of(1 << 16, 1 << 16, 1 << 16, 1 << 16)).isInstanceOf(ShapeException.class);
    }

    @Test
    void replacesAndDropsExtents() {
        Shape s = Shape.of(2, 3, 4);
        assertThat(s.with(-1, 7)).isEqualTo(Shape.of(2, 3, 7));
        assertThat(s.keeping(0, -1)).isEqualTo(Shape.of(1, 3, 1));
        assertThat(s.without(1)).isEqualTo(Shape.of(2, 4));
        assertThat(s.without(0, 1, 2)).isEqualTo(Shape.scalar());
        assertThat(s).hasToString("2×3×4");
    }

    @Test
    void doesNotShareItsExtents() {
        int[] dims = {2, 3};
        Shape s = Shape.of(dims);
        dims[0] = 9;
        s.dims()[1] = 9;
        assertThat(s).isEqualTo(Shape.of(2, 3));
    }

    @Test
    void broadcastsFromTheLastAxis() {
        assertThat(Shape.broadcast(Shape.of(4, 1, 3), Shape.of(2, 1))).isEqualTo(Shape.of(4, 2, 3));
        assertThat(Shape.broadcast(Shape.scalar(), Shape.of(2))).isEqualTo(Shape.of(2));
        assertThat(Shape.broadcast(Shape.of(0), Shape.of(1))).isEqualTo(Shape.of(0));
        assertThatThrownBy(() -> Shape.broadcast(Shape.of(2, 3), Shape.of(2)))
                .isInstanceOf(ShapeException.class)
                .hasMessage(
                        "shapes 2×3 and 2 do not broadcast: aligned from the last axis, extents must agree or be 1");
    }

    @Test
    void refusesWhatIsNoShape() {
        assertThatThrownBy(() -> Shape.of(2, -1)).hasMessage("a shape's extents must not be negative, but got [2, -1]");
        assertThatThrownBy(() -> Shape.of(1 << 16, 1 << 16))
                .hasMessage("a shape may hold at most 2147483647 elements, but [65536, 65536] holds more");
        assertThatThrownBy(() -> Shape.of(2, 3).dim(2)).hasMessage("axis 2 is outside [-2, 2) for shape 2×3");
        assertThatThrownBy(() -> Shape.scalar().dim(-1)).hasMessage("axis -1 does not exist in a scalar");
    }

    @Property(tries = 200)
    void broadcastingIsSymmetricAndAbsorbsItself(
            @ForAll @Size(max = 4) boolean[] stretch,
            @ForAll @Size(4) List<@IntRange(min = 0, max = 5) Integer> extents) {
        int[] full = extents.stream().mapToInt(i -> i).toArray();
        Shape whole = Shape.of(full);
        int[] part = new int[stretch.length];
        for (int i = 0; i < part.length; i++) {
            part[i] = stretch[i] ? 1 : full[full.length - part.length + i];
        }
        Shape small = Shape.of(part);
        assertThat(Shape.broadcast(small, whole)).isEqualTo(whole);
        assertThat(Shape.broadcast(whole, small)).isEqualTo(whole);
    }
}
