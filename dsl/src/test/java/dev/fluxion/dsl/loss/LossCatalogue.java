package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.loss.LossCase.Row;
import java.util.List;
import java.util.stream.Stream;

/** Every loss: one row each, with the settings of its options that the generic tests go through. */
final class LossCatalogue {
    private LossCatalogue() {}

    static List<Row> rows() {
        return Stream.of(ElementwiseRows.rows(), ClassRows.rows(), PairRows.rows())
                .flatMap(List::stream)
                .toList();
    }
}
