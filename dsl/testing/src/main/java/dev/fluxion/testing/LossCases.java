package dev.fluxion.testing;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCases;
import net.jqwik.api.RandomGenerator;

/**
 * Random outputs with matching targets. Both shrink together, to few samples and simple numbers. Outputs are numbers
 * from −2 to 2, unless said otherwise.
 */
public final class LossCases implements Arbitrary<LossCase> {
    private final ShapeRange shapes;
    private final Elements outputs;
    private final Elements targets;

    private LossCases(ShapeRange shapes, Elements outputs, Elements targets) {
        if (targets.byClass() && shapes.leastRank() < 2) {
            throw new IllegalArgumentException(Errors.noClassAxis(shapes.leastRank()));
        }
        this.shapes = shapes;
        this.outputs = outputs;
        this.targets = targets;
    }

    /** Targets like the outputs, of any shape. */
    public static LossCases numbers() {
        return new LossCases(ShapeRange.ranks(0, 3), Elements.between(-2, 2), Elements.between(-2, 2));
    }

    /** Targets −1 or 1 of the outputs' shape. */
    public static LossCases signs() {
        return numbers().targets(Elements.signs());
    }

    /** Targets 0 or 1 of the outputs' shape. */
    public static LossCases bits() {
        return numbers().targets(Elements.bits());
    }

    /** Outputs N×C or N×C×… with integer classes N or N×…. */
    public static LossCases labels() {
        return new LossCases(ShapeRange.ranks(2, 4), Elements.between(-2, 2), new ClassLabels());
    }

    /** Outputs N×C or N×C×… with a probability for each class. */
    public static LossCases probabilities() {
        return new LossCases(ShapeRange.ranks(2, 4), Elements.between(-2, 2), Elements.probabilities());
    }

    /** These cases with other elements of the outputs. */
    public LossCases outputs(Elements other) {
        return new LossCases(shapes, other, targets);
    }

    /** These cases with other elements of the targets. */
    public LossCases targets(Elements other) {
        return new LossCases(shapes, outputs, other);
    }

    /** These cases with other numbers of axes of the outputs; at least 2 where axis 1 holds classes. */
    public LossCases ranks(int least, int most) {
        return new LossCases(ShapeRange.ranks(least, most).extents(shapes.extent()), outputs, targets);
    }

    /** These cases with other extents of the outputs, from 1 to {@code most}. */
    public LossCases extents(int most) {
        return new LossCases(shapes.extents(most), outputs, targets);
    }

    @Override
    public RandomGenerator<LossCase> generator(int genSize) {
        return random -> Bundle.draw(shapes, List.of(outputs, targets), random)
                .map(both -> new LossCase(both.get(0), both.get(1)));
    }

    @Override
    public EdgeCases<LossCase> edgeCases(int maxEdgeCases) {
        return EdgeCases.none();
    }
}
