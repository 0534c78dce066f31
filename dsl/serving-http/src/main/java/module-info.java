/** Models in a service, asked over HTTP with the Open Inference Protocol. */
module dev.fluxion.serving.http {
    requires transitive dev.fluxion.serving;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires org.slf4j;
    requires tools.jackson.core;

    exports dev.fluxion.serving.http;
}
