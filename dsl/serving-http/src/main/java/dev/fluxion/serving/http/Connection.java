package dev.fluxion.serving.http;

import dev.fluxion.serving.protocol.Budget;
import dev.fluxion.serving.protocol.Fault;
import dev.fluxion.serving.protocol.Rush;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: reads requests, has them answered at the same time, and writes the answers in order. */
@SuppressWarnings("FutureReturnValueIgnored") // of writes and closes that nobody waits for
final class Connection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    /** How often times are looked at: so often within the shortest one. */
    private static final int LOOKS = 4;

    private static final long LEAST_LOOK = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LINGER_MILLIS = 500;

    private final Endpoints endpoints;
    private final HttpLimits limits;
    private final Budget budget;
    private final Metrics metrics;
    private final BooleanSupplier draining;
    private final Rush rush;
    /** There are more connections than the server takes: it answers whether it is alive and ready, and closes. */
    private final boolean surplus;

    private final Paths paths = new Paths();
    private final RequestReader reader = new RequestReader();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private @Nullable Incoming incoming;
    private @Nullable Future<?> timer;
    /** Nothing more is read. */
    private boolean over;
    /** When a request ended last, or an answer began or ended. */
    private long active = System.nanoTime();

    /** Answers that are written but not sent. */
    private int writes;

    private final ChannelFutureListener sent = done -> {
        writes--;
        active = System.nanoTime();
        readMore(done.channel());
    };
    /** The client waits to be told to send the body. */
    private boolean owesGoOn;

    Connection(
            Endpoints endpoints,
            HttpLimits limits,
            Budget budget,
            Metrics metrics,
            BooleanSupplier draining,
            Rush rush,
            boolean surplus) {
        this.endpoints = endpoints;
        this.limits = limits;
        this.budget = budget;
        this.metrics = metrics;
        this.draining = draining;
        this.rush = rush;
        this.surplus = surplus;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        long shortest = Math.min(limits.request().toNanos(), limits.idle().toNanos());
        long look = Math.max(LEAST_LOOK, shortest / LOOKS);
        timer = ctx.executor().scheduleWithFixedDelay(() -> look(ctx), look, look, TimeUnit.NANOSECONDS);
        ctx.fireChannelActive();
    }

    private void look(ChannelHandlerContext ctx) {
        long now = System.nanoTime();
        if (incoming != null && now - incoming.begun() > limits.request().toNanos()) {
            refuse(ctx, Errors.slow(limits.request()).reply());
        } else if (writes > 0 && now - active > limits.request().toNanos()
                || isIdle() && now - active > limits.idle().toNanos()) {
            ctx.close();
        }
    }

    private boolean isAnswered() {
        return incoming == null && pending.isEmpty();
    }

    private boolean isIdle() {
        return isAnswered() && writes == 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (!over && message instanceof HttpRequest head) {
                begin(ctx, head);
            }
            if (!over && message instanceof HttpContent part) {
                add(ctx, part);
            }
        } catch (HttpFault | Fault fault) {
            refuse(ctx, Failure.of(fault));
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest head) {
        incoming = new Incoming(head, limits.body(), budget, System.nanoTime());
        Heads.require(head, limits.body());
        if (surplus && !Endpoints.isHealth(paths.parts(head.uri()))) {
            throw Errors.manyConnections();
        }
        if (endpoints.hasToken() && Heads.hasBody(head)) {
            endpoints.requireToken(paths.parts(head.uri()), head.headers().get(HttpHeaderNames.AUTHORIZATION));
        }
        owesGoOn = Heads.waitsForGoOn(head);
        goOn(ctx);
    }

    /** Tells a client who waits for it to send the body, after the answers to what was asked before. */
    private void goOn(ChannelHandlerContext ctx) {
        if (owesGoOn && pending.isEmpty()) {
            owesGoOn = false;
            ctx.writeAndFlush(AnswerBytes.goOn(ctx.alloc()));
        }
    }

    private void add(ChannelHandlerContext ctx, HttpContent part) {
        Incoming request = incoming;
        if (request == null) {
            return;
        }
        Throwable failure = part.decoderResult().cause();
        if (failure != null) {
            throw failure instanceof TooLongHttpLineException ? Errors.longChunkLine() : Heads.fault(failure);
        }
        owesGoOn = false;
        boolean last = part instanceof LastHttpContent;
        request.add(part.content(), last, ctx.alloc());
        if (last) {
            incoming = null;
            active = System.nanoTime();
            answer(ctx, request);
        }
    }

    /** Asks when all that has come by now is read, so that the batcher gets requests that came together together. */
    private void answer(ChannelHandlerContext ctx, Incoming request) {
        Pending waiting = new Pending(request, active, HttpUtil.isKeepAlive(request.head()) && !surplus);
        pending.add(waiting);
        readMore(ctx.channel());
        rush.add(() -> ask(ctx, request, waiting));
    }

    private void ask(ChannelHandlerContext ctx, Incoming request, Pending waiting) {
        try {
            if (waiting.isWanted()) {
                Later<?> later = ask(request);
                waiting.waitsFor(later.work());
                later.in(ctx.executor(), reply -> answered(ctx, waiting, reply));
            }
        } catch (RuntimeException | Error e) {
            exceptionCaught(ctx, e);
        } finally {
            request.release();
        }
    }

    private Later<?> ask(Incoming request) {
        HttpRequest head = request.head();
        try {
            HttpMethod method = head.method().equals(HttpMethod.HEAD) ? HttpMethod.GET : head.method();
            return endpoints.answer(new Ask(
                    method.name(), paths.parts(head.uri()), head.headers(), request.body(), reader, rush.burst()));
        } catch (RuntimeException | Error e) {
            return Later.failed(e);
        }
    }

    private void answered(ChannelHandlerContext ctx, Pending waiting, Supplier<Reply> reply) {
        if (waiting.isWanted()) {
            waiting.answer(reply.get());
            try {
                write(ctx);
            } catch (RuntimeException | Error e) {
                exceptionCaught(ctx, e); // the client would wait for ever
            }
        }
    }

    /** Answers with an error, and reads nothing more, since it is not known where the next request begins. */
    private void refuse(ChannelHandlerContext ctx, Reply error) {
        Incoming request = incoming;
        if (request == null) {
            return;
        }
        incoming = null;
        over = true;
        request.release();
        Pending refused = new Pending(request, request.begun(), false);
        refused.answer(error);
        pending.add(refused);
        write(ctx);
    }

    private void write(ChannelHandlerContext ctx) {
        boolean wrote = false;
        for (Pending first = pending.peek(); first != null && first.isAnswered(); first = pending.peek()) {
            pending.remove();
            boolean stays = first.goesOn() && !(draining.getAsBoolean() && isAnswered());
            var written = ctx.write(first.response(ctx.alloc(), stays, metrics));
            wrote = true;
            writes++;
            written.addListener(sent);
            if (!stays) {
                over = true;
                abandon();
                written.addListener((ChannelFutureListener) done -> bye(ctx));
            }
        }
        if (wrote) {
            active = System.nanoTime();
            ctx.flush();
            readMore(ctx.channel());
            goOn(ctx);
        }
    }

    /** Reads while there are not too many requests that are not answered, or answers that the client does not fetch. */
    private void readMore(Channel channel) {
        channel.config().setAutoRead(pending.size() + writes < limits.pipeline());
    }

    private void abandon() {
        pending.forEach(Pending::abandon);
        pending.clear();
        if (incoming != null) {
            incoming.release();
            incoming.giveBack();
            incoming = null;
        }
    }

    /** Closes when the client has had time to read the answer: it would get a reset if it were still writing. */
    private static void bye(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof DuplexChannel duplex && ctx.pipeline().get("tls") == null) {
            duplex.shutdownOutput();
            ctx.executor().schedule(() -> ctx.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            ctx.close();
        }
    }

    /** The server is closing. A request that is on its way then would be lost if the connection were closed at once. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == RunningServer.DRAIN && isAnswered()) {
            ctx.executor().schedule(() -> closeIfAnswered(ctx), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        }
        ctx.fireUserEventTriggered(event);
    }

    private void closeIfAnswered(ChannelHandlerContext ctx) {
        if (isAnswered()) {
            over = true;
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE); // after all answers
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        over = true;
        if (timer != null) {
            timer.cancel(false);
        }
        abandon();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug(Errors.connectionFailed(), cause);
        ctx.close();
    }
}
