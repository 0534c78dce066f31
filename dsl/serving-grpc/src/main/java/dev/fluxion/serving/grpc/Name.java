package dev.fluxion.serving.grpc;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A model that is asked for.
 *
 * @param name what it is called
 * @param version its version; null for the one that is served
 */
record Name(String name, @Nullable String version) {
    /** Reads both from a message that has them in these fields. */
    static Name read(ByteBuffer message, int nameField, int versionField) {
        WireReader in = new WireReader(message);
        String name = "";
        String version = "";
        while (in.next()) {
            if (in.field() == nameField) {
                name = in.text();
            } else if (in.field() == versionField) {
                version = in.text();
            } else {
                in.skip();
            }
        }
        return new Name(name, version.isEmpty() ? null : version);
    }
}
