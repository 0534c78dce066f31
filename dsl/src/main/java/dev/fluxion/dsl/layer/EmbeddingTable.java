package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A table of vectors for the ids of a vocabulary.
 *
 * @param vocabulary the number of ids, from 0
 * @param width the extent of a vector
 * @param padding the id that stands for nothing, {@link #NONE} if there is none
 * @param first the first values; null for normally distributed ones
 * @param given the vectors that were given, null if none were
 * @param frozen whether they are saved but not trained
 */
public record EmbeddingTable(
        int vocabulary,
        int width,
        int padding,
        @Nullable Initializer first,
        @Nullable Tensor given,
        boolean frozen) {
    static final int NONE = -1;

    /** A table of vectors that are drawn. */
    static EmbeddingTable of(int vocabulary, int width) {
        return new EmbeddingTable(vocabulary, width, NONE, null, null, false);
    }

    /** A table of given vectors, copied. */
    static EmbeddingTable of(String layer, CallSite callSite, Tensor vectors) {
        String text = Text.place(layer + "(Tensor)", callSite);
        Shape shape = Given.require(text, "the vectors", vectors).shape();
        if (shape.rank() != 2 || vectors.dtype() != DType.FLOAT) {
            throw new IllegalArgumentException(Errors.notATable(text, vectors));
        }
        Tensor copy = Tensor.of(vectors.floats().clone(), shape);
        for (int i = 0; i < copy.size(); i++) {
            if (!Float.isFinite(copy.floats()[i])) {
                throw new IllegalArgumentException(Errors.argument(
                        layer + "(Tensor)",
                        callSite,
                        "the vector of id " + i / shape.dim(1),
                        "finite",
                        copy.floats()[i]));
            }
        }
        return new EmbeddingTable(shape.dim(0), shape.dim(1), NONE, null, copy, false);
    }

    void check(String layer, CallSite callSite) {
        String text = head(layer);
        Arguments.requireAtLeast(text, callSite, "vocabulary", 1, vocabulary);
        Arguments.requireAtLeast(text, callSite, "width", 1, width);
    }

    EmbeddingTable withPadding(Object layer, CallSite callSite, int id) {
        if (id < -vocabulary || id >= vocabulary) {
            throw new IllegalArgumentException(Errors.argument(
                    layer, callSite, "paddingIndex", "in [" + -vocabulary + ", " + vocabulary + ")", id));
        }
        return new EmbeddingTable(vocabulary, width, Math.floorMod(id, vocabulary), first, given, frozen);
    }

    EmbeddingTable withInit(Object layer, CallSite callSite, Initializer initializer) {
        Arguments.requireInit(layer, callSite, "weightInit", initializer);
        return new EmbeddingTable(vocabulary, width, padding, initializer, null, frozen);
    }

    EmbeddingTable withFrozen(boolean whether) {
        return new EmbeddingTable(vocabulary, width, padding, first, given, whether);
    }

    /** The vectors of ids, one row for each. */
    Expr rows(Scope scope, Expr ids) {
        if (ids.dtype() != DType.INT) {
            throw new ShapeException(Errors.notIds(ids.shape()));
        }
        Shape shape = Shape.of(vocabulary, width);
        Expr table = frozen ? scope.buffer("weight", shape, this::fill) : scope.parameter("weight", shape, this::fill);
        Expr known = ids.require(within(ids), "each id must be in [0, " + vocabulary + ")");
        Shape rows = Shape.of(ids.shape().size(), width);
        Expr index = known.reshape(ids.shape().size(), 1).broadcastTo(rows);
        Expr vectors = table.gather(0, index);
        return padding == NONE ? vectors : index.eq(padding).where(vectors.stopGradient(), vectors);
    }

    private Expr within(Expr ids) {
        Expr no = Expr.constant(0);
        return ids.ge(0).where(ids.lt(vocabulary), no);
    }

    private void fill(float[] values, Shape shape, RandomGenerator random) {
        if (given != null) {
            System.arraycopy(given.floats(), 0, values, 0, values.length);
            return;
        }
        (first == null ? Initializers.normal(0, 1) : first).fill(values, shape, random);
        if (padding != NONE) {
            Arrays.fill(values, padding * width, (padding + 1) * width, 0);
        }
    }

    private String head(String layer) {
        return Text.call(layer, vocabulary, width);
    }

    /** The layer as the user wrote it. */
    String text(String layer) {
        return (given == null ? head(layer) : layer + "(Tensor " + vocabulary + "×" + width + ")")
                + (padding == NONE ? "" : "." + Text.call("paddingIndex", padding))
                + (first == null ? "" : ".weightInit(" + Text.of(first) + ")")
                + (frozen ? ".frozen(true)" : "");
    }
}
