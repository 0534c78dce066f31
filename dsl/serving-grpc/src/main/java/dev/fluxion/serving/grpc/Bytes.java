package dev.fluxion.serving.grpc;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Messages as bytes. Those of a request are read when it is answered, where what is wrong has an answer. */
final class Bytes implements MethodDescriptor.Marshaller<Bytes.Message> {
    static final Bytes MARSHALLER = new Bytes();

    private Bytes() {}

    /** A message. */
    interface Message {
        /** Its bytes, or why they could not be read. */
        byte[] get();
    }

    @Override
    public InputStream stream(Message message) {
        return new Known(message.get());
    }

    @Override
    public Message parse(InputStream stream) {
        try {
            byte[] bytes = stream.readAllBytes();
            return () -> bytes;
        } catch (StatusRuntimeException e) {
            return () -> {
                throw e; // unfolded, it is too long
            };
        } catch (IOException e) {
            return () -> {
                throw Errors.badFolding();
            };
        }
    }

    /** Bytes whose number is known, so that they are not copied to be counted. */
    private static final class Known extends ByteArrayInputStream implements KnownLength {
        Known(byte[] bytes) {
            super(bytes);
        }
    }
}
