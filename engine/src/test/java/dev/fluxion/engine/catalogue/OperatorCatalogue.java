package dev.fluxion.engine.catalogue;

import java.util.List;
import java.util.stream.Stream;

/**
 * One row per operator of the language: what the generic tests run over. A new operator needs a row here and gets, for it,
 * tests of its shape, its gradient and its kernels.
 */
public final class OperatorCatalogue {
    private OperatorCatalogue() {}

    /** The rows. */
    public static List<Row> rows() {
        return Stream.of(
                        ElementwiseRows.rows(),
                        ReductionRows.rows(),
                        AttentionRows.rows(),
                        MovementRows.rows(),
                        ContractionRows.rows(),
                        PoolingRows.rows(),
                        SequenceRows.rows(),
                        LeafRows.rows())
                .flatMap(List::stream)
                .toList();
    }

    /** The row of a name. */
    public static Row row(String name) {
        return rows().stream().filter(r -> r.name().equals(name)).findFirst().orElseThrow();
    }
}
