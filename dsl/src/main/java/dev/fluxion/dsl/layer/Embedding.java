package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import java.util.Arrays;

/**
 * A table of vectors, one for each id of a vocabulary: integers N×… become N×…×width. An id outside of the vocabulary is a
 * {@link dev.fluxion.ir.ValueException} before anything changes. Parameter: {@code weight} of shape vocabulary×width, first normally
 * distributed with deviation 1, as PyTorch's.
 *
 * <p>Gradient descent without momentum and decay changes the vectors of a batch's ids alone, so that a step costs as much whatever the
 * vocabulary; other optimizers change all vectors.
 *
 * @param table the vocabulary, its vectors and how they are trained
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Embedding(EmbeddingTable table, String named, CallSite callSite) implements NamedLayer {
    /** Checks the table. */
    public Embedding {
        Arguments.requireIdentity("embedding", named, callSite);
        Given.require(Text.place("embedding", callSite), "the table", table).check("embedding", callSite);
    }

    /**
     * This layer with an id that stands for nothing: its vector is first 0 and has no gradient. A negative one counts from the end
     * of the vocabulary.
     */
    public Embedding paddingIndex(int id) {
        return new Embedding(table.withPadding(this, callSite, id), named, callSite);
    }

    /** This layer with other first values of its vectors, that of the padding index aside, which is 0. */
    public Embedding weightInit(Initializer initializer) {
        return new Embedding(table.withInit(this, callSite, initializer), named, callSite);
    }

    /** This layer with vectors that are saved but not trained, or are. */
    public Embedding frozen(boolean whether) {
        return new Embedding(table.withFrozen(whether), named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Embedding named(String name) {
        return new Embedding(table, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, ids -> make(own, ids));
    }

    private Expr make(Scope scope, Expr ids) {
        int[] dims = Arrays.copyOf(ids.shape().dims(), ids.shape().rank() + 1);
        dims[dims.length - 1] = table.width();
        return table.rows(scope, ids).reshape(Shape.of(dims));
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return table.text("embedding") + Text.named(named);
    }
}
