/** Models in a service, asked over gRPC with the Open Inference Protocol. */
@SuppressWarnings("requires-automatic")
module dev.fluxion.serving.grpc {
    requires transitive dev.fluxion.serving;
    requires io.grpc;
    requires io.grpc.netty;
    requires io.netty.codec.http2;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires java.logging;
    requires org.slf4j;

    exports dev.fluxion.serving.grpc;
}
