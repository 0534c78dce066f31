package dev.fluxion.testing;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCases;
import net.jqwik.api.RandomGenerator;

/**
 * Random tensors: {@code Tensors.any().ranks(1, 2).between(-5, 5)}. They shrink to few elements, zeros and ones. Unless
 * said otherwise they have a rank from 0 to 4, extents up to 5, at most 64 elements, and numbers from −2 to 2.
 */
public final class Tensors implements Arbitrary<Tensor> {
    private final ShapeRange shapes;
    private final Elements elements;

    private Tensors(ShapeRange shapes, Elements elements) {
        this.shapes = shapes;
        this.elements = elements;
    }

    /** Tensors of any shape. */
    public static Tensors any() {
        return new Tensors(ShapeRange.ranks(0, 4), Elements.between(-2, 2));
    }

    /** Tensors of one shape, which stays while they shrink. */
    public static Tensors of(int... dims) {
        return of(Shape.of(dims));
    }

    /** Tensors of one shape, which stays while they shrink. */
    public static Tensors of(Shape shape) {
        return new Tensors(ShapeRange.only(shape), Elements.between(-2, 2));
    }

    /** These tensors with other numbers of axes. */
    public Tensors ranks(int least, int most) {
        return new Tensors(ShapeRange.ranks(least, most).extents(shapes.extent()), elements);
    }

    /** These tensors with other extents, from 1 to {@code most}. */
    public Tensors extents(int most) {
        return new Tensors(shapes.extents(most), elements);
    }

    /** These tensors with numbers from another range. */
    public Tensors between(double least, double most) {
        return elements(Elements.between(least, most));
    }

    /** These tensors with other elements. */
    public Tensors elements(Elements other) {
        return new Tensors(shapes, other);
    }

    @Override
    public RandomGenerator<Tensor> generator(int genSize) {
        return random -> Bundle.draw(shapes, List.of(elements), random).map(all -> all.get(0));
    }

    @Override
    public EdgeCases<Tensor> edgeCases(int maxEdgeCases) {
        return EdgeCases.none();
    }
}
