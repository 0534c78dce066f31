package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;

/**
 * Adds to each position of sequences N×T×E a row that tells where it is: sines and cosines of t·10000^(−2i/E) at elements 2i and
 * 2i + 1 of position t (Vaswani et al., "Attention is all you need", 2017), or with {@link #learned} a row of a parameter
 * {@code weight}.
 *
 * @param rows the number of positions that there are learned rows for; 0 for sines and cosines
 * @param weightInit the first values of the rows
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record PositionalEncoding(int rows, Initializer weightInit, String named, CallSite callSite)
        implements NamedLayer {
    private static final String NAME = "positionalEncoding()";
    private static final Initializer NORMAL = Initializers.normal(0, 1);

    /** Checks the number of rows. */
    public PositionalEncoding {
        Arguments.requireIdentity(NAME, named, callSite);
        Arguments.requireAtLeast(NAME, callSite, "the number of learned rows", 0, rows);
        Arguments.requireInit(NAME, callSite, "weightInit", weightInit);
    }

    static PositionalEncoding of(CallSite callSite) {
        return new PositionalEncoding(0, NORMAL, "", callSite);
    }

    /** A layer that learns a row for each of the first positions, so many as sequences may be long; they are normal at first. */
    public PositionalEncoding learned(int length) {
        Arguments.requireAtLeast(NAME, callSite, "the number of learned rows", 1, length);
        return new PositionalEncoding(length, weightInit, named, callSite);
    }

    /** This layer with other first values of its learned rows. */
    public PositionalEncoding weightInit(Initializer initializer) {
        return new PositionalEncoding(rows, initializer, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public PositionalEncoding named(String name) {
        return new PositionalEncoding(rows, weightInit, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        if (x.shape().rank() != 3) {
            throw new ShapeException(Errors.notSequences(x.shape()));
        }
        int length = x.shape().dim(1);
        int width = x.shape().dim(2);
        if (rows == 0) {
            return x.add(Positions.rows(scope, x, n -> Positions.sinusoidal(n, width)));
        }
        if (length > rows) {
            throw new ShapeException(Errors.tooLong(rows, x.shape()));
        }
        Expr weight = scope.parameter("weight", Shape.of(rows, width), weightInit);
        return x.add(Positions.rows(scope, x, n -> weight.slice(0, 0, n)));
    }

    private String hint(Shape input) {
        return rows > 0 && input.rank() == 3
                ? Errors.didYouMean(new PositionalEncoding(input.dim(1), weightInit, named, callSite))
                : "";
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return NAME
                + (rows == 0 ? "" : ".learned(" + rows + ")")
                + Text.option("weightInit", weightInit, NORMAL)
                + Text.named(named);
    }
}
