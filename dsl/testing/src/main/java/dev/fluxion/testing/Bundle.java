package dev.fluxion.testing;

import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Shrinkable;
import net.jqwik.api.ShrinkingDistance;

/**
 * Tensors drawn for one shape, which shrink together: first to smaller extents, then to fewer axes, then to simpler
 * elements.
 *
 * @param range the range of shapes
 * @param shape the shape that the tensors are drawn for
 * @param elements what the elements of each tensor are
 * @param tensors the tensors
 */
record Bundle(ShapeRange range, Shape shape, List<Elements> elements, List<Tensor> tensors)
        implements Shrinkable<List<Tensor>> {

    static Bundle draw(ShapeRange range, List<Elements> elements, Random random) {
        Shape shape = range.draw(random);
        return new Bundle(
                range,
                shape,
                elements,
                elements.stream().map(e -> e.draw(shape, random)).toList());
    }

    @Override
    public List<Tensor> value() {
        return tensors;
    }

    @Override
    public Stream<Shrinkable<List<Tensor>>> shrink() {
        Stream<Bundle> smaller = range.shrinks() ? Stream.concat(cuts(), drops()) : Stream.empty();
        ShrinkingDistance own = distance();
        return Stream.concat(smaller, simpler())
                .filter(b -> b.distance().compareTo(own) < 0)
                .map(b -> b);
    }

    @Override
    public ShrinkingDistance distance() {
        long complexity = 0;
        for (int i = 0; i < tensors.size(); i++) {
            complexity += elements.get(i).complexity(tensors.get(i));
        }
        return ShrinkingDistance.of(shape.size(), shape.rank(), complexity);
    }

    private Stream<Bundle> cuts() {
        return IntStream.range(0, shape.rank()).boxed().flatMap(axis -> {
            int extent = shape.dim(axis);
            int half = extent / 2;
            return extent == 1
                    ? Stream.empty()
                    : Stream.of(
                            cut(axis, 0, half),
                            cut(axis, half, extent),
                            cut(axis, 0, extent - 1),
                            cut(axis, 1, extent));
        });
    }

    private Bundle cut(int axis, int from, int to) {
        return with(shape.with(axis, to - from), (e, t) -> e.cut(t, axis, from, to));
    }

    private Stream<Bundle> drops() {
        int first = elements.stream().anyMatch(Elements::byClass) ? 2 : 0;
        return shape.rank() <= range.leastRank()
                ? Stream.empty()
                : IntStream.range(first, shape.rank())
                        .filter(axis -> shape.dim(axis) == 1)
                        .mapToObj(axis -> with(shape.without(axis), (e, t) -> e.drop(t, axis)));
    }

    private Stream<Bundle> simpler() {
        return IntStream.range(0, tensors.size())
                .boxed()
                .flatMap(i -> elements.get(i).simpler(tensors.get(i)).map(t -> {
                    List<Tensor> changed = new ArrayList<>(tensors);
                    changed.set(i, t);
                    return new Bundle(range, shape, elements, List.copyOf(changed));
                }));
    }

    private Bundle with(Shape other, BiFunction<Elements, Tensor, Tensor> change) {
        List<Tensor> changed = new ArrayList<>();
        for (int i = 0; i < tensors.size(); i++) {
            changed.add(change.apply(elements.get(i), tensors.get(i)));
        }
        return new Bundle(range, other, elements, List.copyOf(changed));
    }
}
