package dev.fluxion.examples;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Session;
import dev.fluxion.ir.Shape;
import java.util.Arrays;

/**
 * A text that grows. The session keeps keys and values of what is behind, so that a character costs one position; where it is as long as
 * the model looks back, it begins anew with the second half.
 */
final class CharacterStream implements AutoCloseable {
    private final Session session;
    private final int[] seen;
    private int length;
    private float[] logits;

    CharacterStream(Session session, int context, int... start) {
        this.session = session;
        this.seen = new int[context];
        int[] last = Arrays.copyOfRange(start, Math.max(0, start.length - context / 2), start.length);
        this.logits = predict(last);
    }

    /** The logits of the next character. */
    float[] logits() {
        return logits;
    }

    void append(int character) {
        if (length == seen.length) {
            int[] half = Arrays.copyOfRange(seen, length / 2, length);
            session.reset();
            length = 0;
            predict(half);
        }
        logits = predict(character);
    }

    private float[] predict(int... characters) {
        System.arraycopy(characters, 0, seen, length, characters.length);
        length += characters.length;
        float[] all = session.predict(Tensor.of(characters, Shape.of(1, characters.length)))
                .floats();
        return Arrays.copyOfRange(all, all.length - all.length / characters.length, all.length);
    }

    @Override
    public void close() {
        session.close();
    }
}
