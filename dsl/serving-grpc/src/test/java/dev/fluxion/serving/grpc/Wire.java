package dev.fluxion.serving.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.UnaryOperator;

/** A client that sends bytes. */
final class Wire implements AutoCloseable {
    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;

    private Wire(ManagedChannel channel) {
        this.channel = channel;
    }

    static Wire to(RunningGrpcServer server) {
        return to(server, builder -> builder.usePlaintext());
    }

    static Wire to(RunningGrpcServer server, UnaryOperator<NettyChannelBuilder> options) {
        return new Wire(options.apply(NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", server.port())))
                .build());
    }

    /** What came: a status, and a message if it is OK. */
    record Got(Status status, byte[] message) {
        Status.Code code() {
            return status.getCode();
        }

        String text() {
            return String.valueOf(status.getDescription());
        }
    }

    /** An answer that comes, and how to do without. */
    record Coming(CompletableFuture<Got> answer, ClientCall<byte[], byte[]> call) {
        Got get() {
            return answer.join();
        }
    }

    Coming send(String method, byte[] message, CallOptions options, Metadata headers, boolean gzip) {
        ClientCall<byte[], byte[]> call = channel.newCall(descriptor(method), options);
        CompletableFuture<Got> answer = new CompletableFuture<>();
        call.start(
                new ClientCall.Listener<>() {
                    private byte[] got = {};

                    @Override
                    public void onMessage(byte[] reply) {
                        got = reply;
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        answer.complete(new Got(status, got));
                    }
                },
                headers);
        call.request(2);
        call.setMessageCompression(gzip);
        call.sendMessage(message);
        call.halfClose();
        return new Coming(answer, call);
    }

    Coming send(String method, byte[] message) {
        return send(method, message, CallOptions.DEFAULT, new Metadata(), false);
    }

    Got ask(String method, byte[] message) {
        return send(method, message).get();
    }

    /** What comes of several requests in one stream: the answers, and how it ends. */
    record Streamed(List<byte[]> answers, Status status) {}

    /** Sends requests in a stream; answers are taken as fast as they come. */
    Streamed stream(List<byte[]> messages) {
        Open stream = open();
        messages.forEach(stream.call()::sendMessage);
        stream.call().halfClose();
        return stream.end().join();
    }

    /** A stream, what has come of it, and how it ends. */
    record Open(ClientCall<byte[], byte[]> call, BlockingQueue<byte[]> answers, CompletableFuture<Streamed> end) {}

    /** Opens a stream. */
    Open open() {
        ClientCall<byte[], byte[]> call = channel.newCall(descriptor("ModelStreamInfer"), CallOptions.DEFAULT);
        BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
        CompletableFuture<Streamed> end = new CompletableFuture<>();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(byte[] reply) {
                        answers.add(reply);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(new Streamed(List.copyOf(answers), status));
                    }
                },
                new Metadata());
        call.request(Integer.MAX_VALUE);
        return new Open(call, answers, end);
    }

    /** An answer within a stream: its error, or an answer that is OK. */
    static Got unwrapped(byte[] message) {
        String error = "";
        byte[] answer = {};
        WireReader in = new WireReader(ByteBuffer.wrap(message));
        while (in.next()) {
            if (in.field() == 1) {
                error = in.text();
            } else {
                ByteBuffer inner = in.bytes();
                answer = new byte[inner.remaining()];
                inner.get(answer);
            }
        }
        return new Got(error.isEmpty() ? Status.OK : Status.UNKNOWN.withDescription(error), answer);
    }

    private static MethodDescriptor<byte[], byte[]> descriptor(String method) {
        String path = method.contains("/") ? method : "inference.GRPCInferenceService/" + method;
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNKNOWN)
                .setFullMethodName(path)
                .setRequestMarshaller(new Plain())
                .setResponseMarshaller(new Plain())
                .build();
    }

    private static final class Plain implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A request of {@code twice} for as many samples as the numbers make, raw. */
    static byte[] twice(float... numbers) {
        return WireWriter.write(out -> {
            out.text(1, "twice");
            out.message(5, input -> {
                input.text(1, "input");
                input.text(2, "FP32");
                input.integers(3, new int[] {numbers.length / 8, 8});
            });
            out.floats(7, numbers);
        });
    }

    /** The numbers of the only raw output. */
    static float[] floats(Got got) {
        if (!got.status().isOk()) {
            throw new AssertionError(got.status());
        }
        float[] found = {};
        WireReader in = new WireReader(ByteBuffer.wrap(got.message()));
        while (in.next()) {
            if (in.field() == 6) {
                FloatBuffer numbers = in.bytes().asFloatBuffer();
                found = new float[numbers.remaining()];
                numbers.get(found);
            } else {
                in.skip();
            }
        }
        return found;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
