package dev.fluxion.serving.grpc;

import io.grpc.Status;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.concurrent.TimeUnit;

/** A connection that is one too many: its calls end as {@code UNAVAILABLE}, and it is closed after {@link #SECONDS}. */
@SuppressWarnings("FutureReturnValueIgnored") // of answers and closes that nobody waits for
final class Surplus extends SimpleChannelInboundHandler<Http2HeadersFrame> {
    /** A call has so long to come. A client that is told before it has asked would connect again, and again. */
    private static final int SECONDS = 1;

    /** Answers so on a connection. */
    static void answer(ChannelPipeline pipeline, GrpcLimits limits) {
        Http2Settings settings = Http2Settings.defaultSettings()
                .maxConcurrentStreams(limits.calls())
                .maxHeaderListSize(limits.header());
        pipeline.addLast(Http2FrameCodecBuilder.forServer()
                        .initialSettings(settings)
                        .gracefulShutdownTimeoutMillis(0)
                        .build())
                .addLast(new Surplus());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.executor().schedule(() -> context.close(), SECONDS, TimeUnit.SECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Http2HeadersFrame call) {
        DefaultHttp2Headers end = new DefaultHttp2Headers();
        end.status("200").set("content-type", "application/grpc");
        end.set("grpc-status", Integer.toString(Status.Code.UNAVAILABLE.value()));
        end.set("grpc-message", Errors.manyConnections());
        context.write(new DefaultHttp2HeadersFrame(end, true).stream(call.stream()));
        if (!call.isEndStream()) {
            context.write(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR).stream(call.stream()));
        }
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
