package dev.fluxion.examples;

import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static dev.fluxion.dsl.layer.Layers.positionalEncoding;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;

import dev.fluxion.Input;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Expr;

/** What reads a text: the ids of its words, N×T with 0 behind the end, become a logit for each class. */
enum TextNet {
    /** The text is read forwards and backwards; what is left at both ends decides. */
    LSTM {
        @Override
        Seq layers(int words, int width, int classes) {
            return Seq.of(
                    layer("lengths()", (scope, ids) -> ids.ne(0).sum(1).toInt()),
                    as("lengths"),
                    input(IDS),
                    embedding(words, width).named("words"),
                    lstm(width, width).bidirectional().lengths("lengths").last(),
                    linear(2 * width, classes));
        }
    },
    /** Each word looks at all others; the mean of what they make of that decides. */
    ATTENTION {
        @Override
        Seq layers(int words, int width, int classes) {
            return Seq.of(
                    layer("isPadding()", (scope, ids) -> ids.eq(0).toInt()),
                    as("padding"),
                    input(IDS),
                    embedding(words, width).named("words"),
                    positionalEncoding(),
                    transformerEncoderLayer(width, 4)
                            .feedForward(2 * width)
                            .dropout(0)
                            .keyPaddingMask("padding"),
                    layer("meanOfWords()", (scope, x) -> {
                        Expr there = scope.value(IDS).ne(0);
                        Expr sum = x.mul(there.reshape(x.shape().with(2, 1))).sum(1);
                        return sum.div(there.sum(1).reshape(x.shape().dim(0), 1));
                    }),
                    linear(width, classes));
        }
    };

    /** The name of the model's input. */
    static final String IDS = "ids";

    abstract Seq layers(int words, int width, int classes);

    /**
     * A model of texts.
     *
     * @param words the size of the vocabulary
     * @param longest how many words of a text are read at most
     */
    Model model(int words, int longest, int width, int classes) {
        return Model.of(layers(words, width, classes), Input.ints(IDS, longest).varies(0, "T"));
    }
}
