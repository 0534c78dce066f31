package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.ShapeException;

/**
 * The mean, sum or maximum of the vectors of some ids: integers N×L, a bag of L ids for each sample, become N×width. Ids that are the
 * padding index do not count; a bag of nothing else gives 0. Parameter: {@code weight} as in {@link Embedding}.
 *
 * @param table the vocabulary, its vectors and how they are trained
 * @param mode what becomes of the vectors of a bag
 * @param factors the name of the value in the scope, N×L, by which vectors are multiplied before they are added up; empty for none
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record EmbeddingBag(EmbeddingTable table, Mode mode, String factors, String named, CallSite callSite)
        implements NamedLayer {
    /** What becomes of the vectors of a bag. */
    public enum Mode {
        /** Their mean. */
        MEAN,
        /** Their sum. */
        SUM,
        /** The largest element at each place. */
        MAX
    }

    /** Checks the table. */
    public EmbeddingBag {
        Arguments.requireIdentity("embeddingBag", named, callSite);
        String place = Text.place("embeddingBag", callSite);
        Given.require(place, "the table", table).check("embeddingBag", callSite);
        Given.require(place, "the mode", mode);
        Given.require(place, "the name of the weights", factors);
        if (!factors.isEmpty() && mode != Mode.SUM) {
            throw new IllegalArgumentException(Errors.argument(
                    table.text("embeddingBag"), callSite, "the mode", "sum, as there are weights", mode));
        }
    }

    /** This layer with the sums of vectors. */
    public EmbeddingBag sum() {
        return new EmbeddingBag(table, Mode.SUM, factors, named, callSite);
    }

    /** This layer with the means of vectors, as it is at first. */
    public EmbeddingBag mean() {
        return new EmbeddingBag(table, Mode.MEAN, factors, named, callSite);
    }

    /** This layer with the largest elements of vectors. */
    public EmbeddingBag max() {
        return new EmbeddingBag(table, Mode.MAX, factors, named, callSite);
    }

    /**
     * This layer with vectors multiplied by a value before they are added up; for sums only.
     *
     * @param value the name of the value in the scope, a number for each id
     */
    public EmbeddingBag weights(String value) {
        String checked = Arguments.requireValueName(this, callSite, "the name of the weights", value);
        return new EmbeddingBag(table, mode, checked, named, callSite);
    }

    /** This layer with an id that does not count; its vector has no gradient. A negative one counts from the end. */
    public EmbeddingBag paddingIndex(int id) {
        return new EmbeddingBag(table.withPadding(this, callSite, id), mode, factors, named, callSite);
    }

    /** This layer with other first values of its vectors, that of the padding index aside, which is 0. */
    public EmbeddingBag weightInit(Initializer initializer) {
        return new EmbeddingBag(table.withInit(this, callSite, initializer), mode, factors, named, callSite);
    }

    /** This layer with vectors that are saved but not trained, or are. */
    public EmbeddingBag frozen(boolean whether) {
        return new EmbeddingBag(table.withFrozen(whether), mode, factors, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public EmbeddingBag named(String name) {
        return new EmbeddingBag(table, mode, factors, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, ids -> make(own, ids));
    }

    private Expr make(Scope scope, Expr ids) {
        if (ids.shape().rank() != 2) {
            throw new ShapeException(Errors.notBags(ids.shape()));
        }
        int n = ids.shape().dim(0);
        int length = ids.shape().dim(1);
        Expr vectors = table.rows(scope, ids).reshape(n, length, table.width());
        if (!factors.isEmpty()) {
            vectors = vectors.mul(weights(scope, ids).reshape(n, length, 1));
        }
        if (table.padding() == EmbeddingTable.NONE) {
            return switch (mode) {
                case MEAN -> vectors.mean(1);
                case SUM -> vectors.sum(1);
                case MAX -> vectors.maxOver(1);
            };
        }
        Expr counts = ids.ne(table.padding()).reshape(n, length, 1);
        Expr zero = Expr.constant(0);
        Expr sum = counts.where(vectors, zero).sum(1);
        Expr count = counts.sum(1);
        return switch (mode) {
            case MEAN -> sum.div(count.max(1));
            case SUM -> sum;
            case MAX ->
                count.gt(0)
                        .where(
                                counts.where(vectors, Expr.constant(-Float.MAX_VALUE))
                                        .maxOver(1),
                                zero);
        };
    }

    private Expr weights(Scope scope, Expr ids) {
        Expr value = scope.value(factors);
        if (value.dtype() != DType.FLOAT || !value.shape().equals(ids.shape())) {
            throw new ShapeException(Errors.bagWeights(factors, value, ids.shape()));
        }
        return value;
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return table.text("embeddingBag")
                + switch (mode) {
                    case MEAN -> "";
                    case SUM -> ".sum()";
                    case MAX -> ".max()";
                }
                + Text.quoted("weights", factors)
                + Text.named(named);
    }
}
